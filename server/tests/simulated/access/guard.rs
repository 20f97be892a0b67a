//! Allowed hosts and origins.

use crate::support::{HttpResponse, TestServer, eventually, get, local, one_in, quay, raw, send};
use app::model::{ContainerId, ContainerState};
use bytes::Bytes;
use http_body_util::Full;
use hyper::{Method, Request, header::HeaderValue};
use std::net::SocketAddr;

const EVERY_ROUTE: [&str; 7] =
    ["/", "/containers", "/healthz", "/readyz", "/api/containers", "/api/containers/stream", "/api/nothing"];

/// Requests `path` with only these headers.
async fn bare(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> HttpResponse {
    let mut request = Request::builder().uri(path);
    for (name, value) in headers {
        request = request.header(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    send(address, request.body(Full::<Bytes>::default()).unwrap()).await
}

pub(crate) async fn hosted(server: &TestServer, host: &str) -> HttpResponse {
    bare(server.address, "/healthz", &[("host", host)]).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn localhost_and_the_listening_address_are_served_on_any_port() {
    let quay = quay("quiet:1", &[]).await;
    let own = quay.server.address.to_string();
    let hosts = [
        own.as_str(),
        "127.0.0.1",
        "127.0.0.1:1",
        "127.0.0.53:80",
        "localhost",
        "LOCALHOST:3000",
        "localhost.",
        "localhost.:3000",
        "quay.localhost:3000",
        "[::1]",
        "[::1]:3000",
    ];
    for host in hosts {
        assert_eq!(hosted(&quay.server, host).await.status, 200, "{host}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_host_is_refused_on_every_route_with_the_setting() {
    let quay = quay("quiet:1", &[]).await;
    for path in EVERY_ROUTE {
        let response = bare(quay.server.address, path, &[("host", "quay.example.org:3000")]).await;
        let problem = response.problem(421, "host_not_allowed");
        let hint = problem["hint"].as_str().unwrap();
        for words in ["--allowed-hosts quay.example.org ", "QUAYLIGHT_ALLOWED_HOSTS=quay.example.org"] {
            assert!(hint.contains(words), "{hint}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hosts_that_resemble_this_one_are_refused() {
    let quay = quay("quiet:1", &[]).await;
    let hosts = [
        "localhost.evil.example",
        "evillocalhost",
        "127.0.0.1.nip.io",
        "127.0.0.1@evil.example",
        "evil.example@127.0.0.1",
        "192.168.1.5",
        "0.0.0.0",
        "0x7f.1",
        "[::]",
        "[fd00::1]:3000",
        "[::ffff:10.0.0.1]",
        "::1",
        "[::1",
        "localhost/",
        "http://localhost",
        "localhost, evil.example",
        "localhost evil.example",
        ".",
        "*",
        ":3000",
        "",
        "lôcalhost",
        "кит.example",
    ];
    for host in hosts {
        let problem = hosted(&quay.server, host).await.problem(421, "host_not_allowed");
        assert!(problem["hint"].as_str().unwrap().contains("--allowed-hosts"), "{host}: {problem}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_without_a_host_or_with_two_is_refused() {
    let quay = quay("quiet:1", &[]).await;
    let two = [("host", "localhost"), ("host", "evil.example")];
    for headers in [&[], two.as_slice(), &[("host", "localhost"), ("host", "localhost")], &[two[1], two[0]]] {
        let problem = bare(quay.server.address, "/api/containers", headers).await.problem(421, "host_not_allowed");
        assert!(problem["hint"].as_str().unwrap().contains("--allowed-hosts"), "{problem}");
    }
    let old = raw(quay.server.address, b"GET /healthz HTTP/1.0\r\n\r\n").await;
    assert!(old.starts_with("HTTP/1.0 421"), "{old}");
    let other_names = [("x-forwarded-host", "localhost"), ("forwarded", "host=localhost"), ("host", "evil.example")];
    bare(quay.server.address, "/healthz", &other_names).await.problem(421, "host_not_allowed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_absolute_request_target_does_not_replace_the_host() {
    let quay = quay("quiet:1", &[]).await;
    for (line, host) in [("http://localhost/healthz", "evil.example"), ("http://evil.example/healthz", "evil.example")]
    {
        let request = format!("GET {line} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        let response = raw(quay.server.address, request.as_bytes()).await;
        assert!(response.starts_with("HTTP/1.1 421"), "{response}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn allowed_hosts_are_served_in_any_spelling() {
    let flags = ["--allowed-hosts", "Quay.example.org,dock.example.", "--allowed-hosts", "10.1.2.3,[fd00::5]"];
    let quay = quay("quiet:1", &[flags.as_slice(), &["--insecure-no-auth"]].concat()).await;
    let hosts = [
        "quay.example.org",
        "QUAY.EXAMPLE.ORG:8443",
        "quay.example.org.",
        "dock.example",
        "10.1.2.3:80",
        "[fd00::5]:80",
    ];
    for host in hosts.iter().chain(&["localhost"]) {
        assert_eq!(hosted(&quay.server, host).await.status, 200, "{host}");
    }
    for host in ["example.org", "a.quay.example.org", "quay.example.org.evil.example", "10.1.2.4", "[fd00::6]"] {
        hosted(&quay.server, host).await.problem(421, "host_not_allowed");
    }
}

/// Pauses a container and removes it with the headers of a page.
async fn change(server: &TestServer, id: ContainerId, headers: &[(&str, &str)], host: &str) -> [HttpResponse; 2] {
    let send_one = async |method: Method, path: String| {
        let mut request = Request::builder().method(method).uri(path).header("host", host);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        send(server.address, request.body(Full::<Bytes>::default()).unwrap()).await
    };
    [
        send_one(Method::POST, format!("/api/containers/{id}/pause")).await,
        send_one(Method::DELETE, format!("/api/containers/{id}?force=true")).await,
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_action_from_another_site_is_refused() {
    let quay = quay("quiet:3", &["--allow-actions"]).await;
    let own = quay.server.address.to_string();
    let (other_port, with_user) = (format!("http://127.0.0.1:{}", 1), format!("http://{own}@evil.example"));
    let prefixed = format!("http://{own}.evil.example");
    let foreign = [
        [("sec-fetch-site", "cross-site")].as_slice(),
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "")],
        &[("origin", "http://evil.example")],
        &[("origin", "null")],
        &[("origin", "")],
        &[("origin", &other_port)],
        &[("origin", &with_user)],
        &[("origin", &prefixed)],
        // A browser with contradictory headers is not trusted either.
        &[("sec-fetch-site", "same-origin"), ("origin", "http://evil.example")],
        &[("sec-fetch-site", "cross-site"), ("origin", &format!("http://{own}"))],
    ];
    let id = one_in(&quay.server.fetched().await, ContainerState::Running);
    for headers in foreign {
        for response in change(&quay.server, id, headers, &own).await {
            response.problem(403, "cross_site");
        }
    }
    let calls = quay.simulator.calls();
    assert_eq!(calls.count(simulator::Endpoint::Pause) + calls.count(simulator::Endpoint::Remove), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn actions_from_own_pages_and_programs_are_allowed() {
    let quay = quay("quiet:8", &["--allow-actions", "--insecure-no-auth", "--allowed-hosts", "quay.example.org"]).await;
    let own = quay.server.address.to_string();
    let page = format!("http://{own}");
    let welcome = [
        ([].as_slice(), own.as_str()),
        (&[("sec-fetch-site", "same-origin"), ("origin", &page)], &own),
        (&[("sec-fetch-site", "none")], &own),
        // Behind a TLS proxy.
        (&[("sec-fetch-site", "same-origin"), ("origin", "https://quay.example.org")], "quay.example.org"),
    ];
    for (headers, host) in welcome {
        let id = one_in(&quay.server.fetched().await, ContainerState::Running);
        for response in change(&quay.server, id, headers, host).await {
            assert_eq!(response.status, 204, "{headers:?}: {response:?}");
        }
        let gone = async || !quay.server.fetched().await.containers.contains_key(&local(id));
        eventually("the removal shows", gone).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_from_another_site_are_refused_on_every_route() {
    let quay = quay("quiet:1", &[]).await;
    let own = quay.server.address.to_string();
    let id = one_in(&quay.server.fetched().await, ContainerState::Running);
    let streams = [
        "/api/containers/stream".to_owned(),
        "/api/events/stream".to_owned(),
        "/api/diagnosis/stream".to_owned(),
        format!("/api/logs/stream?ids={id}"),
        format!("/api/containers/{id}/logs/stream"),
        format!("/api/containers/{id}/logs"),
        format!("/api/containers/{id}"),
        "/api/audit".to_owned(),
        "/metrics".to_owned(),
    ];
    let followed = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
    for path in EVERY_ROUTE.iter().copied().chain(streams.iter().map(String::as_str)) {
        for foreign in [
            [("origin", "http://evil.example")].as_slice(),
            &[("origin", "null")],
            &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "script")],
            &[("sec-fetch-site", "same-site"), ("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")],
            &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")],
        ] {
            let headers = [&[("host", own.as_str())], foreign].concat();
            let response = bare(quay.server.address, path, &headers).await;
            response.problem(403, "cross_site");
            assert!(response.headers.keys().all(|name| !name.as_str().starts_with("access-control-")), "{response:?}");
        }
        // Links that a user follows to a page are allowed; links to data are not.
        let headers = [&[("host", own.as_str())], followed.as_slice()].concat();
        let is_page = !path.starts_with("/api") && path != "/metrics";
        let status = bare(quay.server.address, path, &headers).await.status;
        assert_eq!(status != 403, is_page, "{path}: {status}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_origin_gets_the_setting_that_allows_it() {
    let own_host = "127.0.0.1:3000";
    let headers = [("host", own_host), ("origin", "https://quay.example.org")];
    let strict = quay("quiet:1", &[]).await;
    let problem = bare(strict.server.address, "/api/containers", &headers).await.problem(403, "cross_site");
    let hint = problem["hint"].as_str().unwrap();
    assert!(hint.contains("--allowed-origins https://quay.example.org"), "{hint}");
    assert!(hint.contains("QUAYLIGHT_ALLOWED_ORIGINS=https://quay.example.org"), "{hint}");
    let named = quay("quiet:1", &["--allowed-origins", "https://Quay.example.org/"]).await;
    assert_eq!(bare(named.server.address, "/api/containers", &headers).await.status, 200);
    let other = [headers[0], ("origin", "https://quay.example.org.evil.example")];
    bare(named.server.address, "/api/containers", &other).await.problem(403, "cross_site");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_gets_the_refusal_as_a_page() {
    let quay = quay("quiet:1", &[]).await;
    let headers = [("host", "<b>quay</b>.example"), ("accept", "text/html,application/xhtml+xml")];
    let response = bare(quay.server.address, "/containers", &headers).await;
    assert_eq!((response.status.as_u16(), response.header("content-type")), (421, "text/html; charset=utf-8"));
    let page = String::from_utf8(response.body.to_vec()).unwrap();
    assert!(page.contains("--allowed-hosts") && !page.contains("<b>"), "{page}");
    assert!(response.header("content-security-policy").contains("default-src 'none'"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forwarded_host_is_read_only_from_a_trusted_proxy() {
    let forwarded = [("host", "quay:3000"), ("x-forwarded-host", "quay.example.org"), ("x-forwarded-proto", "https")];
    let flags = ["--insecure-no-auth", "--allowed-hosts", "quay.example.org", "--trusted-proxy", "127.0.0.0/8"];
    let trusting = quay("quiet:1", &flags).await;
    assert_eq!(bare(trusting.server.address, "/healthz", &forwarded).await.status, 200);
    let strict = quay("quiet:1", &flags[..3]).await;
    bare(strict.server.address, "/healthz", &forwarded).await.problem(421, "host_not_allowed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forwarded_host_does_not_replace_the_host() {
    // The browser has a trusted address itself, and a page with a rebound host name sends arbitrary
    // headers.
    let quay = quay("quiet:1", &["--insecure-no-auth", "--trusted-proxy", "127.0.0.0/8"]).await;
    for forwarded in ["localhost", "127.0.0.1:3000", "[::1]"] {
        for host in
            ["evil.example", "evil.example:3000", "192.168.1.5", "127.0.0.1.nip.io", "localhost.evil.example", ""]
        {
            for more in [("x-forwarded-for", "8.8.8.8"), ("x-forwarded-proto", "https"), ("accept", "*/*")] {
                let headers = [("host", host), ("x-forwarded-host", forwarded), more];
                let response = bare(quay.server.address, "/api/containers", &headers).await;
                response.problem(421, "host_not_allowed");
            }
            let standard = format!("for=8.8.8.8;host=\"{forwarded}\"");
            let headers = [("host", host), ("forwarded", standard.as_str())];
            bare(quay.server.address, "/api/containers", &headers).await.problem(421, "host_not_allowed");
        }
        for foreign in ["evil.example", "evil", "lôcalhost"] {
            let headers = [("host", "localhost"), ("x-forwarded-host", foreign)];
            bare(quay.server.address, "/api/containers", &headers).await.problem(421, "host_not_allowed");
        }
        // By the name of an upstream, or by its address.
        for host in ["quay:3000", "localhost:3000", "127.0.0.1:3000"] {
            let headers = [("host", host), ("x-forwarded-host", forwarded)];
            assert_eq!(bare(quay.server.address, "/api/containers", &headers).await.status, 200, "{host} {forwarded}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_without_a_path_are_refused_by_the_guard() {
    let quay = quay("quiet:1", &[]).await;
    let own = quay.server.address;
    for (line, host, status) in [
        ("CONNECT 127.0.0.1:22 HTTP/1.1", own.to_string(), "405"),
        ("CONNECT evil.example:443 HTTP/1.1", "evil.example:443".to_owned(), "405"),
        ("CONNECT localhost:80 HTTP/1.0", "localhost".to_owned(), "405"),
        ("TRACE / HTTP/1.1", own.to_string(), "405"),
        ("OPTIONS * HTTP/1.1", own.to_string(), "405"),
        ("GET * HTTP/1.1", own.to_string(), "400"),
        ("GET localhost:80 HTTP/1.1", own.to_string(), "400"),
        ("GET ftp://localhost/ HTTP/1.1", own.to_string(), "400"),
        ("GET containers HTTP/1.1", own.to_string(), "400"),
        ("BREW /healthz HTTP/1.1", own.to_string(), "405"),
        ("PROPFIND /api/containers HTTP/1.1", own.to_string(), "405"),
        ("GET http://localhost/healthz HTTP/1.1", own.to_string(), "200"),
        ("GET http://evil.example/healthz HTTP/1.1", own.to_string(), "421"),
        ("GET //evil.example/ HTTP/1.1", own.to_string(), "404"),
    ] {
        let request = format!("{line}\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        let response = raw(own, request.as_bytes()).await;
        assert_eq!(response.split(' ').nth(1), Some(status), "{line}: {response}");
        if status == "405" && !response.contains("allow: ") {
            panic!("{line}: without the methods there are: {response}");
        }
    }
    // The server still responds, without a panic.
    let metrics = get(own, "/metrics").await;
    assert_eq!(metrics.status, 200);
}
