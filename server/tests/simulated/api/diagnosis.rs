//! The stream by which a page measures its connection.

use crate::support::{get, http, raw, request};
use bytes::Bytes;
use flate2::read::GzDecoder;
use http_body_util::Full;
use hyper::Method;
use serde_json::Value;
use std::io::Read as _;

use crate::support::quay;

/// Name and data of each event.
fn events(text: &str) -> Vec<(String, Value)> {
    let event = |frame: &str| {
        let line = |field| frame.lines().find_map(|line: &str| line.strip_prefix(field));
        (line("event: ").unwrap().to_owned(), serde_json::from_str(line("data: ").unwrap()).unwrap())
    };
    text.split_terminator("\n\n").map(event).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_diagnostic_stream_begins_with_the_request_and_ends_with_an_end_event() {
    let quay = quay("quiet:3", &[]).await;
    let response = get(quay.server.address, "/api/diagnosis/stream?pings=4&every=50&padding=3000").await;
    assert_eq!((response.status.as_u16(), response.header("content-type")), (200, "text/event-stream"));
    assert_eq!((response.header("x-accel-buffering"), response.header("content-encoding")), ("no", ""));
    let received = events(std::str::from_utf8(&response.body).unwrap());
    let names: Vec<&str> = received.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["begin", "ping", "ping", "padding", "ping", "ping", "end"]);
    let begin = serde_json::json!({ "protocol": "HTTP/1.1", "via": null, "forwarded": [], "paddingBytes": 3000 });
    assert_eq!(received[0].1, begin);
    assert_eq!(received[3].1["text"].as_str().unwrap().len(), 3000);
    let stamps: Vec<u64> = received[1..].iter().map(|(_, stamp)| stamp["sentMillis"].as_u64().unwrap()).collect();
    assert!(stamps.is_sorted() && stamps[0] >= 50 && stamps[5] >= 200, "{stamps:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn headers_added_by_a_proxy_are_reported() {
    let quay = quay("quiet:3", &[]).await;
    let built_request = format!(
        "GET /api/diagnosis/stream?pings=0&padding=0 HTTP/1.0\r\nHost: {}\r\nVia: 1.1 harbour\r\nX-Forwarded-For: 10.9.8.7\r\n\r\n",
        quay.server.address
    );
    let response = raw(quay.server.address, built_request.as_bytes()).await;
    let (_, body) = response.split_once("\r\n\r\n").unwrap();
    let begin = &events(body)[0].1;
    assert_eq!((&begin["protocol"], &begin["via"]), (&"HTTP/1.0".into(), &"1.1 harbour".into()));
    // Only the names: the client behind a proxy is private.
    assert_eq!(begin["forwarded"], serde_json::json!(["x-forwarded-for"]));
    assert!(!response.contains("10.9.8.7"), "{response}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gzip_diagnostic_stream_has_the_same_events() {
    let quay = quay("quiet:3", &[]).await;
    let response = get(quay.server.address, "/api/diagnosis/stream?pings=2&every=50&coding=gzip").await;
    assert_eq!(response.header("content-encoding"), "gzip");
    let (mut text, mut piece) = (Vec::new(), [0; 4096]);
    let mut decoder = GzDecoder::new(&response.body[..]);
    // The stream ends without gzip's trailer, as all streams of this server.
    while let Ok(read @ 1..) = decoder.read(&mut piece) {
        text.extend_from_slice(&piece[..read]);
    }
    let received = events(&String::from_utf8(text).unwrap());
    let names: Vec<&str> = received.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["begin", "ping", "padding", "ping", "end"]);
    assert_eq!(received[2].1["text"].as_str().unwrap().len(), 64 << 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn diagnostic_streams_are_limited_and_released() {
    let quay = quay("quiet:3", &[]).await;
    let address = quay.server.address;
    let open = async || {
        let path = "/api/diagnosis/stream?pings=0&padding=0&silence=60";
        let built_request = request(address, Method::GET, path).body(Full::<Bytes>::default()).unwrap();
        http::open(address, built_request).await
    };
    let mut measuring = Vec::new();
    for _ in 0..32 {
        measuring.push(open().await);
        assert_eq!(measuring.last().unwrap().status(), 200);
    }
    get(address, "/api/diagnosis/stream").await.problem(429, "too_many");
    measuring.clear();
    crate::support::eventually("a stream is available again", async || open().await.status() == 200).await;
    // None of them is a viewer of containers.
    let ready: Value = get(address, "/readyz").await.json();
    assert_eq!(ready["viewers"], 0);
}
