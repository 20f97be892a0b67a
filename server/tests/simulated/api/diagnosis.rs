//! The stream that a page measures its own way by.

use crate::support::{get, http, raw, request};
use bytes::Bytes;
use flate2::read::GzDecoder;
use http_body_util::Full;
use hyper::Method;
use serde_json::Value;
use std::io::Read as _;

use crate::support::quay;

/// Each event's name and data.
fn events(text: &str) -> Vec<(String, Value)> {
    let event = |frame: &str| {
        let line = |field| frame.lines().find_map(|line: &str| line.strip_prefix(field));
        (line("event: ").unwrap().to_owned(), serde_json::from_str(line("data: ").unwrap()).unwrap())
    };
    text.split_terminator("\n\n").map(event).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_says_how_the_question_arrived_and_ends_with_a_farewell() {
    let quay = quay("quiet:3", &[]).await;
    let answer = get(quay.server.address, "/api/diagnosis/stream?pings=4&every=50&padding=3000").await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "text/event-stream"));
    assert_eq!((answer.header("x-accel-buffering"), answer.header("content-encoding")), ("no", ""));
    let told = events(std::str::from_utf8(&answer.body).unwrap());
    let names: Vec<&str> = told.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["begin", "ping", "ping", "padding", "ping", "ping", "end"]);
    let begin = serde_json::json!({ "protocol": "HTTP/1.1", "via": null, "forwarded": [], "paddingBytes": 3000 });
    assert_eq!(told[0].1, begin);
    assert_eq!(told[3].1["text"].as_str().unwrap().len(), 3000);
    let stamps: Vec<u64> = told[1..].iter().map(|(_, stamp)| stamp["sentMillis"].as_u64().unwrap()).collect();
    assert!(stamps.is_sorted() && stamps[0] >= 50 && stamps[5] >= 200, "{stamps:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_proxy_left_on_the_question_is_told_back_by_name() {
    let quay = quay("quiet:3", &[]).await;
    let question = format!(
        "GET /api/diagnosis/stream?pings=0&padding=0 HTTP/1.0\r\nHost: {}\r\nVia: 1.1 harbour\r\nX-Forwarded-For: 10.9.8.7\r\n\r\n",
        quay.server.address
    );
    let answer = raw(quay.server.address, question.as_bytes()).await;
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let begin = &events(body)[0].1;
    assert_eq!((&begin["protocol"], &begin["via"]), (&"HTTP/1.0".into(), &"1.1 harbour".into()));
    // By name only: whom a proxy speaks for is nobody's business here.
    assert_eq!(begin["forwarded"], serde_json::json!(["x-forwarded-for"]));
    assert!(!answer.contains("10.9.8.7"), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_gzip_it_is_the_same() {
    let quay = quay("quiet:3", &[]).await;
    let answer = get(quay.server.address, "/api/diagnosis/stream?pings=2&every=50&coding=gzip").await;
    assert_eq!(answer.header("content-encoding"), "gzip");
    let (mut text, mut piece) = (Vec::new(), [0; 4096]);
    let mut decoder = GzDecoder::new(&answer.body[..]);
    // It ends without gzip's trailer, as all streams here do.
    while let Ok(read @ 1..) = decoder.read(&mut piece) {
        text.extend_from_slice(&piece[..read]);
    }
    let told = events(&String::from_utf8(text).unwrap());
    let names: Vec<&str> = told.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["begin", "ping", "padding", "ping", "end"]);
    assert_eq!(told[2].1["text"].as_str().unwrap().len(), 64 << 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_so_many_measure_at_once_and_whoever_leaves_makes_room() {
    let quay = quay("quiet:3", &[]).await;
    let address = quay.server.address;
    let open = async || {
        let path = "/api/diagnosis/stream?pings=0&padding=0&silence=60";
        let question = request(address, Method::GET, path).body(Full::<Bytes>::default()).unwrap();
        http::open(address, question).await
    };
    let mut measuring = Vec::new();
    for _ in 0..32 {
        measuring.push(open().await);
        assert_eq!(measuring.last().unwrap().status(), 200);
    }
    get(address, "/api/diagnosis/stream").await.problem(429, "too_many");
    measuring.clear();
    crate::support::eventually("there is room again", async || open().await.status() == 200).await;
    // None of them watches containers.
    let ready: Value = get(address, "/readyz").await.json();
    assert_eq!(ready["viewers"], 0);
}
