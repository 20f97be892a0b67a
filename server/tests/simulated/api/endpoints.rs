//! Requests other than the stream, and the format of every error.

use crate::support::{HttpResponse, TEST_TIMEOUT, TestServer, eventually, get, local, one_in, quay, request, send};
use app::{
    model::{Container, ContainerState},
    protocol::Snapshot,
};
use bytes::Bytes;
use http_body_util::Full;
use hyper::Method;
use serde_json::Value;
use simulator::DaemonState;

/// A valid id without a container.
const UNKNOWN_ID: &str = "00000000000000000000000000000000000000000000000000000000deadbeef";

async fn fetch(server: &TestServer, method: &Method, path: &str, headers: &[(&str, &str)]) -> HttpResponse {
    let mut request = request(server.address, method.clone(), path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(server.address, request.body(Full::<Bytes>::default()).unwrap()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_is_this_process_and_readiness_is_the_engine() {
    let quay = quay("quiet:3", &[]).await;
    let health: Value = get(quay.server.address, "/healthz").await.json();
    assert_eq!((&health["status"], &health["version"]), (&"ok".into(), &env!("CARGO_PKG_VERSION").into()));
    let ready: Value = get(quay.server.address, "/readyz").await.json();
    let engine = serde_json::json!({ "id": "local", "link": "up", "statsSource": "api" });
    assert_eq!(ready, serde_json::json!({ "status": "ready", "engines": [engine], "viewers": 0 }));
    let mut viewer = quay.server.viewer().await;
    viewer.next().await;
    assert_eq!(get(quay.server.address, "/readyz").await.json::<Value>()["viewers"], 1);

    quay.simulator.faults().set_daemon(DaemonState::Down).await;
    eventually("it is not ready", async || get(quay.server.address, "/readyz").await.status == 503).await;
    let lost = get(quay.server.address, "/readyz").await.problem(503, "engine_lost");
    let detail = lost["detail"].as_str().unwrap();
    // The event stream ends first; the next attempt finds no socket.
    assert!(
        ["The engine closed the connection", "There is no socket"].iter().any(|start| detail.starts_with(start)),
        "{lost}"
    );
    assert_eq!(get(quay.server.address, "/healthz").await.status, 200);

    quay.simulator.faults().set_daemon(DaemonState::Up).await;
    quay.server.until_ready().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_is_the_snapshot_that_the_stream_begins_with() {
    let quay = quay("quiet:8", &[]).await;
    let mut viewer = quay.server.viewer().await;
    viewer.next().await;
    viewer.until("numbers arrive", TEST_TIMEOUT, |picture| picture.sampled_at.is_some()).await;
    let response = get(quay.server.address, "/api/containers").await;
    assert_eq!((response.status.as_u16(), response.header("content-type")), (200, "application/json"));
    assert_eq!(response.header("cache-control"), "no-store");
    let fields: Value = response.json();
    for field in ["epoch", "revision", "serverTime", "engines", "containers", "stats", "sampledAt"] {
        assert!(!fields[field].is_null(), "{field} is missing in {fields}");
    }
    let snapshot: Snapshot = response.json();
    assert_eq!(snapshot.containers.len(), 8, "running or not");
    // Containers with processes have numbers: five running and one paused.
    assert_eq!(snapshot.stats.len(), 6);
    viewer.assert_true(&quay.server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_ignores_the_query() {
    let quay = quay("quiet:8", &[]).await;
    for query in ["?", "?state=running", "?stats=maybe", "?%ff=%zz", "?a&a=1&&=", "?lastEventId=garbage"] {
        let snapshot: Snapshot = get(quay.server.address, &format!("/api/containers{query}")).await.json();
        assert_eq!(snapshot.containers.len(), 8, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_is_compressed_on_request() {
    let quay = quay("busy:40", &[]).await;
    for coding in ["br", "gzip"] {
        let response = fetch(&quay.server, &Method::GET, "/api/containers", &[("accept-encoding", coding)]).await;
        assert_eq!((response.status.as_u16(), response.header("content-encoding")), (200, coding));
        assert!(response.header("vary").contains("accept-encoding"), "{response:?}");
    }
    let response = fetch(&quay.server, &Method::HEAD, "/api/containers", &[("accept-encoding", "br")]).await;
    assert_eq!((response.status.as_u16(), response.body.len()), (200, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_container_is_found_only_by_its_full_id() {
    let quay = quay("quiet:8", &[]).await;
    let picture = quay.server.fetched().await;
    let id = one_in(&picture, ContainerState::Paused);
    for path in [format!("/api/containers/{id}"), format!("/api/containers/{}", id.to_string().to_uppercase())] {
        let response = get(quay.server.address, &path).await;
        assert_eq!((response.status.as_u16(), response.header("cache-control")), (200, "no-store"));
        assert_eq!(&response.json::<Container>(), picture.containers[&local(id)].as_ref());
    }
    let (short, prefix, name) =
        (id.short(), id.to_string()[..63].to_owned(), picture.containers[&local(id)].name.clone());
    let long = format!("{id}0");
    for wrong in
        [short.as_str(), &prefix, &name, &long, "%00", "%ff", "..%2fstream", "Stream", "%20", "g".repeat(64).as_str()]
    {
        let problem = get(quay.server.address, &format!("/api/containers/{wrong}")).await.problem(400, "bad_id");
        assert!(problem["detail"].as_str().unwrap().contains("64"), "{problem}");
    }
    get(quay.server.address, &format!("/api/containers/{UNKNOWN_ID}")).await.problem(404, "no_such_container");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_api_path_is_a_problem_and_not_a_page() {
    let quay = quay("quiet:1", &[]).await;
    let id = quay.server.fetched().await.containers.keys().next().unwrap().id;
    let below = format!("/api/containers/{id}/nothing");
    let far_below = format!("/api/containers/{id}/start/now");
    for path in
        ["/api", "/api/", "/api/nothing", "/api/containers/", "/api/containers//", &below, &far_below, "/api/%ff"]
    {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            fetch(&quay.server, &method, path, &[]).await.problem(404, "no_such_route");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unsupported_method_is_a_problem_with_the_allowed_methods() {
    let quay = quay("quiet:1", &[]).await;
    for path in ["/api/containers", "/api/containers/stream", "/healthz", "/readyz"] {
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS] {
            let response = fetch(&quay.server, &method, path, &[]).await;
            response.problem(405, "wrong_method");
            assert_eq!(response.header("allow"), "GET,HEAD", "{method} {path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn head_responds_like_get_without_the_body() {
    let quay = quay("quiet:3", &[]).await;
    let id = quay.server.fetched().await.containers.keys().next().unwrap().id;
    let one = format!("/api/containers/{id}");
    let paths = [
        "/healthz",
        "/readyz",
        "/api/containers",
        &one,
        "/api/containers/short",
        "/api/nothing",
        "/containers",
        "/nothing",
    ];
    for path in paths {
        let (get, head) = (get(quay.server.address, path).await, fetch(&quay.server, &Method::HEAD, path, &[]).await);
        assert_eq!((head.status, head.header("content-type")), (get.status, get.header("content-type")), "{path}");
        assert!(head.body.is_empty(), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_request_for_the_stream_ends_immediately() {
    let quay = quay("quiet:3", &[]).await;
    let head = fetch(&quay.server, &Method::HEAD, "/api/containers/stream", &[]).await;
    assert_eq!((head.status.as_u16(), head.header("content-type")), (200, "text/event-stream"));
    assert!(head.body.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_root_redirects_to_the_list_with_the_query() {
    let quay = quay("quiet:1", &[]).await;
    let queries = [("/", "/containers"), ("/?view=table&q=%F0%9F%9A%A2", "/containers?view=table&q=%F0%9F%9A%A2")];
    for (path, location) in queries.into_iter().chain([("/?next=//evil.example/", "/containers?next=//evil.example/")])
    {
        let response = get(quay.server.address, path).await;
        assert_eq!((response.status.as_u16(), response.header("location")), (307, location));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_root_redirects_to_the_default_view() {
    let quay = quay("quiet:1", &[]).await;
    let table = "list=cpu=host&home=/containers%3Fview%3Dtable";
    let elsewhere = "list=home=%2F%2Fevil.example%2F%3Fview%3Dtable";
    for (cookie, path, location) in [
        (table, "/", "/containers?view=table"),
        (table, "/containers", "/containers?view=table"),
        (table, "/containers?q=web", ""),
        (elsewhere, "/containers", "/containers?view=table"),
        ("list=home=/containers", "/containers", ""),
        ("theme=dark", "/containers", ""),
    ] {
        let response = fetch(&quay.server, &Method::GET, path, &[("cookie", cookie)]).await;
        assert_eq!(response.header("location"), location, "{cookie} {path}");
        assert_eq!(response.status.as_u16(), if location.is_empty() { 200 } else { 307 }, "{cookie} {path}");
    }
}
