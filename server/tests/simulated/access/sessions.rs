//! Streams end with the token or session that opened them, on every route; commands list and end
//! sessions.

use crate::{
    access::sign_in::{account, fetch, guarded, session, token},
    logs::reading::{counting, printer},
    support::{HttpResponse, Program, ProgramOutput, Quay, TEST_TIMEOUT, Viewer, eventually, open, quay, request},
};
use app::model::ContainerId;
use futures::future::join_all;
use http_body_util::{BodyExt as _, Full};
use hyper::{Method, body::Incoming};
use server::auth::{
    Digest, Role, Secret,
    accounts::{AccountsFile, Token},
};
use simulator::{BadResponse, Endpoint};
use std::{
    path::Path,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

/// Streams and downloads that a token, a session or a proxy user can open.
fn streams_of(id: ContainerId) -> Vec<String> {
    vec![
        "/api/containers/stream".to_owned(),
        "/api/containers/stream?format=compact".to_owned(),
        format!("/api/containers/{id}/logs/stream"),
        format!("/api/logs/stream?ids={id}"),
        "/api/events/stream".to_owned(),
        "/api/diagnosis/stream?pings=1000&every=1000".to_owned(),
        // The engine sends it slowly; it would take minutes.
        format!("/api/containers/{id}/logs"),
    ]
}

async fn opened(quay: &Quay, path: &str, headers: &[(&str, &str)]) -> Incoming {
    let mut builder = request(quay.server.address, Method::GET, path);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    let response = open(quay.server.address, builder.body(Full::default()).unwrap()).await;
    assert_eq!(response.status(), 200, "{path}");
    response.into_body()
}

/// Returns the time at which each of them ended.
async fn ended(bodies: Vec<Incoming>) -> Vec<Instant> {
    let until = bodies.into_iter().map(async |mut body| {
        // An aborted download ends with an error.
        while let Some(Ok(_)) = timeout(TEST_TIMEOUT, body.frame()).await.expect("it ends") {}
        Instant::now()
    });
    join_all(until).await
}

/// A server with a log that downloads slowly.
async fn with_log(folder: &Path, flags: &[&str]) -> (Quay, ContainerId) {
    let data = ["--data-dir", folder.to_str().unwrap()];
    let quay = quay("quiet:2", &[&data, flags].concat()).await;
    let id = quay.simulator.act(|engine, now| {
        let id = engine.create(printer("boat", counting(3_000, 0)), now).unwrap();
        engine.start("boat", now).unwrap();
        id
    });
    (quay, id.as_str().parse().unwrap())
}

async fn until_known(quay: &Quay, id: ContainerId, headers: &[(&str, &str)]) {
    let path = format!("/api/containers/{id}");
    eventually("the container is known", async || {
        fetch(&quay.server, Method::GET, &path, headers, "").await.status == 200
    })
    .await;
}

fn drip(quay: &Quay) {
    quay.simulator.faults().set_bad_response(Endpoint::Logs, Some(BadResponse::Drip(5)));
}

fn short_token(file: &AccountsFile, lifetime: Duration) -> String {
    let (secret, end) = (Secret::new("quay_"), server::now().as_millis() + lifetime.as_millis() as u64);
    let (name, digest) = ("short".to_owned(), Digest::of(secret.expose()));
    let token = Token { name, role: Role::Viewer, labels: Vec::new(), digest, expires_at_millis: Some(end) };
    file.change(|accounts| accounts.add_token(token)).unwrap();
    format!("Bearer {}", secret.expose())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_stream_ends_when_its_token_expires() {
    let folder = tempfile::tempdir().unwrap();
    let (quay, id) = with_log(folder.path(), &[]).await;
    let lifetime = Duration::from_secs(4);
    let (file, begun) = (AccountsFile::in_folder(folder.path()), Instant::now());
    let bearer = short_token(&file, lifetime);
    let headers = [("authorization", bearer.as_str())];
    // Until then, the server responds to everyone, with or without the token.
    eventually("the token is needed", async || {
        fetch(&quay.server, Method::GET, "/api/containers", &[], "").await.status == 401
    })
    .await;
    until_known(&quay, id, &headers).await;
    drip(&quay);
    let streams_of = streams_of(id);
    let bodies = join_all(streams_of.iter().map(|path| opened(&quay, path, &headers))).await;
    for (path, at) in streams_of.iter().zip(ended(bodies).await) {
        let after = at.duration_since(begun);
        let span = lifetime - Duration::from_millis(100)..lifetime + Duration::from_secs(1);
        assert!(span.contains(&after), "{path} ended after {after:?}");
    }
    fetch(&quay.server, Method::GET, "/api/containers", &headers, "").await.problem(401, "sign_in_needed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_stream_ends_when_its_token_is_removed_or_its_session_is_ended() {
    let folder = tempfile::tempdir().unwrap();
    let file = crate::access::sign_in::accounts(folder.path(), &[account("ada", Role::Admin, &[])]);
    let bearer = format!("Bearer {}", token(&file, "reader", Role::Viewer, &[]));
    let (quay, id) = with_log(folder.path(), &[]).await;
    let cookie = session(&quay.server, "ada").await;
    until_known(&quay, id, &[("cookie", &cookie)]).await;
    drip(&quay);
    for (headers, end) in [
        ([("authorization", bearer.as_str())], vec!["token", "remove", "reader"]),
        ([("cookie", cookie.as_str())], vec!["sessions", "end", "--account", "ada"]),
    ] {
        let bodies = join_all(streams_of(id).iter().map(|path| opened(&quay, path, &headers))).await;
        // Streams that were just opened must not end for other reasons.
        sleep(Duration::from_millis(50)).await;
        let began = Instant::now();
        let output = run(folder.path(), &end).await;
        assert!(output.status.success(), "{output:?}");
        for (path, at) in streams_of(id).iter().zip(ended(bodies).await) {
            // One second, and the duration of the command on a busy machine.
            let after = at.duration_since(began);
            assert!(after < Duration::from_millis(2_500), "{path} ended {after:?} after {end:?}");
        }
        fetch(&quay.server, Method::GET, "/api/containers", &headers, "").await.problem(401, "sign_in_needed");
    }
}

async fn run(folder: &Path, words: &[&str]) -> ProgramOutput {
    Program::start(&[words, &["--data-dir", folder.to_str().unwrap()]].concat(), &[]).ended().await
}

/// Id, name, kind and the other columns of each line.
async fn listed(folder: &TempDir) -> Vec<Vec<String>> {
    let output = run(folder.path(), &["sessions", "list"]).await;
    assert!(output.status.success(), "{output:?}");
    output.stdout.lines().map(|line| line.split('\t').map(ToOwned::to_owned).collect()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_are_listed_and_ended_by_id() {
    let users = [account("ada", Role::Operator, &["team=web"]), account("bob", Role::Viewer, &[])];
    let (quay, _file, folder) = guarded("quiet:2", &users).await;
    assert!(listed(&folder).await.is_empty());
    let first = session(&quay.server, "ada").await;
    sleep(Duration::from_millis(5)).await;
    let (second, bob) = (session(&quay.server, "ada").await, session(&quay.server, "bob").await);
    let list = listed(&folder).await;
    let names: Vec<_> = list.iter().map(|line| (line[1].as_str(), line[2].as_str())).collect();
    assert_eq!(names, [("ada", "local"), ("ada", "local"), ("bob", "local")]);
    assert!(
        list[0][3].starts_with("operator, sees team=web since 20") && list[0][3].contains("from 127.0.0.1, until 20")
    );
    assert!(list.iter().all(|line| line[0].len() == 12 && !first.contains(&line[0])), "an id is no secret: {list:?}");

    let mut viewer = Viewer::open(quay.server.address, "", &[("cookie", &second)]).await;
    viewer.next().await;
    let output = run(folder.path(), &["sessions", "end", &list[0][0]]).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(output.stdout, format!("1 session ended, in {}.\n", folder.path().display()));
    // A session is not ended twice, even before the server has applied the first command.
    let again = run(folder.path(), &["sessions", "end", &list[0][0]]).await;
    assert!(again.status.code() == Some(1) && again.stderr.contains("there is no session"), "{again:?}");
    let status = async |cookie: &str| {
        fetch(&quay.server, Method::GET, "/api/containers", &[("cookie", cookie)], "").await.status.as_u16()
    };
    eventually("the first has ended", async || status(&first).await == 401).await;
    assert_eq!((status(&second).await, status(&bob).await), (200, 200));
    viewer.next().await;

    for (words, error) in [
        (vec!["sessions", "end", "000000000000"], "there is no session 000000000000"),
        (vec!["sessions", "end", "--account", "eve"], "eve has no session"),
    ] {
        let output = run(folder.path(), &words).await;
        assert!(output.status.code() == Some(1) && output.stderr.contains(error), "{output:?}");
    }
    let output = run(folder.path(), &["sessions", "end"]).await;
    assert_eq!(output.status.code(), Some(2), "a selection is required: {output:?}");
    assert!(run(folder.path(), &["sessions", "end", "--all"]).await.status.success());
    viewer.until_ended(TEST_TIMEOUT).await;
    eventually("all have ended", async || status(&bob).await == 401).await;
    eventually("none is listed", async || listed(&folder).await.is_empty()).await;
    // A new sign-in stays valid.
    let again = session(&quay.server, "ada").await;
    sleep(Duration::from_millis(1_200)).await;
    assert_eq!(status(&again).await, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn proxy_users_are_listed_and_their_streams_can_be_ended() {
    let folder = tempfile::tempdir().unwrap();
    let flags = ["--trusted-proxy", "127.0.0.1", "--proxy-user-header", "Remote-User"];
    let groups = ["--proxy-groups-header", "Remote-Groups", "--group-role", "ops=operator,all=viewer"];
    let (quay, _) = with_log(folder.path(), &[&flags[..], &groups].concat()).await;
    let headers = [("remote-user", "ada"), ("remote-groups", "all"), ("x-forwarded-for", "192.0.2.7")];
    let mut viewer = Viewer::open(quay.server.address, "", &headers).await;
    viewer.next().await;
    eventually("she is listed", async || {
        let list = listed(&folder).await;
        list.len() == 1 && list[0][1..3] == ["ada", "proxy"] && list[0][3].contains("from 192.0.2.7")
    })
    .await;
    assert!(
        run(folder.path(), &["sessions", "end", "--account", "ada"]).await.stdout.contains("sign them out there, too")
    );
    viewer.until_ended(TEST_TIMEOUT).await;
    // The proxy may still authenticate her; with other groups, earlier streams end.
    let mut viewer = Viewer::open(quay.server.address, "", &headers).await;
    viewer.next().await;
    let promoted = [("remote-user", "ada"), ("remote-groups", "ops")];
    assert_eq!(fetch(&quay.server, Method::GET, "/api/containers", &promoted, "").await.status, 200);
    viewer.until_ended(Duration::from_secs(1)).await;
}

async fn audited(quay: &Quay, cookie: &str) -> Vec<serde_json::Value> {
    let response: HttpResponse = fetch(&quay.server, Method::GET, "/api/audit", &[("cookie", cookie)], "").await;
    response.json::<serde_json::Value>()["entries"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_audit_log_continues_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    crate::access::sign_in::accounts(folder.path(), &[account("root", Role::Admin, &[])]);
    let (quay, id) = with_log(folder.path(), &[]).await;
    let cookie = session(&quay.server, "root").await;
    until_known(&quay, id, &[("cookie", &cookie)]).await;
    let path = format!("/api/containers/{id}/restart");
    fetch(&quay.server, Method::POST, &path, &[("cookie", &cookie)], "").await;
    for place in 0..50 {
        crate::access::sign_in::sign_in(&quay.server, &format!("guess{place}"), "nonsense").await;
    }
    let entries = audited(&quay, &cookie).await;
    let brief: Vec<_> = entries.iter().map(|entry| (&entry["action"], &entry["issuer"], &entry["count"])).collect();
    let expected = serde_json::json!([["signIn", "local", null], ["restart", "local", null], ["signIn", "local", 50]]);
    assert_eq!(serde_json::to_value(&brief).unwrap(), expected);
    let address = quay.simulator.endpoint();
    quay.server.stop(TEST_TIMEOUT).await;

    let file = std::fs::read_to_string(folder.path().join("audit.jsonl")).unwrap();
    assert!(
        file.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()) && !file.contains("guess")
    );
    let flags = ["--data-dir", folder.path().to_str().unwrap()];
    let server = crate::support::TestServer::start(&address, &flags).await;
    let again = fetch(&server, Method::GET, "/api/audit", &[("cookie", &cookie)], "").await;
    assert_eq!(again.json::<serde_json::Value>()["entries"].as_array().unwrap(), &entries);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unwritable_audit_log_does_not_prevent_the_start() {
    for setting in ["off", "/proc/nowhere/audit.jsonl"] {
        let folder = tempfile::tempdir().unwrap();
        crate::access::sign_in::accounts(folder.path(), &[account("root", Role::Admin, &[])]);
        let (quay, _) = with_log(folder.path(), &["--audit-log", setting]).await;
        let cookie = session(&quay.server, "root").await;
        assert_eq!(audited(&quay, &cookie).await.len(), 1, "{setting}");
        quay.server.stop(TEST_TIMEOUT).await;
        assert!(!folder.path().join("audit.jsonl").exists());
    }
}
