//! Who is answered: which hosts, and which sites.

use crate::support::{Answer, TestServer, eventually, one_in, quay, raw, send};
use app::model::{ContainerId, ContainerState};
use bytes::Bytes;
use http_body_util::Full;
use hyper::{Method, Request, header::HeaderValue};
use std::net::SocketAddr;

const EVERY_ROUTE: [&str; 7] =
    ["/", "/containers", "/healthz", "/readyz", "/api/containers", "/api/containers/stream", "/api/nothing"];

/// `GET path` with these headers and no others.
async fn bare(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().uri(path);
    for (name, value) in headers {
        request = request.header(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    send(address, request.body(Full::<Bytes>::default()).unwrap()).await
}

pub(crate) async fn hosted(server: &TestServer, host: &str) -> Answer {
    bare(server.address, "/healthz", &[("host", host)]).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn this_machine_and_the_listening_address_are_answered_at_any_port() {
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
async fn another_host_is_refused_by_every_route_and_told_the_setting() {
    let quay = quay("quiet:1", &[]).await;
    for path in EVERY_ROUTE {
        let answer = bare(quay.server.address, path, &[("host", "quay.example.org:3000")]).await;
        let problem = answer.problem(421, "host_not_allowed");
        let hint = problem["hint"].as_str().unwrap();
        for words in ["--allowed-hosts quay.example.org ", "QUAYLIGHT_ALLOWED_HOSTS=quay.example.org"] {
            assert!(hint.contains(words), "{hint}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hosts_that_only_look_like_this_one_are_refused() {
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
async fn an_address_in_the_request_line_does_not_stand_in_for_the_host() {
    let quay = quay("quiet:1", &[]).await;
    for (line, host) in [("http://localhost/healthz", "evil.example"), ("http://evil.example/healthz", "evil.example")]
    {
        let request = format!("GET {line} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        let answer = raw(quay.server.address, request.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 421"), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hosts_that_are_named_are_answered_in_any_spelling() {
    let flags = ["--allowed-hosts", "Quay.example.org,dock.example.", "--allowed-hosts", "10.1.2.3,[fd00::5]"];
    let quay = quay("quiet:1", &flags).await;
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

/// Pauses a container and removes it, from a page whose headers are these.
async fn change(server: &TestServer, id: ContainerId, headers: &[(&str, &str)], host: &str) -> [Answer; 2] {
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
async fn a_change_that_another_site_asks_for_is_refused() {
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
        // A browser that contradicts itself is not trusted either.
        &[("sec-fetch-site", "same-origin"), ("origin", "http://evil.example")],
        &[("sec-fetch-site", "cross-site"), ("origin", &format!("http://{own}"))],
    ];
    let id = one_in(&quay.server.fetched().await, ContainerState::Running);
    for headers in foreign {
        for answer in change(&quay.server, id, headers, &own).await {
            answer.problem(403, "cross_site");
        }
    }
    let calls = quay.simulator.calls();
    assert_eq!(calls.count(simulator::Endpoint::Pause) + calls.count(simulator::Endpoint::Remove), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_by_the_own_page_or_by_a_program_is_made() {
    let quay = quay("quiet:8", &["--allow-actions", "--allowed-hosts", "quay.example.org"]).await;
    let own = quay.server.address.to_string();
    let page = format!("http://{own}");
    let welcome = [
        ([].as_slice(), own.as_str()),
        (&[("sec-fetch-site", "same-origin"), ("origin", &page)], &own),
        (&[("sec-fetch-site", "none")], &own),
        // Behind a proxy that speaks TLS.
        (&[("sec-fetch-site", "same-origin"), ("origin", "https://quay.example.org")], "quay.example.org"),
    ];
    for (headers, host) in welcome {
        let id = one_in(&quay.server.fetched().await, ContainerState::Running);
        for answer in change(&quay.server, id, headers, host).await {
            assert_eq!(answer.status, 204, "{headers:?}: {answer:?}");
        }
        let gone = async || !quay.server.fetched().await.containers.contains_key(&id);
        eventually("the removal shows", gone).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reading_is_for_every_site_that_knows_the_host_and_shared_with_none() {
    let quay = quay("quiet:1", &[]).await;
    let foreign = [("origin", "http://evil.example"), ("sec-fetch-site", "cross-site")];
    let own = quay.server.address.to_string();
    for path in ["/healthz", "/api/containers", "/containers"] {
        let answer = bare(quay.server.address, path, &[("host", &own), foreign[0], foreign[1]]).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.headers.keys().all(|name| !name.as_str().starts_with("access-control-")), "{answer:?}");
    }
}
