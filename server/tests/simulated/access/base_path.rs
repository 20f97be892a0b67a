//! The server below a path of a proxy: `--base-path /quaylight/`.

use crate::{
    access::sign_in::{account, accounts, fetch},
    support::{get, http::open, quay, request},
};
use app::protocol::Snapshot;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::Method;
use server::auth::Role;

const BASE: [&str; 2] = ["--base-path", "/quaylight/"];
const HTML: (&str, &str) = ("accept", "text/html");

/// Addresses in a page.
fn addresses(page: &str) -> Vec<&str> {
    let attributes = page.split(['<', '>']).flat_map(|tag| tag.split(' '));
    let names = ["href=\"", "src=\"", "action=\""];
    attributes
        .filter_map(|text| names.iter().find_map(|name| text.strip_prefix(name)))
        .filter_map(|rest| rest.split('"').next())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_is_served_below_the_base_path() {
    let quay = quay("quiet:3", &BASE).await;
    let own = quay.server.address;
    for path in ["/quaylight/api/containers", "/quaylight/api/events", "/quaylight/metrics", "/quaylight/favicon.svg"] {
        let status = get(own, path).await.status;
        assert!(status == 200 || path.ends_with("svg"), "{path}: {status}");
    }
    for health in ["/healthz", "/readyz", "/quaylight/healthz", "/quaylight/readyz"] {
        assert_eq!(get(own, health).await.status, 200, "{health}");
    }
    for outside in ["/", "/containers", "/api/containers", "/metrics", "/quaylights/", "/QUAYLIGHT/"] {
        let problem = get(own, outside).await.problem(404, "no_such_route");
        assert!(problem["detail"].as_str().unwrap().contains("/quaylight/"), "{problem}");
    }
    get(own, "/quaylight/api/nothing").await.problem(404, "no_such_route");
    for (path, location) in [
        ("/quaylight", "/quaylight/"),
        ("/quaylight/", "/quaylight/containers"),
        ("/quaylight/?q=a", "/quaylight/containers?q=a"),
        ("/quaylight/containers/", "/quaylight/containers"),
    ] {
        let response = get(own, path).await;
        assert!(response.status.is_redirection(), "{path}: {response:?}");
        assert_eq!(response.header("location"), location, "{path}");
    }
    let stream = request(own, Method::GET, "/quaylight/api/containers/stream").body(Full::<Bytes>::default()).unwrap();
    let mut stream = open(own, stream).await;
    assert_eq!(
        (stream.status().as_u16(), &stream.headers()["content-type"]),
        (200, &"text/event-stream".parse().unwrap())
    );
    let frame = stream.frame().await.unwrap().unwrap().into_data().unwrap();
    assert!(frame.starts_with(b"retry:") || frame.starts_with(b"event:") || frame.starts_with(b"id:"), "{frame:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn paths_outside_the_base_path_are_not_served() {
    let trusting = ["--trusted-proxy", "127.0.0.1", "--insecure-no-auth"];
    let quay = quay("quiet:1", &[BASE.as_slice(), &trusting].concat()).await;
    let ways = [("x-forwarded-for", "192.0.2.7"), ("x-forwarded-proto", "https"), ("forwarded", "for=192.0.2.7")];
    for health in ["/healthz", "/readyz"] {
        // The proxy's own health check, and `quaylight healthcheck` on its machine.
        assert_eq!(get(quay.server.address, health).await.status, 200, "{health}");
        for way in ways {
            let below = format!("/quaylight{health}");
            assert_eq!(fetch(&quay.server, Method::GET, &below, &[way], "").await.status, 200, "{below} {way:?}");
            fetch(&quay.server, Method::GET, health, &[way], "").await.problem(404, "no_such_route");
        }
    }
    // Any program may send such a header; only a trusted proxy's counts.
    let direct = crate::support::quay("quiet:1", &BASE).await;
    assert_eq!(fetch(&direct.server, Method::GET, "/healthz", &[ways[0]], "").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_link_on_a_page_is_below_the_base_path() {
    let (below, root) = (quay("quiet:3", &BASE).await, quay("quiet:3", &[]).await);
    let url = ["--public-url", "https://quay.example.org/a/b", "--insecure-no-auth"];
    let deep = quay("quiet:3", &url).await;
    let listed: Snapshot = get(below.server.address, "/quaylight/api/containers").await.json();
    let id = listed.containers[0].id;
    // Concurrently, because each page has its own path while it is rendered.
    for page in [
        "/containers",
        "/containers?view=table",
        "/events",
        "/realtime-test",
        "/logs",
        "/nowhere",
        &format!("/containers/{id}"),
    ] {
        let paths = [format!("/quaylight{page}"), page.to_owned(), format!("/a/b{page}")];
        let (one, two, three) = tokio::join!(
            fetch(&below.server, Method::GET, &paths[0], &[HTML], ""),
            fetch(&root.server, Method::GET, &paths[1], &[HTML], ""),
            fetch(&deep.server, Method::GET, &paths[2], &[HTML], ""),
        );
        for (response, base) in [(one, "/quaylight"), (two, ""), (three, "/a/b")] {
            let text = String::from_utf8_lossy(&response.body).into_owned();
            let found = addresses(&text);
            assert!(found.len() > 5, "{page}: {text}");
            for address in found.iter().filter(|address| address.starts_with('/')) {
                let rest = address.strip_prefix(base).unwrap_or_else(|| panic!("{page} below {base:?}: {address}"));
                assert!(
                    rest.starts_with('/') && (base.is_empty() || !rest.starts_with(base)),
                    "{page} below {base:?}: {address}"
                );
                assert!(!base.is_empty() || !address.starts_with("/quaylight/"), "{address}");
            }
            assert_eq!(text.contains(&format!("data-base=\"{base}\"")), !base.is_empty(), "{page}");
            assert!(text.contains(&format!("from \"{base}/pkg/")), "{page} below {base:?} loads its script: {text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sign_in_works_below_the_base_path() {
    let folder = tempfile::tempdir().unwrap();
    accounts(folder.path(), &[account("ada", Role::Viewer, &[])]);
    let quay = quay("quiet:1", &[BASE.as_slice(), &["--data-dir", folder.path().to_str().unwrap()]].concat()).await;
    let refused = fetch(&quay.server, Method::GET, "/quaylight/events?q=a", &[HTML], "").await;
    assert_eq!(refused.header("location"), "/quaylight/sign-in?to=/events%3Fq%3Da");
    let page = fetch(&quay.server, Method::GET, refused.header("location"), &[HTML], "").await;
    let text = String::from_utf8_lossy(&page.body).into_owned();
    assert!(text.contains("action=\"/quaylight/sign-in\"") && text.contains("href=\"/quaylight/still.css\""), "{text}");
    assert_eq!(get(quay.server.address, "/quaylight/still.css").await.status, 200);
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let body = "name=ada&password=correct+horse&to=/events%3Fq%3Da";
    let response = fetch(&quay.server, Method::POST, "/quaylight/sign-in", &form, body).await;
    assert_eq!((response.status.as_u16(), response.header("location")), (303, "/quaylight/events?q=a"), "{response:?}");
    let cookie = response.header("set-cookie");
    assert!(cookie.starts_with("quaylight-session=") && cookie.contains("; Path=/quaylight/;"), "{cookie}");
    let held = [("cookie", cookie.split(';').next().unwrap()), HTML];
    let page = fetch(&quay.server, Method::GET, "/quaylight/events", &held, "").await;
    let text = String::from_utf8_lossy(&page.body).into_owned();
    assert!(text.contains("Signed in as ada") && text.contains("action=\"/quaylight/sign-out\""), "{text}");
    let out = fetch(&quay.server, Method::POST, "/quaylight/sign-out", &held, "").await;
    assert_eq!(out.header("location"), "/quaylight/sign-in");
    assert!(out.header("set-cookie").contains("; Path=/quaylight/;"), "{out:?}");
    let https = [form[0], ("origin", &format!("https://{}", quay.server.address))];
    let response = fetch(&quay.server, Method::POST, "/quaylight/sign-in", &https, body).await;
    assert!(response.header("set-cookie").starts_with("__Secure-quaylight-session="), "{response:?}");
    let followed =
        [HTML, ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
    let page = fetch(&quay.server, Method::GET, "/quaylight/containers", &followed, "").await;
    assert!(String::from_utf8_lossy(&page.body).contains("url=/quaylight/containers"), "{page:?}");
    for hostile in ["/quaylight//evil.example", "//evil.example/quaylight/"] {
        let page = fetch(&quay.server, Method::GET, hostile, &followed, "").await;
        assert!(!String::from_utf8_lossy(&page.body).contains("url=//evil"), "{page:?}");
        assert!(!page.header("location").starts_with("//"), "{page:?}");
    }
}
