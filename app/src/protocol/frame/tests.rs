//! The exact JSON of the wire: a change here is a change of the public contract.
#![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]

use super::*;
use serde_json::json;

const ID: &str = "00000000000000000000000000000000000000000000000000000000000000aa";

fn container() -> serde_json::Value {
    json!({
        "id": ID, "engine": "local", "name": "web", "image": "nginx:1.27", "imageId": "sha256:ab", "command": "nginx -g",
        "state": "exited", "health": "unhealthy", "exitCode": 137, "oomKilled": true, "restartCount": 2, "error": null,
        "createdAt": "2026-11-23T09:30:00.000Z", "startedAt": "2026-11-23T09:30:01.000Z", "finishedAt": null,
        "ports": [{"ip": "0.0.0.0", "privatePort": 80, "publicPort": 8080, "protocol": "tcp"}],
        "networks": ["shop_default"],
        "mounts": [{"kind": "bind", "source": "/srv", "destination": "/data", "readOnly": true}],
        "labels": {"team": "web"}, "project": "shop", "service": null,
    })
}

fn stats() -> serde_json::Value {
    json!({
        "engine": "local", "containerId": ID, "containerName": "web", "cpuPercent": 12.5, "memoryUsage": 1024, "memoryLimit": 2048,
        "memoryPercent": 50.0, "networkRx": null, "networkTx": null, "blockRead": 0, "blockWrite": 7, "pids": 3,
        "timestamp": "2026-11-23T09:30:02.000Z",
    })
}

fn engine() -> serde_json::Value {
    json!({
        "id": "local", "name": "harbour", "endpoint": "unix:///run/docker.sock", "demo": false, "link": "lost",
        "kind": "docker", "labels": {}, "hop": "connect", "roundTripMillis": 1, "clockOffsetMillis": -3,
        "clockErrorMillis": null, "sameEngineAs": ["web-3"],
        "since": "2026-11-23T09:30:00.000Z",
        "error": {"code": "connection_refused", "message": "m", "hint": "h"},
        "version": "28.5.2", "apiVersion": "1.51", "os": "linux", "arch": "x86_64", "cpus": 8, "memoryTotal": 1024,
    })
}

#[test]
fn a_snapshot_reads_and_writes_as_the_contract_says() {
    let wire = json!({
        "epoch": "e1", "revision": 7, "serverTime": "2026-11-23T09:30:03.000Z", "engines": [engine()],
        "containers": [container()], "stats": [stats()], "sampledAt": "2026-11-23T09:30:02.000Z",
    });
    let Frame::Snapshot(snapshot) = Frame::parse("snapshot", &wire.to_string()).unwrap() else {
        panic!("a snapshot event is a snapshot");
    };
    assert_eq!(serde_json::to_value(snapshot).unwrap(), wire);
}

#[test]
fn an_engine_may_have_a_stats_source() {
    for source in ["files", "api"] {
        let mut wire = engine();
        wire["statsSource"] = json!(source);
        let engine: crate::model::Engine = serde_json::from_value(wire.clone()).unwrap();
        assert_eq!(serde_json::to_value(engine).unwrap(), wire);
    }
}

#[test]
fn a_delta_leaves_out_unchanged_fields() {
    let wire =
        json!({"revision": 8, "serverTime": "2026-11-23T09:30:03.000Z", "removed": [{"engine": "local", "id": ID}]});
    let Frame::Delta(delta) = Frame::parse("delta", &wire.to_string()).unwrap() else {
        panic!("a delta event is a delta");
    };
    assert_eq!(serde_json::to_value(delta).unwrap(), wire);
}

#[test]
fn unknown_fields_are_ignored_and_unknown_events_are_named() {
    let wire = r#"{"revision":8,"serverTime":"2026-11-23T09:30:03.000Z","mood":"fine"}"#;
    assert!(matches!(Frame::parse("heartbeat", wire), Ok(Frame::Heartbeat(_))));
    assert!(matches!(Frame::parse("gossip", wire), Err(InvalidFrame::Event(name)) if name == "gossip"));
}

#[test]
fn a_frame_id_is_epoch_dot_revision() {
    let id: FrameId = "a1.b2.42".parse().unwrap();
    assert_eq!((id.epoch.as_str(), id.revision), ("a1.b2", Revision(42)));
    assert!("42".parse::<FrameId>().is_err());
}
