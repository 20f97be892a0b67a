//! Headers of every response, and requests of any size and shape.

use crate::{
    access::guard::hosted,
    support::{Events, delete, get, one_in, post, quay, raw, request, send},
};
use app::{
    client::{EXCHANGE_SCRIPT, exchange_path},
    model::ContainerState,
};
use http_body_util::Full;
use hyper::{HeaderMap, Method};

fn assert_secured(what: &str, headers: &HeaderMap) {
    for (name, value) in
        [("x-content-type-options", "nosniff"), ("x-frame-options", "DENY"), ("referrer-policy", "same-origin")]
    {
        let values: Vec<_> = headers.get_all(name).iter().collect();
        assert_eq!(values, [value], "{name} of {what}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_of_response_has_the_security_headers() {
    let quay = quay("quiet:3", &["--allow-actions"]).await;
    let id = one_in(&quay.server.fetched().await, ContainerState::Running);
    let address = quay.server.address;
    for (path, status) in [
        ("/", 307),
        ("/containers", 200),
        ("/realtime-test", 200),
        ("/nothing", 404),
        ("/healthz", 200),
        ("/readyz", 200),
        ("/api/containers", 200),
        ("/api/containers/short", 400),
        ("/api/logs/stream", 400),
        ("/api/nothing", 404),
        ("/pkg/nothing.js", 404),
    ] {
        let response = get(address, path).await;
        assert_eq!(response.status, status, "{path}");
        assert_secured(path, &response.headers);
    }
    let one = format!("/api/containers/{id}");
    for below in ["", "/inspect", "/processes", "/logs?tail=1"] {
        let response = get(address, &format!("{one}{below}")).await;
        assert_eq!(response.status, 200, "{below}");
        assert_secured(below, &response.headers);
        let other_host = request(address, Method::GET, &format!("{one}{below}"));
        let mut other_host = other_host.body(Full::default()).unwrap();
        other_host.headers_mut().insert("host", "evil.example".parse().unwrap());
        send(address, other_host).await.problem(421, "host_not_allowed");
    }
    assert_secured("a log", &Events::open(address, &format!("{one}/logs/stream"), None).await.headers);
    assert_secured("the stream", &quay.server.viewer().await.headers);
    let action = post(address, &format!("/api/containers/{id}/pause"), "").await;
    assert_eq!(action.status, 204);
    assert_secured("an action", &action.headers);
    assert_secured("a wrong method", &delete(address, "/healthz").await.headers);
    assert_secured("another host", &hosted(&quay.server, "evil.example").await.headers);
    let foreign = request(address, Method::POST, "/healthz").header("origin", "null");
    assert_secured("another site", &send(address, foreign.body(Full::default()).unwrap()).await.headers);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_runs_only_scripts_of_this_server() {
    let quay = quay("quiet:3", &[]).await;
    let mut nonces = std::collections::BTreeSet::new();
    for path in ["/containers", "/realtime-test", "/nothing"] {
        let page = get(quay.server.address, path).await;
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none';") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
        let nonce = policy.split_once("script-src 'nonce-").unwrap().1.split_once('\'').unwrap().0;
        let html = str::from_utf8(&page.body).unwrap();
        for script in html.split("<script").skip(1) {
            let tag = script.split_once('>').unwrap().0;
            assert!(tag.contains(&format!("nonce=\"{nonce}\"")) || tag.contains("application/json"), "{path}: {tag}");
        }
        assert!(nonces.insert(nonce.to_owned()), "a nonce is used once");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_shared_worker_is_immutable_and_has_a_strict_policy() {
    let quay = quay("quiet:1", &[]).await;
    let script = get(quay.server.address, &exchange_path()).await;
    let lines: Vec<_> = str::from_utf8(&script.body).unwrap().lines().collect();
    assert!(
        lines.iter().all(|line| EXCHANGE_SCRIPT.lines().any(|known| known.trim_start() == *line)),
        "nothing is added"
    );
    assert!(
        lines.contains(&"'use strict';") && !lines.iter().any(|line| line.starts_with("//")),
        "comments are left out"
    );
    assert_eq!(script.status, 200);
    assert_eq!(script.header("content-type"), "text/javascript; charset=utf-8");
    assert_eq!(script.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(script.header("content-security-policy"), "default-src 'none'");
    let page = get(quay.server.address, "/containers").await;
    assert!(page.header("content-security-policy").contains("worker-src 'self';"));
    let other_version = get(quay.server.address, "/stream-exchange-0.0.0-0000000000000000.js").await;
    assert_eq!(other_version.status, 404, "a page of another version does without");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_of_absurd_size_or_shape_are_refused() {
    let quay = quay("quiet:1", &[]).await;
    let address = quay.server.address;
    let mut viewer = quay.server.viewer().await;
    viewer.next().await;
    let host = format!("host: {address}\r\nconnection: close\r\n");
    let large_query = format!("GET /api/containers/stream?lastEventId={} HTTP/1.1\r\n{host}\r\n", "9".repeat(100_000));
    let large_header = format!("GET /healthz HTTP/1.1\r\n{host}x: {}\r\n\r\n", "x".repeat(2 << 20));
    let many_headers = format!("GET /healthz HTTP/1.1\r\n{host}{}\r\n", "x: y\r\n".repeat(1_000));
    let smuggling = format!("POST /healthz HTTP/1.1\r\n{host}content-length: 4\r\ncontent-length: 5\r\n\r\nabcde");
    let refused = [
        large_query.as_bytes(),
        large_header.as_bytes(),
        many_headers.as_bytes(),
        smuggling.as_bytes(),
        b"GET / HTTP/1.1\nhost localhost\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a TLS handshake\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\n\r\n",
        b"\r\n\r\n\r\n!\r\n\r\n",
    ];
    for bytes in refused {
        let response = raw(address, bytes).await;
        let shown = &response[..response.len().min(200)];
        assert!(response.is_empty() || response.starts_with("HTTP/1.1 4"), "{shown}");
    }
    assert_eq!(get(address, "/readyz").await.status, 200);
    viewer.assert_true(&quay.server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn long_queries_and_unusual_characters_do_not_break_a_page() {
    let quay = quay("quiet:3", &[]).await;
    let address = quay.server.address;
    let host = format!("host: {address}\r\nconnection: close\r\n");
    let long = "x".repeat(30_000);
    let paths: [Vec<u8>; 8] = [
        format!("/containers?q={long}").into_bytes(),
        format!("/containers?{}", "a=b&".repeat(5_000)).into_bytes(),
        b"/containers?q=%00%ff%3cscript%3ealert(1)%3c/script%3e".to_vec(),
        b"/containers?q=\xf0\x9f\x9a\xa2".to_vec(),
        b"/?q=\xf0\x9f\x9a\xa2".to_vec(),
        b"/containers?q=\"><script>alert(1)</script>".to_vec(),
        b"/containers?view=%&sort=&group=%e2%80%ae&density=9".to_vec(),
        b"/pkg/..%2f..%2f..%2f..%2fetc%2fpasswd".to_vec(),
    ];
    for path in paths {
        let request = [b"GET ", path.as_slice(), b" HTTP/1.1\r\n", host.as_bytes(), b"\r\n"].concat();
        let response = raw(address, &request).await;
        let (path, status) = (String::from_utf8_lossy(&path), response.get(9..12).unwrap_or_default());
        assert!(["200", "307", "400", "404", "414"].contains(&status), "{status:?} for {path:.100}");
        assert!(!response.contains("<script>alert(1)") && !response.contains("root:x:"), "{path:.100}");
    }
}
