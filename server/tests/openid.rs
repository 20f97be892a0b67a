//! Sign-in at a real OpenID provider, as a browser does it, with the simulated engine.
//!
//! Skipped with a message where the provider cannot run; with `REQUIRE_DOCKER=1`, that is a
//! failure.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "tests")]

#[path = "openid/browser.rs"]
mod browser;
#[path = "openid/provider.rs"]
mod provider;
mod support;

use app::{model::ContainerState, protocol::Snapshot};
use browser::{Browser, QUAY};
use hyper::Method;
use provider::OpenIdProvider;
use std::{fs, net::TcpListener};
use support::{Program, Quay, eventually, quay};
use tempfile::TempDir;

const SECRET: &str = "a secret of two: quay & provider\n";
const ROLES: &str = "admins=admin,ops=operator,staff=viewer";

/// Starts a server with sign-in at `issuer`. Also returns its folder.
async fn server(issuer: &str) -> (Quay, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    fs::write(&secret, SECRET).unwrap();
    let (secret, data) = (secret.to_str().unwrap(), folder.path().to_str().unwrap());
    let flags = ["--oidc-issuer", issuer, "--oidc-client-id", "quaylight", "--oidc-client-secret-file", secret];
    let own = ["--public-url", QUAY, "--group-role", ROLES, "--data-dir", data];
    let quay = quay("quiet:4", &[flags.as_slice(), &own].concat()).await;
    (quay, folder)
}

/// Starts a provider, a server that uses it, and a browser; `None` where the provider cannot run.
async fn all() -> Option<(OpenIdProvider, Quay, Browser, TempDir)> {
    let provider = OpenIdProvider::start(0).await?;
    let (quay, folder) = server(&provider.issuer).await;
    let browser = Browser::new(quay.server.address);
    Some((provider, quay, browser, folder))
}

/// Entries of the audit log: user, action, result and detail.
async fn audit(browser: &mut Browser) -> Vec<(String, String, String, String)> {
    let entries: serde_json::Value = browser.get(&format!("{QUAY}/api/audit")).await.response.json();
    let text = |entry: &serde_json::Value, field: &str| entry[field].as_str().unwrap_or_default().to_owned();
    let entry = |entry| (text(entry, "who"), text(entry, "action"), text(entry, "result"), text(entry, "detail"));
    entries["entries"].as_array().unwrap().iter().map(entry).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_grants_operator_until_sign_out() {
    let Some((_provider, _quay, mut browser, _folder)) = all().await else { return };
    let page = browser.get(&format!("{QUAY}/sign-in?to=/events")).await.text();
    assert!(page.contains("Sign in with OpenID") && page.contains("href=\"/sign-in/oidc?to=/events\""), "{page}");
    assert!(!page.contains("Password") && !page.contains("quaylight user add"), "{page}");

    let page = browser.sign_in("ada").await;
    assert!(page.response.status == 200 && page.text().contains("content=\"0; url=/events\""), "{page:?}");
    let cookies: Vec<_> =
        page.response.headers.get_all("set-cookie").iter().map(|each| each.to_str().unwrap()).collect();
    let session = cookies.iter().find(|cookie| cookie.starts_with("quaylight-session=")).unwrap();
    assert!(session.contains("HttpOnly; SameSite=Strict; Path=/;"), "{session}");
    assert!(browser.get(&format!("{QUAY}/events")).await.text().contains("Signed in as ada, operator"));

    let listed: Snapshot = browser.get(&format!("{QUAY}/api/containers")).await.response.json();
    let id = listed.containers.iter().find(|each| each.state == ContainerState::Running).unwrap().id;
    let paused = browser.fetch(Method::POST, &format!("{QUAY}/api/containers/{id}/pause"), "").await;
    assert_eq!(paused.response.status, 204);
    browser.get(&format!("{QUAY}/api/audit")).await.response.problem(403, "role");
    assert_eq!(browser.fetch(Method::POST, &format!("{QUAY}/sign-out"), "").await.response.status, 303);
    browser.get(&format!("{QUAY}/api/containers")).await.response.problem(401, "sign_in_needed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signed_out_session_is_invalid_even_with_its_cookie() {
    let Some((_provider, quay, mut browser, _folder)) = all().await else { return };
    let page = browser.sign_in("bob").await;
    let mut cookies = page.response.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap());
    let kept = cookies.find(|cookie| cookie.starts_with("quaylight-session=")).unwrap().split(';').next().unwrap();
    let with_it = async || {
        let request = support::request(quay.server.address, Method::GET, "/api/containers").header("cookie", kept);
        support::send(quay.server.address, request.body(Default::default()).unwrap()).await
    };
    assert_eq!(with_it().await.status, 200);
    browser.fetch(Method::POST, &format!("{QUAY}/sign-out"), "").await;
    with_it().await.problem(401, "sign_in_needed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_completes_once_in_the_browser_that_started_it() {
    let Some((_provider, quay, mut browser, _folder)) = all().await else { return };
    let back = browser.sign_in_at_provider("ada").await;
    let state = back.split("state=").nth(1).unwrap().split('&').next().unwrap();
    let wrong_state = back.replace(state, &"x".repeat(state.len()));
    let twice = format!("{back}&state={state}");
    let without = back.replace("state=", "stale=");
    for wrong in [&wrong_state, &twice, &without] {
        let page = browser.get(wrong).await;
        assert!(page.response.status == 400 && !page.signs_in(), "{wrong}: {page:?}");
    }
    let stranger = Browser::new(quay.server.address).get(&back).await;
    assert!(stranger.response.status == 400 && !stranger.signs_in(), "{stranger:?}");

    let cookies = browser.clone();
    assert!(browser.get(&back).await.signs_in());
    for mut replaying in [browser, cookies] {
        let page = replaying.get(&back).await;
        assert!(page.response.status == 400 && !page.signs_in(), "{page:?}");
    }
    let mut browser = Browser::new(quay.server.address);
    let back = browser.sign_in_at_provider("ada").await;
    let page = browser.get(&back.replace("iss=http", "iss=https")).await;
    assert!(page.response.status == 403 && !page.signs_in(), "{page:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invalid_id_token_is_refused() {
    let Some((_provider, quay, _, _folder)) = all().await else { return };
    let spoiled = [
        ("expired", "expired"),
        ("audience", "audience"),
        ("issuer", "issuer"),
        ("nonce", "nonce"),
        ("key", "ignature"),
        ("unsigned", "ignature"),
        ("hash", "access token"),
    ];
    for (what, _) in spoiled {
        let page = Browser::new(quay.server.address).sign_in(&format!("mallory-{what}")).await;
        assert!(
            page.response.status == 403 && !page.signs_in() && page.text().contains("could not be verified"),
            "{what}: {page:?}"
        );
    }
    let mut root = Browser::new(quay.server.address);
    // The same provider and claims without manipulation.
    assert!(root.sign_in("root").await.signs_in());
    for ((what, reason), (who, action, result, detail)) in spoiled.iter().zip(audit(&mut root).await) {
        assert_eq!((who.as_str(), action.as_str(), result.as_str()), ("nobody", "signIn", "denied"));
        assert!(detail.to_lowercase().contains(reason), "{what}: {detail}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_without_a_role_is_refused() {
    let Some((_provider, quay, _, _folder)) = all().await else { return };
    for name in ["eve", "nemo"] {
        let page = Browser::new(quay.server.address).sign_in(name).await;
        assert!(page.response.status == 403 && !page.signs_in(), "{page:?}");
        let words = format!("Signed in as {name}, but none of your groups has a role here.");
        assert!(page.text().contains(&words), "{page:?}");
    }
    let mut bob = Browser::new(quay.server.address);
    assert!(bob.sign_in("bob").await.signs_in(), "groups may be text");
    assert!(bob.get(&format!("{QUAY}/events")).await.text().contains("Signed in as bob, viewer"));
    let mut root = Browser::new(quay.server.address);
    root.sign_in("root").await;
    let entries = audit(&mut root).await;
    let entries: Vec<_> =
        entries.iter().map(|(who, _, result, detail)| (who.as_str(), result.as_str(), detail.as_str())).collect();
    let no_role = "OpenID: in no group with a role";
    let expected = [
        ("eve", "denied", no_role),
        ("nemo", "denied", no_role),
        ("bob", "done", "OpenID"),
        ("root", "done", "OpenID"),
    ];
    assert_eq!(entries, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_of_the_provider_is_shown_safely() {
    let Some((_provider, quay, mut browser, _folder)) = all().await else { return };
    let page = browser.sign_in("refuse").await;
    let text = page.text();
    assert!(page.response.status == 403 && !page.signs_in(), "{page:?}");
    assert!(text.contains("access_denied: They &lt;b") && !text.contains("<b>"), "{text}");
    // Text that does not come from the provider is not shown.
    let made_up = format!("{QUAY}/sign-in/callback?error=call_me&error_description=on+555&state=x");
    let page = Browser::new(quay.server.address).get(&made_up).await;
    assert!(page.response.status == 400 && !page.text().contains("555"), "{page:?}");
}

/// Returns a free port outside the range of ephemeral ports, so that it can be used again after a
/// restart.
fn lasting_port() -> u16 {
    let first = 20_000 + u16::try_from(std::process::id() % 10_000).unwrap();
    (first..).find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).expect("a free port")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_outage_is_reported_and_recovers() {
    let port = lasting_port();
    let (quay, _folder) = server(&format!("http://127.0.0.1:{port}")).await;
    let mut browser = Browser::new(quay.server.address);
    let page = browser.get(&format!("{QUAY}/sign-in/oidc?to=/events")).await;
    assert!(page.response.status == 503 && page.text().contains("The OpenID provider does not respond"), "{page:?}");
    assert!(page.text().contains("Sign in with OpenID"), "{page:?}");

    let Some(provider) = OpenIdProvider::start(port).await else { return };
    eventually("it is found", async || browser.get(&format!("{QUAY}/sign-in/oidc")).await.response.status == 303).await;
    assert!(browser.sign_in("ada").await.signs_in());
    let mut browser = Browser::new(quay.server.address);
    let back = browser.sign_in_at_provider("ada").await;
    drop(provider);
    let page = browser.get(&back).await;
    assert!(page.response.status == 502 && page.text().contains("The OpenID provider does not respond"), "{page:?}");

    // It returns with new keys.
    let provider = OpenIdProvider::start(port).await.unwrap();
    eventually("it is found again", async || browser.get(&format!("{QUAY}/sign-in/oidc")).await.response.status == 303)
        .await;
    assert!(Browser::new(quay.server.address).sign_in("ada").await.signs_in());
    drop(provider);
    let _provider = OpenIdProvider::start(port).await.unwrap();
    // Again, without an outage that the server notices: the cached keys are outdated.
    assert!(Browser::new(quay.server.address).sign_in("ada").await.signs_in());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unreadable_client_secret_is_reported_in_one_line() {
    let flags = ["--engine", "demo", "--listen", "127.0.0.1:0", "--oidc-issuer", "https://auth.example.org"];
    let client = ["--oidc-client-id", "quaylight", "--public-url", "https://quay.example.org"];
    let folder = tempfile::tempdir().unwrap();
    let own = ["--data-dir", folder.path().to_str().unwrap(), "--oidc-client-secret-file", "/nowhere/secret"];
    let output = Program::start(&[flags.as_slice(), &client, &own].concat(), &[]).ended().await;
    assert!(!output.status.success());
    assert_eq!(
        output.stderr,
        "quaylight: cannot read --oidc-client-secret-file /nowhere/secret: No such file or directory (os error 2)\n"
    );
}
