//! Signing in at a real OpenID provider, walked through as a browser does; the engine is the simulated one.
//!
//! Skipped with a line that says why where the provider cannot run; `REQUIRE_DOCKER=1` makes that a failure.

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

/// A server at which one signs in at `issuer`, with its folder.
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

/// A provider, a server that knows it, and a browser; `None` where the provider cannot run.
async fn all() -> Option<(OpenIdProvider, Quay, Browser, TempDir)> {
    let provider = OpenIdProvider::start(0).await?;
    let (quay, folder) = server(&provider.issuer).await;
    let browser = Browser::new(quay.server.address);
    Some((provider, quay, browser, folder))
}

/// What the audit log says: who, what, how it ended, and why.
async fn audit(browser: &mut Browser) -> Vec<(String, String, String, String)> {
    let told: serde_json::Value = browser.get(&format!("{QUAY}/api/audit")).await.answer.json();
    let text = |entry: &serde_json::Value, field: &str| entry[field].as_str().unwrap_or_default().to_owned();
    let entry = |entry| (text(entry, "who"), text(entry, "action"), text(entry, "result"), text(entry, "detail"));
    told["entries"].as_array().unwrap().iter().map(entry).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_makes_an_operator_until_they_sign_out() {
    let Some((_provider, _quay, mut browser, _folder)) = all().await else { return };
    let page = browser.get(&format!("{QUAY}/sign-in?to=/events")).await.text();
    assert!(page.contains("Sign in with OpenID") && page.contains("href=\"/sign-in/oidc?to=/events\""), "{page}");
    assert!(!page.contains("Password") && !page.contains("quaylight user add"), "{page}");

    let page = browser.sign_in("ada").await;
    assert!(page.answer.status == 200 && page.text().contains("content=\"0; url=/events\""), "{page:?}");
    let cookies: Vec<_> = page.answer.headers.get_all("set-cookie").iter().map(|each| each.to_str().unwrap()).collect();
    let session = cookies.iter().find(|cookie| cookie.starts_with("quaylight-session=")).unwrap();
    assert!(session.contains("HttpOnly; SameSite=Strict; Path=/;"), "{session}");
    assert!(browser.get(&format!("{QUAY}/events")).await.text().contains("Signed in as ada, operator"));

    let listed: Snapshot = browser.get(&format!("{QUAY}/api/containers")).await.answer.json();
    let id = listed.containers.iter().find(|each| each.state == ContainerState::Running).unwrap().id;
    let paused = browser.ask(Method::POST, &format!("{QUAY}/api/containers/{id}/pause"), "").await;
    assert_eq!(paused.answer.status, 204);
    browser.get(&format!("{QUAY}/api/audit")).await.answer.problem(403, "role");
    assert_eq!(browser.ask(Method::POST, &format!("{QUAY}/sign-out"), "").await.answer.status, 303);
    browser.get(&format!("{QUAY}/api/containers")).await.answer.problem(401, "sign_in_needed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_was_signed_out_is_over_whoever_kept_its_cookie() {
    let Some((_provider, quay, mut browser, _folder)) = all().await else { return };
    let page = browser.sign_in("bob").await;
    let mut cookies = page.answer.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap());
    let kept = cookies.find(|cookie| cookie.starts_with("quaylight-session=")).unwrap().split(';').next().unwrap();
    let with_it = async || {
        let request = support::request(quay.server.address, Method::GET, "/api/containers").header("cookie", kept);
        support::send(quay.server.address, request.body(Default::default()).unwrap()).await
    };
    assert_eq!(with_it().await.status, 200);
    browser.ask(Method::POST, &format!("{QUAY}/sign-out"), "").await;
    with_it().await.problem(401, "sign_in_needed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_comes_back_with_the_own_state_to_the_own_browser_once() {
    let Some((_provider, quay, mut browser, _folder)) = all().await else { return };
    let back = browser.sign_in_at_provider("ada").await;
    let state = back.split("state=").nth(1).unwrap().split('&').next().unwrap();
    let wrong_state = back.replace(state, &"x".repeat(state.len()));
    let twice = format!("{back}&state={state}");
    let without = back.replace("state=", "stale=");
    for wrong in [&wrong_state, &twice, &without] {
        let page = browser.get(wrong).await;
        assert!(page.answer.status == 400 && !page.signs_in(), "{wrong}: {page:?}");
    }
    let stranger = Browser::new(quay.server.address).get(&back).await;
    assert!(stranger.answer.status == 400 && !stranger.signs_in(), "{stranger:?}");

    let cookies = browser.clone();
    assert!(browser.get(&back).await.signs_in());
    for mut replaying in [browser, cookies] {
        let page = replaying.get(&back).await;
        assert!(page.answer.status == 400 && !page.signs_in(), "{page:?}");
    }
    let mut browser = Browser::new(quay.server.address);
    let back = browser.sign_in_at_provider("ada").await;
    let page = browser.get(&back.replace("iss=http", "iss=https")).await;
    assert!(page.answer.status == 403 && !page.signs_in(), "{page:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_does_not_hold_signs_nobody_in() {
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
            page.answer.status == 403 && !page.signs_in() && page.text().contains("could not be verified"),
            "{what}: {page:?}"
        );
    }
    let mut root = Browser::new(quay.server.address);
    // The same provider, the same claims, and nothing spoiled.
    assert!(root.sign_in("root").await.signs_in());
    for ((what, reason), (who, action, result, detail)) in spoiled.iter().zip(audit(&mut root).await) {
        assert_eq!((who.as_str(), action.as_str(), result.as_str()), ("nobody", "signIn", "denied"));
        assert!(detail.to_lowercase().contains(reason), "{what}: {detail}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_in_no_group_with_a_role_may_do_nothing() {
    let Some((_provider, quay, _, _folder)) = all().await else { return };
    for name in ["eve", "nemo"] {
        let page = Browser::new(quay.server.address).sign_in(name).await;
        assert!(page.answer.status == 403 && !page.signs_in(), "{page:?}");
        let words = format!("Signed in as {name}, but none of your groups has a role here.");
        assert!(page.text().contains(&words), "{page:?}");
    }
    let mut bob = Browser::new(quay.server.address);
    assert!(bob.sign_in("bob").await.signs_in(), "groups may be text");
    assert!(bob.get(&format!("{QUAY}/events")).await.text().contains("Signed in as bob, viewer"));
    let mut root = Browser::new(quay.server.address);
    root.sign_in("root").await;
    let told = audit(&mut root).await;
    let told: Vec<_> =
        told.iter().map(|(who, _, result, detail)| (who.as_str(), result.as_str(), detail.as_str())).collect();
    let no_role = "OpenID: in no group that has a role";
    let expected = [
        ("eve", "denied", no_role),
        ("nemo", "denied", no_role),
        ("bob", "done", "OpenID"),
        ("root", "done", "OpenID"),
    ];
    assert_eq!(told, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_provider_refuses_is_told_in_its_words_and_nothing_else() {
    let Some((_provider, quay, mut browser, _folder)) = all().await else { return };
    let page = browser.sign_in("refuse").await;
    let text = page.text();
    assert!(page.answer.status == 403 && !page.signs_in(), "{page:?}");
    assert!(text.contains("access_denied: They &lt;b") && !text.contains("<b>"), "{text}");
    // Words that no provider said are not shown.
    let made_up = format!("{QUAY}/sign-in/callback?error=call_me&error_description=on+555&state=x");
    let page = Browser::new(quay.server.address).get(&made_up).await;
    assert!(page.answer.status == 400 && !page.text().contains("555"), "{page:?}");
}

/// A free port that nobody is given who asks for any, so that it can be listened on again and again.
fn lasting_port() -> u16 {
    let first = 20_000 + u16::try_from(std::process::id() % 10_000).unwrap();
    (first..).find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).expect("a free port")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_is_away_is_told_of_and_found_again() {
    let port = lasting_port();
    let (quay, _folder) = server(&format!("http://127.0.0.1:{port}")).await;
    let mut browser = Browser::new(quay.server.address);
    let page = browser.get(&format!("{QUAY}/sign-in/oidc?to=/events")).await;
    assert!(page.answer.status == 503 && page.text().contains("The OpenID provider does not respond"), "{page:?}");
    assert!(page.text().contains("Sign in with OpenID"), "{page:?}");

    let Some(provider) = OpenIdProvider::start(port).await else { return };
    eventually("it is found", async || browser.get(&format!("{QUAY}/sign-in/oidc")).await.answer.status == 303).await;
    assert!(browser.sign_in("ada").await.signs_in());
    let mut browser = Browser::new(quay.server.address);
    let back = browser.sign_in_at_provider("ada").await;
    drop(provider);
    let page = browser.get(&back).await;
    assert!(page.answer.status == 502 && page.text().contains("The OpenID provider does not respond"), "{page:?}");

    // It comes back with other keys.
    let provider = OpenIdProvider::start(port).await.unwrap();
    eventually("it is found again", async || browser.get(&format!("{QUAY}/sign-in/oidc")).await.answer.status == 303)
        .await;
    assert!(Browser::new(quay.server.address).sign_in("ada").await.signs_in());
    drop(provider);
    let _provider = OpenIdProvider::start(port).await.unwrap();
    // And again, unnoticed: its keys are not those that are known.
    assert!(Browser::new(quay.server.address).sign_in("ada").await.signs_in());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_that_cannot_be_read_is_told_in_one_line() {
    let flags = ["--engine", "demo", "--listen", "127.0.0.1:0", "--oidc-issuer", "https://auth.example.org"];
    let client = ["--oidc-client-id", "quaylight", "--public-url", "https://quay.example.org"];
    let folder = tempfile::tempdir().unwrap();
    let own = ["--data-dir", folder.path().to_str().unwrap(), "--oidc-client-secret-file", "/nowhere/secret"];
    let said = Program::start(&[flags.as_slice(), &client, &own].concat(), &[]).ended().await;
    assert!(!said.status.success());
    assert_eq!(
        said.stderr,
        "quaylight: cannot read --oidc-client-secret-file /nowhere/secret: No such file or directory (os error 2)\n"
    );
}
