//! Cookies and redirects of the sign-in.

use crate::{
    access::sign_in::{PASSWORD, account, accounts, fetch, guarded, session},
    support::quay,
};
use hyper::Method;
use server::auth::Role;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_from_another_site_reloads_the_page_once() {
    let (quay, _file, _folder) = guarded("quiet:1", &[account("ada", Role::Viewer, &[])]).await;
    let followed = [
        ("accept", "text/html"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "document"),
    ];
    let response = fetch(&quay.server, Method::GET, "/containers?q=%22%3E", &followed, "").await;
    let page = String::from_utf8_lossy(&response.body).into_owned();
    assert!(
        response.status == 200 && page.contains("http-equiv=\"refresh\"") && page.contains("url=/containers?q=%22%3E"),
        "{page}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_cookie_is_secure_with_https() {
    let folder = tempfile::tempdir().unwrap();
    accounts(folder.path(), &[account("ada", Role::Viewer, &[])]);
    let data = ["--data-dir", folder.path().to_str().unwrap()];
    let form = ("content-type", "application/x-www-form-urlencoded");
    let body = format!("name=ada&password={}", PASSWORD.replace(' ', "+"));
    let proxied = quay("quiet:1", &[data.as_slice(), &["--trusted-proxy", "127.0.0.1"]].concat()).await;
    let public = ["--public-url", "https://quay.example.org"];
    let public = quay("quiet:1", &[data.as_slice(), &public].concat()).await;
    let (own, of_public) = (proxied.server.address.to_string(), public.server.address.to_string());
    let (https, http) = (format!("https://{own}"), format!("http://{own}"));
    let of_public = format!("http://{of_public}");
    for (server, header, is_secure) in [
        (&proxied.server, ("accept", "*/*"), false),
        (&proxied.server, ("origin", http.as_str()), false),
        (&proxied.server, ("origin", https.as_str()), true),
        (&proxied.server, ("x-forwarded-proto", "https"), true),
        (&proxied.server, ("x-forwarded-proto", "http"), false),
        (&proxied.server, ("forwarded", "for=192.0.2.7;proto=https"), true),
        (&public.server, ("accept", "*/*"), true),
        (&public.server, ("origin", "https://quay.example.org"), true),
        // Without the proxy, a browser would not keep a secure cookie.
        (&public.server, ("origin", of_public.as_str()), false),
    ] {
        let response = fetch(server, Method::POST, "/sign-in", &[form, header], &body).await;
        let cookie = response.header("set-cookie").to_owned();
        assert_eq!(response.status, 303, "{header:?}: {response:?}");
        assert_eq!(cookie.ends_with("; Secure"), is_secure, "{header:?}: {cookie}");
        assert_eq!(cookie.starts_with("__Host-quaylight-session="), is_secure, "{header:?}: {cookie}");
        assert!(cookie.contains("; Path=/;") && !cookie.contains("Domain"), "{cookie}");
        // The cookie is accepted, also through an undeclared proxy, and can be ended.
        let held = [("cookie", cookie.split(';').next().unwrap())];
        assert_eq!(fetch(server, Method::GET, "/api/containers", &held, "").await.status, 200, "{header:?}");
        let out = fetch(server, Method::POST, "/sign-out", &held, "").await;
        let (name, _) = held[0].1.split_once('=').unwrap();
        assert!(out.header("set-cookie").starts_with(&format!("{name}=;")), "{out:?}");
        fetch(server, Method::GET, "/api/containers", &held, "").await.problem(401, "sign_in_needed");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_on_one_host_keep_separate_sessions() {
    let (first, _file, _folder) = guarded("quiet:1", &[account("ada", Role::Viewer, &[])]).await;
    let (second, _file, _folder) = guarded("quiet:1", &[account("ada", Role::Viewer, &[])]).await;
    let of_first = session(&first.server, "ada").await;
    assert!(of_first.starts_with("quaylight-session="), "{of_first}");
    // The browser sends the cookie to every port.
    let form = ("content-type", "application/x-www-form-urlencoded");
    let body = format!("name=ada&password={}", PASSWORD.replace(' ', "+"));
    let response = fetch(&second.server, Method::POST, "/sign-in", &[form, ("cookie", &of_first)], &body).await;
    let of_second = response.header("set-cookie").split(';').next().unwrap().to_owned();
    let port = second.server.address.port();
    assert!(of_second.starts_with(&format!("quaylight-session-{port}=")), "{of_second}");
    let both = format!("other=Jürgen; {of_first}; {of_second}");
    for server in [&first.server, &second.server] {
        assert_eq!(fetch(server, Method::GET, "/api/containers", &[("cookie", &both)], "").await.status, 200);
    }
    let out = fetch(&second.server, Method::POST, "/sign-out", &[("cookie", &both)], "").await;
    assert!(out.header("set-cookie").starts_with(&format!("quaylight-session-{port}=;")), "{out:?}");
    fetch(&second.server, Method::GET, "/api/containers", &[("cookie", &both)], "")
        .await
        .problem(401, "sign_in_needed");
    assert_eq!(fetch(&first.server, Method::GET, "/api/containers", &[("cookie", &both)], "").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_redirect_goes_to_another_server() {
    let (quay, _file, _folder) = guarded("quiet:1", &[account("ada", Role::Viewer, &[])]).await;
    let cookie = session(&quay.server, "ada").await;
    let targets = [
        "//evil.example/path",
        "/%5Cevil.example",
        "/%2Fevil.example/path",
        "//evil.example/%2e%2e",
        "/.//evil.example",
        "/containers//evil.example",
    ];
    for target in targets {
        for site in ["cross-site", "same-site", "same-origin", "none"] {
            let followed = [
                ("accept", "text/html"),
                ("sec-fetch-site", site),
                ("sec-fetch-mode", "navigate"),
                ("sec-fetch-dest", "document"),
            ];
            let response = fetch(&quay.server, Method::GET, target, &followed, "").await;
            let page = String::from_utf8_lossy(&response.body).into_owned();
            assert!(!page.contains("evil.example"), "{target} {site}: {page}");
            let location = response.header("location");
            assert!(location.is_empty() || location.starts_with("/sign-in"), "{target} {site}: {location}");
        }
        let encoded: String = target.bytes().map(|byte| format!("%{byte:02X}")).collect();
        for path in [format!("/sign-in?to={encoded}"), format!("/sign-in/oidc?to={encoded}")] {
            let response = fetch(&quay.server, Method::GET, &path, &[("cookie", &cookie)], "").await;
            let location = response.header("location");
            assert!(["/", "/sign-in"].contains(&location), "{path}: {location}");
            let page = fetch(&quay.server, Method::GET, &path, &[], "").await;
            assert!(!String::from_utf8_lossy(&page.body).contains("evil.example"), "{path}");
        }
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let body = format!("name=ada&password={}&to={encoded}", PASSWORD.replace(' ', "+"));
        let response = fetch(&quay.server, Method::POST, "/sign-in", &form, &body).await;
        assert_eq!((response.status.as_u16(), response.header("location")), (303, "/"), "{target}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_redirects_only_to_pages_of_this_server() {
    let (quay, _file, _folder) = guarded("quiet:1", &[account("ada", Role::Viewer, &[])]).await;
    let form = [("content-type", "application/x-www-form-urlencoded")];
    for (target, page) in [
        ("/sign-out", "/"),
        ("/sign-in", "/"),
        ("/sign-in/callback", "/"),
        ("/api/containers/x/stop", "/"),
        ("/containers?q=a", "/containers?q=a"),
    ] {
        let body = format!("name=ada&password=correct+horse&to={}", target.replace('?', "%3F").replace('=', "%3D"));
        let response = fetch(&quay.server, Method::POST, "/sign-in", &form, &body).await;
        assert_eq!((response.status.as_u16(), response.header("location")), (303, page), "{target}");
        let cookie = response.header("set-cookie").split(';').next().unwrap().to_owned();
        let signed_in = format!("/sign-in?to={target}");
        let response = fetch(&quay.server, Method::GET, &signed_in, &[("cookie", &cookie)], "").await;
        assert_eq!((response.status.as_u16(), response.header("location")), (303, page), "{target}");
    }
}
