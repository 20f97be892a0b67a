//! Signing in and out, roles, tokens, and what ends with them.

use crate::support::{Answer, Quay, SOON, TestServer, Viewer, eventually, get, quay, request, send};
use app::{model::ContainerState, protocol::Snapshot};
use bytes::Bytes;
use http_body_util::Full;
use hyper::Method;
use server::auth::{
    Digest, Password, Role, Secret,
    accounts::{Account, AccountsFile, Token},
};
use std::path::Path;
use tempfile::TempDir;

const PASSWORD: &str = "correct horse";

pub(crate) fn account(name: &str, role: Role, labels: &[&str]) -> Account {
    let password = Password::new(PASSWORD.to_owned()).hash().unwrap();
    let labels = labels.iter().map(|label| label.parse().unwrap()).collect();
    Account { name: name.to_owned(), role, labels, password, sign_outs: 0 }
}

pub(crate) fn accounts(folder: &Path, users: &[Account]) -> AccountsFile {
    let file = AccountsFile::in_folder(folder);
    for user in users {
        file.change(|accounts| accounts.add_user(user.clone())).unwrap();
    }
    file
}

pub(crate) fn token(file: &AccountsFile, name: &str, role: Role, labels: &[&str]) -> String {
    let (name, secret) = (name.to_owned(), Secret::new("quay_"));
    let labels = labels.iter().map(|label| label.parse().unwrap()).collect();
    let token = Token { name, role, labels, digest: Digest::of(secret.expose()), expires_at_millis: None };
    file.change(|accounts| accounts.add_token(token)).unwrap();
    secret.expose().to_owned()
}

/// A server at which these may sign in.
pub(crate) async fn guarded(scenario: &str, users: &[Account]) -> (Quay, AccountsFile, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let file = accounts(folder.path(), users);
    let quay = quay(scenario, &["--data-dir", folder.path().to_str().unwrap()]).await;
    (quay, file, folder)
}

pub(crate) async fn ask(
    server: &TestServer,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let mut request = request(server.address, method, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(server.address, request.body(Full::new(Bytes::copy_from_slice(body.as_bytes()))).unwrap()).await
}

pub(crate) async fn sign_in(server: &TestServer, name: &str, password: &str) -> Answer {
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let body = format!("name={name}&password={}&to=/events", password.replace(' ', "+"));
    ask(server, Method::POST, "/sign-in", &form, &body).await
}

/// The session's cookie, as a browser sends it back.
pub(crate) async fn session(server: &TestServer, name: &str) -> String {
    let answer = sign_in(server, name, PASSWORD).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/events"), "{answer:?}");
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_sees_anything_before_signing_in() {
    let (quay, _file, _folder) = guarded("quiet:4", &[account("ada", Role::Viewer, &[])]).await;
    let ada = session(&quay.server, "ada").await;
    let listed: Snapshot = ask(&quay.server, Method::GET, "/api/containers", &[("cookie", &ada)], "").await.json();
    let known: Vec<_> = listed.containers.iter().map(|each| each.name.clone()).collect();
    assert!(!known.is_empty());
    for path in [
        "/api/containers",
        "/api/containers/stream",
        "/api/events",
        "/api/events/stream",
        "/api/diagnosis/stream",
        "/metrics",
        "/api/audit",
        "/api/nothing",
    ] {
        get(quay.server.address, path).await.problem(401, "sign_in_needed");
    }
    let html = [("accept", "text/html")];
    let answer = ask(&quay.server, Method::GET, "/containers?q=a&view=table", &html, "").await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("location")),
        (303, "/sign-in?to=/containers%3Fq%3Da%26view%3Dtable")
    );
    // What is open to everybody tells of no container, whatever is made of its address.
    for path in [
        "/sign-in",
        "/sign-in/x",
        "/sign-inx",
        "/pkg/x",
        "/pkg/../containers",
        "/favicon",
        "/faviconx",
        "/robots.txt",
        "/still.css",
    ] {
        let answer = ask(&quay.server, Method::GET, path, &html, "").await;
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(known.iter().all(|name| !body.contains(name.as_str())), "{path}: {body}");
        assert!(!body.contains("engine.sock"), "{path} tells where the engine is: {body}");
    }
    assert_eq!(get(quay.server.address, "/healthz").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_name_and_a_wrong_password_are_told_alike() {
    let (quay, _file, _folder) = guarded("quiet:1", &[account("ada", Role::Viewer, &[])]).await;
    let wrong = [sign_in(&quay.server, "ada", "nonsense").await, sign_in(&quay.server, "eve", PASSWORD).await];
    for answer in &wrong {
        assert_eq!((answer.status.as_u16(), answer.header("set-cookie")), (401, ""));
    }
    assert_eq!(wrong[0].body, wrong[1].body);
    let hostile = sign_in(&quay.server, "%3Cscript%3E", "x").await;
    assert!(!String::from_utf8_lossy(&hostile.body).contains("<script>"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guessing_is_slowed_down() {
    let (quay, _file, _folder) = guarded("quiet:1", &[account("ada", Role::Viewer, &[])]).await;
    for _ in 0..10 {
        assert_eq!(sign_in(&quay.server, "ada", "nonsense").await.status, 401);
    }
    let answer = sign_in(&quay.server, "ada", PASSWORD).await;
    assert_eq!(answer.status, 429);
    assert!(answer.header("retry-after").parse::<u64>().unwrap() > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_is_a_cookie_that_no_script_and_no_other_site_gets() {
    let (quay, _file, _folder) = guarded("quiet:1", &[account("ada", Role::Viewer, &[])]).await;
    let answer = sign_in(&quay.server, "ada", PASSWORD).await;
    let cookie = answer.header("set-cookie");
    for word in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=604800"] {
        assert!(cookie.contains(word), "{cookie}");
    }
    let cookie = session(&quay.server, "ada").await;
    assert_eq!(ask(&quay.server, Method::GET, "/api/containers", &[("cookie", &cookie)], "").await.status, 200);
    let page = ask(&quay.server, Method::GET, "/containers", &[("cookie", &cookie), ("accept", "text/html")], "").await;
    assert!(String::from_utf8_lossy(&page.body).contains("Signed in as ada, viewer"));
    // A stolen cookie in the form of another site.
    for path in ["/sign-out", "/sign-in", "/api/containers/0/stop"] {
        let foreign =
            [("cookie", cookie.as_str()), ("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")];
        ask(&quay.server, Method::POST, path, &foreign, "").await.problem(403, "cross_site");
    }
    let garbage = ask(&quay.server, Method::GET, "/api/containers", &[("cookie", "quaylight-session=00")], "").await;
    garbage.problem(401, "sign_in_needed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_out_ends_the_session_and_its_streams() {
    let (quay, _file, _folder) = guarded("quiet:2", &[account("ada", Role::Viewer, &[])]).await;
    let cookie = session(&quay.server, "ada").await;
    let mut viewer = Viewer::open(quay.server.address, "", &[("cookie", &cookie)]).await;
    viewer.next().await;
    let answer = ask(&quay.server, Method::POST, "/sign-out", &[("cookie", &cookie)], "").await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/sign-in"));
    viewer.until_ended(SOON).await;
    ask(&quay.server, Method::GET, "/api/containers", &[("cookie", &cookie)], "").await.problem(401, "sign_in_needed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_decides_who_may_act_and_losing_it_ends_what_is_open() {
    let users = [account("ada", Role::Viewer, &[]), account("bob", Role::Operator, &[])];
    let (quay, file, _folder) = guarded("quiet:4", &users).await;
    let (ada, bob) = (session(&quay.server, "ada").await, session(&quay.server, "bob").await);
    let token = token(&file, "reader", Role::Viewer, &[]);
    eventually("the token holds", async || {
        let bearer = format!("Bearer {token}");
        ask(&quay.server, Method::GET, "/api/containers", &[("authorization", &bearer)], "").await.status == 200
    })
    .await;
    let listed: Snapshot = ask(&quay.server, Method::GET, "/api/containers", &[("cookie", &bob)], "").await.json();
    let id = listed.containers.iter().find(|each| each.state == ContainerState::Running).unwrap().id;
    let path = format!("/api/containers/{id}/pause");
    let refused = ask(&quay.server, Method::POST, &path, &[("cookie", &ada)], "").await.problem(403, "role");
    assert!(refused["hint"].as_str().unwrap().contains("quaylight user role ada operator"));
    let bearer = format!("Bearer {token}");
    ask(&quay.server, Method::POST, &path, &[("authorization", &bearer)], "").await.problem(403, "role");
    let secrets = format!("/api/containers/{id}?secrets=show");
    ask(&quay.server, Method::GET, &secrets, &[("cookie", &ada)], "").await.problem(403, "role");
    assert_eq!(ask(&quay.server, Method::POST, &path, &[("cookie", &bob)], "").await.status, 204);

    let mut viewer = Viewer::open(quay.server.address, "", &[("cookie", &bob)]).await;
    viewer.next().await;
    file.change(|accounts| accounts.change_user("bob", |bob| bob.role = Role::Viewer)).unwrap();
    viewer.until_ended(SOON).await;
    let unpause = format!("/api/containers/{id}/unpause");
    ask(&quay.server, Method::POST, &unpause, &[("cookie", &bob)], "").await.problem(401, "sign_in_needed");
    // Removing everybody opens nothing.
    for name in ["ada", "bob"] {
        file.change(|accounts| accounts.remove_user(name)).unwrap();
    }
    file.change(|accounts| accounts.remove_token("reader")).unwrap();
    eventually("nobody is left", async || {
        ask(&quay.server, Method::GET, "/api/containers", &[("cookie", &ada)], "").await.status == 401
    })
    .await;
    get(quay.server.address, "/api/containers").await.problem(401, "sign_in_needed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_user_closes_a_server_that_was_open() {
    let (quay, file, _folder) = guarded("quiet:1", &[]).await;
    assert_eq!(get(quay.server.address, "/api/containers").await.status, 200);
    let mut viewer = quay.server.viewer().await;
    viewer.next().await;
    file.change(|accounts| accounts.add_user(account("ada", Role::Viewer, &[]))).unwrap();
    eventually("it is closed", async || get(quay.server.address, "/api/containers").await.status == 401).await;
    viewer.until_ended(SOON).await;
    let ready = get(quay.server.address, "/readyz").await;
    assert_eq!(String::from_utf8_lossy(&ready.body), r#"{"status":"ready"}"#);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_done_is_written_down_for_admins() {
    let users = [account("ada", Role::Viewer, &[]), account("root", Role::Admin, &[])];
    let (quay, _file, _folder) = guarded("quiet:4", &users).await;
    let (ada, root) = (session(&quay.server, "ada").await, session(&quay.server, "root").await);
    sign_in(&quay.server, "eve", "nonsense").await;
    let listed: Snapshot = ask(&quay.server, Method::GET, "/api/containers", &[("cookie", &root)], "").await.json();
    let running = listed.containers.iter().find(|each| each.state == ContainerState::Running).unwrap();
    let path = format!("/api/containers/{}/pause", running.id);
    ask(&quay.server, Method::POST, &path, &[("cookie", &ada)], "").await;
    ask(&quay.server, Method::POST, &path, &[("cookie", &root)], "").await;
    ask(&quay.server, Method::POST, &path, &[("cookie", &root)], "").await;
    ask(&quay.server, Method::GET, "/api/audit", &[("cookie", &ada)], "").await.problem(403, "role");
    let audit: serde_json::Value = ask(&quay.server, Method::GET, "/api/audit", &[("cookie", &root)], "").await.json();
    let told: Vec<_> = audit["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            (entry["who"].as_str().unwrap(), entry["action"].as_str().unwrap(), entry["result"].as_str().unwrap())
        })
        .collect();
    let expected = [
        ("ada", "signIn", "done"),
        ("root", "signIn", "done"),
        ("eve", "signIn", "denied"),
        ("ada", "pause", "denied"),
        ("root", "pause", "done"),
        ("root", "pause", "failed"),
    ];
    assert_eq!(told, expected);
    let last = audit["entries"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["containerName"], &last["from"]), (&running.name.as_str().into(), &"127.0.0.1".into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trusted_proxy_vouches_for_people_and_their_groups() {
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
    let vouched = quay("quiet:4", &flags).await;
    let as_member = async |groups: &str, method: Method, path: &str| {
        let headers = [("remote-user", "ada"), ("remote-groups", groups)];
        ask(&vouched.server, method, path, &headers, "").await
    };
    get(vouched.server.address, "/api/containers").await.problem(401, "sign_in_needed");
    let refused = as_member("strangers", Method::GET, "/api/containers").await.problem(403, "no_role");
    assert_eq!(refused["detail"], "Signed in as ada, but none of your groups has a role here.");
    let listed: Snapshot = as_member("all", Method::GET, "/api/containers").await.json();
    let id = listed.containers.iter().find(|each| each.state == ContainerState::Running).unwrap().id;
    let path = format!("/api/containers/{id}/pause");
    as_member("all", Method::POST, &path).await.problem(403, "role");
    assert_eq!(as_member("all, ops", Method::POST, &path).await.status, 204);
    // Nobody else is believed.
    let strict = quay("quiet:4", &["--trusted-proxy", "192.0.2.1", "--proxy-user-header", "Remote-User"]).await;
    ask(&strict.server, Method::GET, "/api/containers", &[("remote-user", "ada")], "")
        .await
        .problem(401, "sign_in_needed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_over_a_link_of_another_site_is_asked_for_once_more_by_this_one() {
    let (quay, _file, _folder) = guarded("quiet:1", &[account("ada", Role::Viewer, &[])]).await;
    let followed = [
        ("accept", "text/html"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "document"),
    ];
    let answer = ask(&quay.server, Method::GET, "/containers?q=%22%3E", &followed, "").await;
    let page = String::from_utf8_lossy(&answer.body).into_owned();
    assert!(
        answer.status == 200 && page.contains("http-equiv=\"refresh\"") && page.contains("url=/containers?q=%22%3E"),
        "{page}"
    );
}

/// A server that believes a proxy on this machine, and gives roles to these groups.
const VOUCHED: [&str; 8] = [
    "--trusted-proxy",
    "127.0.0.1",
    "--proxy-user-header",
    "Remote-User",
    "--proxy-groups-header",
    "Remote-Groups",
    "--group-role",
    "büro=operator,all=viewer,root=admin",
];

/// `GET path` with these headers, as bytes.
async fn with_bytes(server: &TestServer, path: &str, headers: &[(&str, &[u8])]) -> Answer {
    let mut request = request(server.address, Method::GET, path);
    for (name, value) in headers {
        request = request.header(*name, hyper::header::HeaderValue::from_bytes(value).unwrap());
    }
    send(server.address, request.body(Full::default()).unwrap()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_and_groups_of_a_proxy_need_not_be_ascii() {
    let quay = quay("quiet:1", &VOUCHED).await;
    let page = async |user: &[u8], groups: &[u8]| {
        let headers: [(&str, &[u8]); 3] = [("remote-user", user), ("remote-groups", groups), ("accept", b"text/html")];
        let answer = with_bytes(&quay.server, "/containers", &headers).await;
        (answer.status.as_u16(), String::from_utf8_lossy(&answer.body).into_owned())
    };
    for (user, groups, words) in [
        ("Jürgen".as_bytes(), b"all".as_slice(), "Signed in as Jürgen, viewer"),
        (b"J\xfcrgen", b"all", "Signed in as Jürgen, viewer"),
        ("Пётр".as_bytes(), "büro".as_bytes(), "Signed in as Пётр, operator"),
        // Each group by itself: one in Latin-1, one in neither.
        (b"ada", b"b\xfcro", "Signed in as ada, operator"),
        (b"ada", b"foreign\xff\x9b, all", "Signed in as ada, viewer"),
        (b"ada", "Büro für Всё, all".as_bytes(), "Signed in as ada, viewer"),
    ] {
        let (status, page) = page(user, groups).await;
        assert!(status == 200 && page.contains(words), "{}: {status} {page}", user.escape_ascii());
    }
    let lines: [(&str, &[u8]); 3] = [("remote-user", b"ada"), ("remote-groups", b"\x9b"), ("remote-groups", b"all")];
    assert_eq!(with_bytes(&quay.server, "/api/containers", &lines).await.status, 200);
    // Two names: one may be the browser's own.
    let twice: [(&str, &[u8]); 3] = [("remote-user", b"root"), ("remote-user", b"ada"), ("remote-groups", b"root")];
    with_bytes(&quay.server, "/api/containers", &twice).await.problem(401, "sign_in_needed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_in_no_group_with_a_role_is_told_so_and_written_down_once() {
    let quay = quay("quiet:1", &VOUCHED).await;
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
async fn a_header_that_cannot_be_read_is_named_in_the_log_once() {
    let (mut program, address) =
        crate::startup::serving(&[&VOUCHED, ["--engine", "demo:quiet:1"].as_slice()].concat(), &[]).await;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_cookie_is_secure_wherever_the_browser_uses_https() {
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
        // Past the proxy, where a browser would not keep a secure one.
        (&public.server, ("origin", of_public.as_str()), false),
    ] {
        let answer = ask(server, Method::POST, "/sign-in", &[form, header], &body).await;
        let cookie = answer.header("set-cookie").to_owned();
        assert_eq!(answer.status, 303, "{header:?}: {answer:?}");
        assert_eq!(cookie.ends_with("; Secure"), is_secure, "{header:?}: {cookie}");
        assert_eq!(cookie.starts_with("__Host-quaylight-session="), is_secure, "{header:?}: {cookie}");
        assert!(cookie.contains("; Path=/;") && !cookie.contains("Domain"), "{cookie}");
        // It is taken back, over a proxy that is not declared, too; and ends.
        let held = [("cookie", cookie.split(';').next().unwrap())];
        assert_eq!(ask(server, Method::GET, "/api/containers", &held, "").await.status, 200, "{header:?}");
        let out = ask(server, Method::POST, "/sign-out", &held, "").await;
        let (name, _) = held[0].1.split_once('=').unwrap();
        assert!(out.header("set-cookie").starts_with(&format!("{name}=;")), "{out:?}");
        ask(server, Method::GET, "/api/containers", &held, "").await.problem(401, "sign_in_needed");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_of_one_host_leave_each_others_session_alone() {
    let (first, _file, _folder) = guarded("quiet:1", &[account("ada", Role::Viewer, &[])]).await;
    let (second, _file, _folder) = guarded("quiet:1", &[account("ada", Role::Viewer, &[])]).await;
    let of_first = session(&first.server, "ada").await;
    assert!(of_first.starts_with("quaylight-session="), "{of_first}");
    // The browser sends it to every port.
    let form = ("content-type", "application/x-www-form-urlencoded");
    let body = format!("name=ada&password={}", PASSWORD.replace(' ', "+"));
    let answer = ask(&second.server, Method::POST, "/sign-in", &[form, ("cookie", &of_first)], &body).await;
    let of_second = answer.header("set-cookie").split(';').next().unwrap().to_owned();
    let port = second.server.address.port();
    assert!(of_second.starts_with(&format!("quaylight-session-{port}=")), "{of_second}");
    let both = format!("other=Jürgen; {of_first}; {of_second}");
    for server in [&first.server, &second.server] {
        assert_eq!(ask(server, Method::GET, "/api/containers", &[("cookie", &both)], "").await.status, 200);
    }
    let out = ask(&second.server, Method::POST, "/sign-out", &[("cookie", &both)], "").await;
    assert!(out.header("set-cookie").starts_with(&format!("quaylight-session-{port}=;")), "{out:?}");
    ask(&second.server, Method::GET, "/api/containers", &[("cookie", &both)], "").await.problem(401, "sign_in_needed");
    assert_eq!(ask(&first.server, Method::GET, "/api/containers", &[("cookie", &both)], "").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_redirect_leads_to_another_server() {
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
            let answer = ask(&quay.server, Method::GET, target, &followed, "").await;
            let page = String::from_utf8_lossy(&answer.body).into_owned();
            assert!(!page.contains("evil.example"), "{target} {site}: {page}");
            let location = answer.header("location");
            assert!(location.is_empty() || location.starts_with("/sign-in"), "{target} {site}: {location}");
        }
        let encoded: String = target.bytes().map(|byte| format!("%{byte:02X}")).collect();
        for path in [format!("/sign-in?to={encoded}"), format!("/sign-in/oidc?to={encoded}")] {
            let answer = ask(&quay.server, Method::GET, &path, &[("cookie", &cookie)], "").await;
            let location = answer.header("location");
            assert!(["/", "/sign-in"].contains(&location), "{path}: {location}");
            let page = ask(&quay.server, Method::GET, &path, &[], "").await;
            assert!(!String::from_utf8_lossy(&page.body).contains("evil.example"), "{path}");
        }
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let body = format!("name=ada&password={}&to={encoded}", PASSWORD.replace(' ', "+"));
        let answer = ask(&quay.server, Method::POST, "/sign-in", &form, &body).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/"), "{target}");
    }
}
