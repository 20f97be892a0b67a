//! Users whom a trusted proxy authenticates.

use crate::{
    access::sign_in::fetch,
    support::{HttpResponse, TestServer, get, quay, request, send},
};
use app::{model::ContainerState, protocol::Snapshot};
use bytes::Bytes;
use http_body_util::Full;
use hyper::Method;

/// Settings of a server that trusts a proxy on this machine and gives roles to these groups.
const PROXY_SIGN_IN: [&str; 8] = [
    "--trusted-proxy",
    "127.0.0.1",
    "--proxy-user-header",
    "Remote-User",
    "--proxy-groups-header",
    "Remote-Groups",
    "--group-role",
    "büro=operator,all=viewer,root=admin",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trusted_proxy_authenticates_users_and_groups() {
    let flags = [
        "--trusted-proxy",
        "127.0.0.1",
        "--proxy-user-header",
        "Remote-User",
        "--proxy-groups-header",
        "Remote-Groups",
        "--group-role",
        "ops=operator,all=viewer",
    ];
    let proxied = quay("quiet:4", &flags).await;
    let as_member = async |groups: &str, method: Method, path: &str| {
        let headers = [("remote-user", "ada"), ("remote-groups", groups)];
        fetch(&proxied.server, method, path, &headers, "").await
    };
    get(proxied.server.address, "/api/containers").await.problem(401, "sign_in_needed");
    let refused = as_member("strangers", Method::GET, "/api/containers").await.problem(403, "no_role");
    assert_eq!(refused["detail"], "Signed in as ada, but none of your groups has a role here.");
    let listed: Snapshot = as_member("all", Method::GET, "/api/containers").await.json();
    let id = listed.containers.iter().find(|each| each.state == ContainerState::Running).unwrap().id;
    let path = format!("/api/containers/{id}/pause");
    as_member("all", Method::POST, &path).await.problem(403, "role");
    assert_eq!(as_member("all, ops", Method::POST, &path).await.status, 204);
    // Other addresses are not trusted.
    let strict = quay("quiet:4", &["--trusted-proxy", "192.0.2.1", "--proxy-user-header", "Remote-User"]).await;
    fetch(&strict.server, Method::GET, "/api/containers", &[("remote-user", "ada")], "")
        .await
        .problem(401, "sign_in_needed");
}

/// Requests `path` with these headers as bytes.
async fn with_bytes(server: &TestServer, path: &str, headers: &[(&str, &[u8])]) -> HttpResponse {
    let mut request = request(server.address, Method::GET, path);
    for (name, value) in headers {
        request = request.header(*name, hyper::header::HeaderValue::from_bytes(value).unwrap());
    }
    send(server.address, request.body(Full::default()).unwrap()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_and_groups_of_a_proxy_may_be_non_ascii() {
    let quay = quay("quiet:1", &PROXY_SIGN_IN).await;
    let page = async |user: &[u8], groups: &[u8]| {
        let headers: [(&str, &[u8]); 3] = [("remote-user", user), ("remote-groups", groups), ("accept", b"text/html")];
        let response = with_bytes(&quay.server, "/containers", &headers).await;
        (response.status.as_u16(), String::from_utf8_lossy(&response.body).into_owned())
    };
    for (user, groups, words) in [
        ("Jürgen".as_bytes(), b"all".as_slice(), "Signed in as Jürgen, viewer"),
        (b"J\xfcrgen", b"all", "Signed in as Jürgen, viewer"),
        ("Пётр".as_bytes(), "büro".as_bytes(), "Signed in as Пётр, operator"),
        // Each group is decoded separately: one in Latin-1, one in neither encoding.
        (b"ada", b"b\xfcro", "Signed in as ada, operator"),
        (b"ada", b"foreign\xff\x9b, all", "Signed in as ada, viewer"),
        (b"ada", "Büro für Всё, all".as_bytes(), "Signed in as ada, viewer"),
    ] {
        let (status, page) = page(user, groups).await;
        assert!(status == 200 && page.contains(words), "{}: {status} {page}", user.escape_ascii());
    }
    let lines: [(&str, &[u8]); 3] = [("remote-user", b"ada"), ("remote-groups", b"\x9b"), ("remote-groups", b"all")];
    assert_eq!(with_bytes(&quay.server, "/api/containers", &lines).await.status, 200);
    // Two names: one may come from the browser.
    let twice: [(&str, &[u8]); 3] = [("remote-user", b"root"), ("remote-user", b"ada"), ("remote-groups", b"root")];
    with_bytes(&quay.server, "/api/containers", &twice).await.problem(401, "sign_in_needed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_user_without_a_role_is_refused_and_logged_once() {
    let quay = quay("quiet:1", &PROXY_SIGN_IN).await;
    let headers: [(&str, &[u8]); 2] = [("remote-user", "Jörg".as_bytes()), ("remote-groups", b"guests")];
    for _ in 0..3 {
        let refused = with_bytes(&quay.server, "/api/containers", &headers).await.problem(403, "no_role");
        assert_eq!(refused["detail"], "Signed in as Jörg, but none of your groups has a role here.");
        assert!(refused["hint"].as_str().unwrap().contains("--group-role"), "{refused}");
    }
    let html = [headers[0], headers[1], ("accept", b"text/html".as_slice())];
    let page = with_bytes(&quay.server, "/containers", &html).await;
    let text = String::from_utf8_lossy(&page.body).into_owned();
    assert!(page.status == 403 && text.contains("none of your groups has a role here"), "{text}");
    assert!(!text.contains("not signed in"), "{text}");
    assert_eq!(with_bytes(&quay.server, "/still.css", &headers).await.status, 200);
    let root: [(&str, &[u8]); 2] = [("remote-user", b"root"), ("remote-groups", b"root")];
    let audit: serde_json::Value = with_bytes(&quay.server, "/api/audit", &root).await.json();
    let of_him: Vec<_> = audit["entries"].as_array().unwrap().iter().filter(|entry| entry["who"] == "Jörg").collect();
    assert_eq!(of_him.len(), 1, "{audit}");
    assert_eq!((&of_him[0]["result"], &of_him[0]["means"]), (&"denied".into(), &"proxy".into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unreadable_header_is_logged_once() {
    let (mut program, address) =
        crate::process::startup::serving(&[&PROXY_SIGN_IN, ["--engine", "demo:quiet:1"].as_slice()].concat(), &[])
            .await;
    let hostile: [(&str, &[u8]); 8] = [
        ("remote-user", b"a\x9bb"),
        ("remote-user", &[b'a'; 5_000]),
        ("host", b"qu\xe4y.example"),
        ("origin", b"http://\xff"),
        ("authorization", b"Bearer geh\xc3\xa4im-secret"),
        ("x-forwarded-for", b"\xff"),
        ("x-forwarded-host", b"\xffhost"),
        ("remote-groups", b"\x9b, all"),
    ];
    for (name, value) in hostile {
        for _ in 0..3 {
            let mut request = hyper::Request::builder().uri("/api/containers");
            if name != "host" {
                request = request.header("host", address.to_string());
            }
            if name == "remote-groups" {
                request = request.header("remote-user", "ada");
            }
            let request = request.header(name, hyper::header::HeaderValue::from_bytes(value).unwrap());
            let status = send(address, request.body(Full::<Bytes>::default()).unwrap()).await.status;
            assert_eq!(status.is_success(), name == "remote-groups", "{name}: {status}");
        }
    }
    program.signal("TERM");
    program.status().await;
    let log = program.ended().await.stderr;
    let about =
        |words: &str| log.lines().filter(|line| line.contains("WARN") && line.contains(words)).collect::<Vec<_>>();
    for words in [
        "header=\"remote-user\" value=\"a\\\\x9bb\"",
        "it is too long",
        "header=\"host\"",
        "header=\"origin\"",
        "header=\"authorization\"",
        "header=\"x-forwarded-for\"",
        "header=\"x-forwarded-host\"",
        "header=\"remote-groups\"",
    ] {
        assert_eq!(about(words).len(), 1, "{words}: {log}");
    }
    assert!(log.lines().all(|line| line.len() < 1_000), "{log}");
    assert!(!log.contains("secret"), "{log}");
}
