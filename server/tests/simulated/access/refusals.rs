//! Rejected actions: invalid, forbidden, or with the wrong method. The engine is not called.

use crate::{
    api::actions::{ACTIONS, boat, is},
    support::{HttpResponse, Quay, delete, get, one_in, post, quay, request, send},
};
use app::model::ContainerState;
use bytes::Bytes;
use http_body_util::Full;
use hyper::Method;
use simulator::Endpoint;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invalid_removal_removes_nothing() {
    let (quay, _, id) = boat().await;
    for query in ["force=perhaps", "force=", "force=true&force=false", "force=true&volumes=2", "force=%ff"] {
        delete(quay.server.address, &format!("/api/containers/{id}?{query}")).await.problem(400, "malformed");
    }
    assert_eq!(quay.simulator.calls().count(Endpoint::Remove), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invalid_body_does_nothing() {
    let (quay, _, id) = boat().await;
    let bodies = [
        "{",
        "null",
        "[]x",
        r#""SIGKILL""#,
        r#"{"signal": 9}"#,
        r#"{"signal": "SIGKILL; reboot"}"#,
        r#"{"signal": "KILL&signal=HUP"}"#,
        r#"{"signal": "SIGKILLSIGKILLSIGKILL"}"#,
        r#"{"timeoutSeconds": -1}"#,
        r#"{"timeoutSeconds": 1.5}"#,
        r#"{"timeoutSeconds": 4294967296}"#,
        r#"{"timeoutSeconds": "1"}"#,
        "\u{feff}{}",
        "\0",
    ];
    for body in bodies {
        let response = post(quay.server.address, &format!("/api/containers/{id}/kill"), body).await;
        response.problem(400, "malformed");
    }
    let large = format!(r#"{{"signal": "{}"}}"#, "x".repeat(3 << 20));
    post(quay.server.address, &format!("/api/containers/{id}/kill"), &large).await.problem(413, "malformed");
    assert_eq!(quay.simulator.calls().count(Endpoint::Kill), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_signal_is_a_400() {
    let (quay, _, id) = boat().await;
    let response = post(quay.server.address, &format!("/api/containers/{id}/kill"), r#"{"signal": "SIGFOO"}"#).await;
    let problem = response.problem(400, "malformed");
    assert!(problem["detail"].as_str().unwrap().contains("SIGFOO"), "{problem}");
    assert!(is(ContainerState::Running)(&quay.server.fetched().await));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invalid_id_never_reaches_the_engine() {
    let (quay, _, id) = boat().await;
    let short = id.short();
    let traversal = format!("{}%2f..%2f..%2f{id}", &id.to_string()[..32]);
    let space = format!("%20{id}");
    let long = "a".repeat(5_000);
    let hostile = [
        "boat",
        &short,
        "%2e%2e",
        "..%2f..%2fcontainers%2fprune%3f",
        &traversal,
        &space,
        &long,
        "%00",
        "%ff%fe",
        "%zz",
        "%E2%80%AE",
        "%3cscript%3e",
    ];
    let before = calls(&quay);
    for id in hostile {
        for action in ACTIONS {
            post(quay.server.address, &format!("/api/containers/{id}/{action}"), "").await.problem(400, "bad_id");
        }
        delete(quay.server.address, &format!("/api/containers/{id}?force=true")).await.problem(400, "bad_id");
    }
    assert_eq!(calls(&quay), before);
}

fn calls(quay: &Quay) -> u64 {
    let kinds =
        [Endpoint::Start, Endpoint::Stop, Endpoint::Restart, Endpoint::Pause, Endpoint::Unpause, Endpoint::Kill];
    kinds.iter().chain(&[Endpoint::Remove]).map(|kind| quay.simulator.calls().count(*kind)).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_allow_actions_the_server_is_read_only() {
    let quay = quay("quiet:8", &[]).await;
    let picture = quay.server.fetched().await;
    let (running, stopped) = (one_in(&picture, ContainerState::Running), one_in(&picture, ContainerState::Exited));
    let mut responses = Vec::new();
    for action in ACTIONS {
        responses.push(post(quay.server.address, &format!("/api/containers/{running}/{action}"), "").await);
    }
    responses.push(delete(quay.server.address, &format!("/api/containers/{stopped}")).await);
    for response in responses {
        let problem = response.problem(403, "read_only");
        assert!(problem["hint"].as_str().unwrap().contains("--allow-actions"), "{problem}");
    }
    assert_eq!(calls(&quay), 0);
    assert_eq!(quay.server.fetched().await.containers, picture.containers);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn actions_need_post_and_removals_delete() {
    let (quay, _, id) = boat().await;
    let action = format!("/api/containers/{id}/kill");
    for method in [Method::GET, Method::PUT, Method::DELETE, Method::PATCH] {
        let response = send_to(&quay, &method, &action).await;
        response.problem(405, "wrong_method");
        assert_eq!(response.header("allow"), "POST");
    }
    for method in [Method::POST, Method::PUT, Method::PATCH] {
        let response = send_to(&quay, &method, &format!("/api/containers/{id}")).await;
        response.problem(405, "wrong_method");
        assert!(
            response.header("allow").contains("GET") && response.header("allow").contains("DELETE"),
            "{response:?}"
        );
    }
    for method in [Method::GET, Method::POST, Method::DELETE] {
        for unknown in ["explode", "Kill", "kill%20", "%ff"] {
            let response = send_to(&quay, &method, &format!("/api/containers/{id}/{unknown}")).await;
            assert!([400, 404].contains(&response.status.as_u16()), "{method} {unknown}: {response:?}");
            assert_eq!(response.header("content-type"), "application/problem+json");
        }
    }
    get(quay.server.address, &action).await.problem(405, "wrong_method");
    assert!(is(ContainerState::Running)(&quay.server.fetched().await));
}

async fn send_to(quay: &Quay, method: &Method, path: &str) -> HttpResponse {
    let address = quay.server.address;
    send(address, request(address, method.clone(), path).body(Full::<Bytes>::default()).unwrap()).await
}
