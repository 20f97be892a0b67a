//! Sign-in and sign-out, roles, tokens, and the streams that end with them.

use crate::support::{HttpResponse, Quay, TEST_TIMEOUT, TestServer, Viewer, eventually, get, quay, request, send};
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

pub(crate) const PASSWORD: &str = "correct horse";

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

/// A server with these users.
pub(crate) async fn guarded(scenario: &str, users: &[Account]) -> (Quay, AccountsFile, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let file = accounts(folder.path(), users);
    let quay = quay(scenario, &["--data-dir", folder.path().to_str().unwrap()]).await;
    (quay, file, folder)
}

pub(crate) async fn fetch(
    server: &TestServer,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> HttpResponse {
    let mut request = request(server.address, method, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(server.address, request.body(Full::new(Bytes::copy_from_slice(body.as_bytes()))).unwrap()).await
}

pub(crate) async fn sign_in(server: &TestServer, name: &str, password: &str) -> HttpResponse {
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let body = format!("name={name}&password={}&to=/events", password.replace(' ', "+"));
    fetch(server, Method::POST, "/sign-in", &form, &body).await
}

/// Signs in, and returns the session cookie as a browser sends it.
pub(crate) async fn session(server: &TestServer, name: &str) -> String {
    let response = sign_in(server, name, PASSWORD).await;
    assert_eq!((response.status.as_u16(), response.header("location")), (303, "/events"), "{response:?}");
    response.header("set-cookie").split(';').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_visible_before_sign_in() {
    let (quay, _file, _folder) = guarded("quiet:4", &[account("ada", Role::Viewer, &[])]).await;
    let ada = session(&quay.server, "ada").await;
    let listed: Snapshot = fetch(&quay.server, Method::GET, "/api/containers", &[("cookie", &ada)], "").await.json();
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
    let response = fetch(&quay.server, Method::GET, "/containers?q=a&view=table", &html, "").await;
    assert_eq!(
        (response.status.as_u16(), response.header("location")),
        (303, "/sign-in?to=/containers%3Fq%3Da%26view%3Dtable")
    );
    // Public paths reveal no container, with any form of the address.
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
        let response = fetch(&quay.server, Method::GET, path, &html, "").await;
        let body = String::from_utf8_lossy(&response.body).into_owned();
        assert!(known.iter().all(|name| !body.contains(name.as_str())), "{path}: {body}");
        assert!(!body.contains("engine.sock"), "{path} reveals the engine's address: {body}");
    }
    assert_eq!(get(quay.server.address, "/healthz").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_name_and_a_wrong_password_get_the_same_response() {
    let (quay, _file, _folder) = guarded("quiet:1", &[account("ada", Role::Viewer, &[])]).await;
    let wrong = [sign_in(&quay.server, "ada", "nonsense").await, sign_in(&quay.server, "eve", PASSWORD).await];
    for response in &wrong {
        assert_eq!((response.status.as_u16(), response.header("set-cookie")), (401, ""));
    }
    assert_eq!(wrong[0].body, wrong[1].body);
    let hostile = sign_in(&quay.server, "%3Cscript%3E", "x").await;
    assert!(!String::from_utf8_lossy(&hostile.body).contains("<script>"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn password_guessing_is_throttled() {
    let (quay, _file, _folder) = guarded("quiet:1", &[account("ada", Role::Viewer, &[])]).await;
    for _ in 0..10 {
        assert_eq!(sign_in(&quay.server, "ada", "nonsense").await.status, 401);
    }
    let response = sign_in(&quay.server, "ada", PASSWORD).await;
    assert_eq!(response.status, 429);
    assert!(response.header("retry-after").parse::<u64>().unwrap() > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_session_cookie_is_http_only_and_same_site() {
    let (quay, _file, _folder) = guarded("quiet:1", &[account("ada", Role::Viewer, &[])]).await;
    let response = sign_in(&quay.server, "ada", PASSWORD).await;
    let cookie = response.header("set-cookie");
    for word in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=604800"] {
        assert!(cookie.contains(word), "{cookie}");
    }
    let cookie = session(&quay.server, "ada").await;
    assert_eq!(fetch(&quay.server, Method::GET, "/api/containers", &[("cookie", &cookie)], "").await.status, 200);
    let page =
        fetch(&quay.server, Method::GET, "/containers", &[("cookie", &cookie), ("accept", "text/html")], "").await;
    assert!(String::from_utf8_lossy(&page.body).contains("Signed in as ada, viewer"));
    // A stolen cookie, sent by a form of another site.
    for path in ["/sign-out", "/sign-in", "/api/containers/0/stop"] {
        let foreign =
            [("cookie", cookie.as_str()), ("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")];
        fetch(&quay.server, Method::POST, path, &foreign, "").await.problem(403, "cross_site");
    }
    let garbage = fetch(&quay.server, Method::GET, "/api/containers", &[("cookie", "quaylight-session=00")], "").await;
    garbage.problem(401, "sign_in_needed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_out_ends_the_session_and_its_streams() {
    let (quay, _file, _folder) = guarded("quiet:2", &[account("ada", Role::Viewer, &[])]).await;
    let cookie = session(&quay.server, "ada").await;
    let mut viewer = Viewer::open(quay.server.address, "", &[("cookie", &cookie)]).await;
    viewer.next().await;
    let response = fetch(&quay.server, Method::POST, "/sign-out", &[("cookie", &cookie)], "").await;
    assert_eq!((response.status.as_u16(), response.header("location")), (303, "/sign-in"));
    viewer.until_ended(TEST_TIMEOUT).await;
    fetch(&quay.server, Method::GET, "/api/containers", &[("cookie", &cookie)], "")
        .await
        .problem(401, "sign_in_needed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn roles_allow_actions_and_losing_one_ends_streams() {
    let users = [account("ada", Role::Viewer, &[]), account("bob", Role::Operator, &[])];
    let (quay, file, _folder) = guarded("quiet:4", &users).await;
    let (ada, bob) = (session(&quay.server, "ada").await, session(&quay.server, "bob").await);
    let token = token(&file, "reader", Role::Viewer, &[]);
    eventually("the token holds", async || {
        let bearer = format!("Bearer {token}");
        fetch(&quay.server, Method::GET, "/api/containers", &[("authorization", &bearer)], "").await.status == 200
    })
    .await;
    let listed: Snapshot = fetch(&quay.server, Method::GET, "/api/containers", &[("cookie", &bob)], "").await.json();
    let id = listed.containers.iter().find(|each| each.state == ContainerState::Running).unwrap().id;
    let path = format!("/api/containers/{id}/pause");
    let refused = fetch(&quay.server, Method::POST, &path, &[("cookie", &ada)], "").await.problem(403, "role");
    assert!(refused["hint"].as_str().unwrap().contains("quaylight user role ada operator"));
    let bearer = format!("Bearer {token}");
    fetch(&quay.server, Method::POST, &path, &[("authorization", &bearer)], "").await.problem(403, "role");
    let secrets = format!("/api/containers/{id}?secrets=show");
    fetch(&quay.server, Method::GET, &secrets, &[("cookie", &ada)], "").await.problem(403, "role");
    assert_eq!(fetch(&quay.server, Method::POST, &path, &[("cookie", &bob)], "").await.status, 204);

    let mut viewer = Viewer::open(quay.server.address, "", &[("cookie", &bob)]).await;
    viewer.next().await;
    file.change(|accounts| accounts.change_user("bob", |bob| bob.role = Role::Viewer)).unwrap();
    viewer.until_ended(TEST_TIMEOUT).await;
    let unpause = format!("/api/containers/{id}/unpause");
    fetch(&quay.server, Method::POST, &unpause, &[("cookie", &bob)], "").await.problem(401, "sign_in_needed");
    // Sign-in stays required without users.
    for name in ["ada", "bob"] {
        file.change(|accounts| accounts.remove_user(name)).unwrap();
    }
    file.change(|accounts| accounts.remove_token("reader")).unwrap();
    eventually("no viewer is left", async || {
        fetch(&quay.server, Method::GET, "/api/containers", &[("cookie", &ada)], "").await.status == 401
    })
    .await;
    get(quay.server.address, "/api/containers").await.problem(401, "sign_in_needed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn adding_the_first_user_requires_sign_in() {
    let (quay, file, _folder) = guarded("quiet:1", &[]).await;
    assert_eq!(get(quay.server.address, "/api/containers").await.status, 200);
    let mut viewer = quay.server.viewer().await;
    viewer.next().await;
    file.change(|accounts| accounts.add_user(account("ada", Role::Viewer, &[]))).unwrap();
    eventually("it is closed", async || get(quay.server.address, "/api/containers").await.status == 401).await;
    viewer.until_ended(TEST_TIMEOUT).await;
    let ready = get(quay.server.address, "/readyz").await;
    assert_eq!(String::from_utf8_lossy(&ready.body), r#"{"status":"ready"}"#);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn admins_can_read_the_audit_log() {
    let users = [account("ada", Role::Viewer, &[]), account("root", Role::Admin, &[])];
    let (quay, _file, _folder) = guarded("quiet:4", &users).await;
    let (ada, root) = (session(&quay.server, "ada").await, session(&quay.server, "root").await);
    sign_in(&quay.server, "eve", "nonsense").await;
    let listed: Snapshot = fetch(&quay.server, Method::GET, "/api/containers", &[("cookie", &root)], "").await.json();
    let running = listed.containers.iter().find(|each| each.state == ContainerState::Running).unwrap();
    let path = format!("/api/containers/{}/pause", running.id);
    fetch(&quay.server, Method::POST, &path, &[("cookie", &ada)], "").await;
    fetch(&quay.server, Method::POST, &path, &[("cookie", &root)], "").await;
    fetch(&quay.server, Method::POST, &path, &[("cookie", &root)], "").await;
    fetch(&quay.server, Method::GET, "/api/audit", &[("cookie", &ada)], "").await.problem(403, "role");
    let audit: serde_json::Value =
        fetch(&quay.server, Method::GET, "/api/audit", &[("cookie", &root)], "").await.json();
    let recorded: Vec<_> = audit["entries"]
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
    assert_eq!(recorded, expected);
    let last = audit["entries"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["containerName"], &last["from"]), (&running.name.as_str().into(), &"127.0.0.1".into()));
}
