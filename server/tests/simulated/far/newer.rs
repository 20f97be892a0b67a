//! A server of another version, with values that are unknown here.

use super::watching::{engine_name, path};
use crate::support::{TEST_TIMEOUT, TestServer, eventually, get, named, problem_code};
use app::{
    model::{ContainerState, EngineKind, EngineLink, Occurrences},
    protocol::Picture,
    samples,
};
use axum::{
    Json, Router,
    response::{IntoResponse as _, Response, sse},
    routing::get as on_get,
};
use futures::{StreamExt as _, stream};
use serde_json::{Value, json};
use server::now;
use std::{convert::Infallible, time::Duration};
use tokio::net::TcpListener;

fn events(all: Vec<(&'static str, Option<&'static str>, Value)>) -> Response {
    let event = |(name, id, data): (&'static str, Option<&'static str>, Value)| {
        let event = sse::Event::default().event(name).data(data.to_string());
        Ok::<_, Infallible>(id.map_or_else(|| event.clone(), |id| event.clone().id(id)))
    };
    let beats = stream::unfold((), |()| async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        let beat = json!({ "revision": 2, "serverTime": now() });
        Some((Ok(sse::Event::default().event("heartbeat").data(beat.to_string())), ()))
    });
    sse::Sse::new(stream::iter(all).map(event).chain(beats)).into_response()
}

/// A server of the version `version`.
async fn server(version: &'static str) -> String {
    let (mut engine, now) = (json!(samples::engine()), now());
    engine["hop"] = json!("quic");
    engine["kind"] = json!("containerd");
    let mut row = json!(samples::container(1, "web-1", ContainerState::Running));
    row["health"] = json!("flapping");
    let mut changed = row.clone();
    changed["state"] = json!("checkpointed");
    let snapshot = json!({
        "epoch": "e", "revision": 1, "serverTime": now, "engines": [engine], "containers": [row], "stats": [],
        "sampledAt": null,
    });
    let delta = json!({ "revision": 2, "serverTime": now, "upserted": [changed] });
    let frames = vec![
        ("snapshot", Some("e.1"), snapshot),
        ("weather", None, json!({ "sky": "blue" })),
        ("delta", Some("e.2"), delta),
    ];
    let event = |number: u64, kind: &str| {
        json!({
            "id": format!("{}000000-{number:08x}", now.as_millis()), "at": now, "engine": "local", "containerId": row["id"], "containerName": "web-1",
            "kind": kind, "exitCode": null, "signal": null, "detail": null, "cause": "cosmicRay",
        })
    };
    let told = vec![
        ("heartbeat", None, json!({ "serverTime": now })),
        ("event", Some("1"), event(1, "teleported")),
        ("event", Some("2"), event(2, "paused")),
    ];
    let engines = json!({ "engines": [engine] });
    let routes = Router::new()
        .route("/healthz", on_get(move || async move { Json(json!({ "status": "ok", "version": version })) }))
        .route("/api/engines", on_get(move || async move { Json(engines) }))
        .route("/api/containers/stream", on_get(move || async move { events(frames) }))
        .route("/api/events/stream", on_get(move || async move { events(told) }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    format!("http://{address}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_values_leave_the_rest_readable() {
    let hub = TestServer::start(&format!("web-3={}", server("99.0.0").await), &[]).await;
    let mut viewer = hub.viewer().await;
    let marked = |picture: &Picture| named(picture, "web-1").is_some_and(|one| one.inspect_error.is_some());
    viewer.until("the row is marked", TEST_TIMEOUT, marked).await;
    let row = named(&viewer.picture, "web-1").unwrap();
    assert_eq!((row.engine, row.state, row.health), (engine_name("web-3"), ContainerState::Running, None));
    let engine = &viewer.picture.engines[0];
    assert_eq!((engine.kind, engine.link, engine.hop), (EngineKind::Quaylight, EngineLink::Up, None));
    assert_eq!(problem_code(&viewer.picture), "");
    let found = async || get(hub.address, "/api/events").await.json::<Occurrences>().events;
    eventually("the known event is there", async || found().await.len() == 1).await;
    assert_eq!(found().await[0].kind.as_str(), "paused");
    assert!(path(&viewer.picture, "web-1").contains("web-3"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_older_server_is_named() {
    for (version, words) in [
        ("99.0.0", Some("This server runs Quaylight")),
        ("0.0.1", Some("Update web-3.")),
        (env!("CARGO_PKG_VERSION"), None),
    ] {
        let hub = TestServer::start(&format!("web-3={}", server(version).await), &[]).await;
        hub.until_ready().await;
        let engine: Value = get(hub.address, "/api/engines/web-3").await.json();
        let notice = engine["notice"].as_str();
        assert_eq!(notice.is_some(), words.is_some(), "{version}: {engine}");
        assert!(notice.is_none_or(|notice| notice.contains(words.unwrap_or_default())), "{version}: {engine}");
    }
}
