//! Limits per client, for shared resources and for single requests.

use super::sign_in::{account, guarded, session};
use crate::support::{eventually, get, http, idler, quay, request};
use bytes::Bytes;
use http_body_util::Full;
use hyper::{Method, Response, body::Incoming};
use server::auth::Role;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn log_readers_are_limited_per_user() {
    let users = [account("ada", Role::Viewer, &[]), account("bob", Role::Viewer, &[])];
    let (quay, _file, _folder) = guarded("quiet:1", &users).await;
    let address = quay.server.address;
    let (ada, bob) = (session(&quay.server, "ada").await, session(&quay.server, "bob").await);
    let id = quay.simulator.act(|engine, now| {
        let id = engine.create(idler("talker"), now).unwrap().to_string();
        engine.start("talker", now).unwrap();
        id
    });
    let open = async |cookie: &str| -> Response<Incoming> {
        let path = format!("/api/containers/{id}/logs/stream?tail=1");
        let built_request = request(address, Method::GET, &path).header("cookie", cookie);
        http::open(address, built_request.body(Full::<Bytes>::default()).unwrap()).await
    };
    eventually("it is known", async || open(&bob).await.status() == 200).await;
    let mut reading = Vec::new();
    for number in 0..96 {
        let response = open(&ada).await;
        assert_eq!(response.status(), 200, "{number}");
        reading.push(response);
    }
    assert_eq!(open(&ada).await.status(), 429);
    assert_eq!(open(&bob).await.status(), 200);
    reading.clear();
    eventually("a stream is available again", async || open(&ada).await.status() == 200).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn searches_and_paths_are_limited() {
    let quay = quay("quiet:3", &[]).await;
    let address = quay.server.address;
    let long = get(address, &format!("/api/containers?q={}", "x".repeat(20_000))).await;
    assert!(long.problem(414, "address_too_long")["detail"].as_str().unwrap().contains("16384"));
    let words = get(address, &format!("/containers?q={}", "a+".repeat(5_000))).await;
    words.problem(400, "bad_query");
    assert_eq!(get(address, &format!("/containers?q={}", "a+".repeat(60))).await.status, 200);
}
