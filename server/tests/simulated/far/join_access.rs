//! Keys and invitations of servers that join, and what the hub may do on their connections.

use super::{
    join::{Hub, Joined, Joiner, is_up},
    watching::{engine_name, path, simulator},
};
use crate::{
    access::sign_in::{account, accounts, fetch},
    support::{Events, TEST_TIMEOUT, TestServer, delete, eventually, get, post, request, send},
};
use app::{
    model::{EngineHop, EngineLink, Occurrences},
    protocol::Snapshot,
};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper::{Method, Request};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};
use server::auth::{Digest, Role, accounts::AccountsFile};
use simulator::{ContainerSpec, SimulatorHandle};
use std::{
    net::SocketAddr,
    os::unix::fs::MetadataExt as _,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

const MINUTE: Duration = Duration::from_secs(60);

async fn audited(server: &TestServer) -> Vec<Value> {
    let audit: Value = get(server.address, "/api/audit").await.json();
    audit["entries"].as_array().unwrap().clone()
}

fn has(entries: &[Value], action: &str, result: &str) -> bool {
    entries.iter().any(|entry| entry["action"] == json!(action) && entry["result"] == json!(result))
}

/// Accepts an invitation as a server would.
async fn enrol(hub: &TestServer, token: &str, key: &str) -> crate::support::HttpResponse {
    let digest = String::from(Digest::of(key));
    let headers = [("authorization", format!("Bearer {token}")), ("content-type", "application/json".to_owned())];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    fetch(hub, Method::POST, "/api/join/enrol", &headers, &json!({ "keyDigest": digest }).to_string()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_works_once_and_its_key_until_it_is_revoked() {
    let Joined { simulator, joiner, far, tunnel, hub } = Joined::start("quiet:0", &[], &[]).await;
    let key = std::fs::metadata(joiner.key_file()).unwrap();
    assert_eq!(key.mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(joiner.key_file()).unwrap();
    assert!(text.contains("web-3") && text.contains("quay_join_"), "{text}");
    let used = std::fs::read_to_string(joiner.folder.path().join("join.token")).unwrap();
    enrol(&hub.server, used.trim(), "another").await.problem(401, "sign_in_needed");
    let entries = audited(&hub.server).await;
    for (action, result) in [("enrol", "done"), ("enrol", "denied"), ("join", "done"), ("inviteEngine", "done")] {
        let is_there = async || has(&audited(&hub.server).await, action, result);
        eventually(&format!("{action} {result} is recorded: {entries:?}"), is_there).await;
    }
    assert!(has(&audited(&far).await, "enrol", "done"));

    let mut log = {
        let picture = hub.server.fetched().await;
        Events::open(hub.server.address, &format!("{}/logs/stream", path(&picture, "talker")), None).await
    };
    let began = Instant::now();
    hub.file.change(|hosts| hosts.revoke("web-3")).unwrap();
    eventually("it is gone", async || hub.engine("web-3").await.is_none()).await;
    println!("revoked after {:?}", began.elapsed());
    assert!(began.elapsed() < Duration::from_secs(3));
    // The log may pause first, while the engine is still watched.
    let ended = async { while log.up_to("end").await.last().unwrap().data["last"] != json!(true) {} };
    assert!(tokio::time::timeout(TEST_TIMEOUT, ended).await.is_ok(), "the log of an engine that is gone ends");
    eventually("the revocation is recorded", async || has(&audited(&hub.server).await, "revokeEngine", "done")).await;
    // It tries once more, is refused, and says so.
    eventually("the refusal is recorded", async || has(&audited(&hub.server).await, "join", "denied")).await;
    eventually("it says so", async || has(&audited(&far).await, "join", "denied")).await;
    let before = tunnel.bytes();
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(tunnel.bytes(), before, "it tries again slowly");

    // A new invitation in the same file is used by the next attempt.
    far.stop(TEST_TIMEOUT).await;
    joiner.set_token(&hub.invite("web-3", MINUTE));
    let _far = joiner.start(&simulator.endpoint(), tunnel.address, &[]).await;
    eventually("it is back", async || is_up(&hub.server.fetched().await)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_keys_and_tokens_are_refused() {
    let (hub, simulator) = (Hub::start(&[]).await, simulator("quiet:0").await);
    let join = async |authorization: Option<&str>, upgrade: &str| {
        let mut headers = vec![("connection", "upgrade"), ("upgrade", upgrade)];
        headers.extend(authorization.map(|value| ("authorization", value)));
        fetch(&hub.server, Method::GET, "/api/join", &headers, "").await
    };
    join(None, "quaylight-join").await.problem(401, "sign_in_needed");
    join(Some("Bearer quay_join_00"), "quaylight-join").await.problem(401, "sign_in_needed");
    let expired = hub.invite("late", Duration::from_millis(1));
    tokio::time::sleep(Duration::from_millis(5)).await;
    enrol(&hub.server, &expired, "key").await.problem(401, "sign_in_needed");
    let token = hub.invite("web-3", MINUTE);
    // An invitation is no key, and a key is no token of the API.
    let as_key = format!("Bearer {token}");
    join(Some(&as_key), "quaylight-join").await.problem(401, "sign_in_needed");
    let headers = [("authorization", as_key.as_str()), ("content-type", "application/json")];
    for body in ["", "{}", r#"{"keyDigest": "short"}"#] {
        fetch(&hub.server, Method::POST, "/api/join/enrol", &headers, body).await.problem(400, "malformed");
    }
    // The response may have been lost, so the same key is accepted again.
    for _ in 0..2 {
        assert_eq!(enrol(&hub.server, &token, "key").await.json::<Value>()["name"], json!("web-3"));
    }
    enrol(&hub.server, &token, "other").await.problem(401, "sign_in_needed");
    let known = hub.engine("web-3").await;
    assert!(known.is_none_or(|engine| engine.link != EngineLink::Up));
    // A proxy that removes the headers is named.
    let problem = fetch(&hub.server, Method::GET, "/api/join", &[("authorization", "Bearer key")], "").await;
    assert!(problem.problem(426, "upgrade_needed")["hint"].as_str().unwrap().contains("proxy"));
    join(Some("Bearer key"), "websocket").await.problem(426, "upgrade_needed");
    // A server with a wrong token says so.
    let joiner = Joiner::with_token("quay_invitation_00");
    let far = joiner.start(&simulator.endpoint(), hub.server.address, &[]).await;
    eventually("it is refused", async || has(&audited(&far).await, "join", "denied")).await;
    // Wrong ones are limited; a right one still works.
    for _ in 0..10 {
        join(Some("Bearer wrong"), "quaylight-join").await;
    }
    join(Some("Bearer wrong"), "quaylight-join").await.problem(429, "too_many");
    enrol(&hub.server, "wrong", "key").await.problem(429, "too_many");
    join(Some("Bearer key"), "websocket").await.problem(426, "upgrade_needed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_work_where_users_sign_in_and_give_no_other_access() {
    let folder = tempfile::tempdir().unwrap();
    let _file: AccountsFile = accounts(folder.path(), &[account("root", Role::Admin, &[])]);
    let server = Hub::server(folder.path(), &[]).await;
    let file = server::auth::JoinsFile::in_folder(folder.path());
    let secret = file.change(|hosts| Ok(hosts.invite(engine_name("web-3"), MINUTE))).unwrap();
    assert_eq!(enrol(&server, secret.expose(), "key").await.status, 200);
    for secret in ["key", secret.expose()] {
        let bearer = format!("Bearer {secret}");
        for path in ["/api/containers", "/api/engines", "/api/audit", "/metrics"] {
            let response = fetch(&server, Method::GET, path, &[("authorization", &bearer)], "").await;
            response.problem(401, "sign_in_needed");
        }
    }
}

/// A server that joins with a container of the team `web`, and two others.
pub(crate) async fn with_team() -> SimulatorHandle {
    let simulator = simulator("quiet:0").await;
    simulator.act(|engine, now| {
        let labels = [("team".to_owned(), "web".to_owned())].into();
        let env = vec!["API_KEY=s3cret-value-1".to_owned()];
        engine.create(ContainerSpec { labels, env, ..crate::support::idler("mine") }, now).unwrap();
        engine.start("mine", now).unwrap();
    });
    simulator
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_scope_of_the_joining_server_holds_through_every_route() {
    let (simulator, hub) = (with_team().await, Hub::start(&["--allow-actions"]).await);
    let joiner = Joiner::with_token(&hub.invite("web-3", MINUTE));
    let flags = ["--join-role", "operator", "--join-scope", "team=web"];
    let far = joiner.start(&simulator.endpoint(), hub.server.address, &flags).await;
    hub.server.until_ready().await;
    let (all, address) = (far.fetched().await, hub.server.address);
    assert_eq!(all.containers.len(), 3);
    let picture = hub.server.fetched().await;
    let names: Vec<_> = picture.containers.values().map(|container| container.name.as_str()).collect();
    assert_eq!(names, ["mine"]);
    for hidden in all.containers.values().filter(|container| container.name != "mine") {
        for prefix in ["/api/containers", "/api/engines/web-3/containers"] {
            let path = format!("{prefix}/{}", hidden.id);
            for rest in ["", "/inspect", "/processes", "/stats", "/logs", "/logs/stream"] {
                get(address, &format!("{path}{rest}")).await.problem(404, "no_such_container");
            }
            for action in ["start", "stop", "restart", "pause", "unpause", "kill"] {
                post(address, &format!("{path}/{action}"), "").await.problem(404, "no_such_container");
            }
            delete(address, &format!("{path}?force=true")).await.problem(404, "no_such_container");
        }
        let merged = format!("/api/logs/stream?ids=web-3/{}", hidden.id);
        get(address, &merged).await.problem(404, "no_such_container");
    }
    let mine = path(&picture, "mine");
    assert_eq!(post(address, &format!("{mine}/pause"), "").await.status, 204);
    let events = async || get(address, "/api/events").await.json::<Occurrences>().events;
    eventually("its event arrives", async || events().await.iter().any(|event| event.kind.as_str() == "paused")).await;
    assert!(events().await.iter().all(|event| event.container_name == "mine"));
    // Actions are recorded over there with the hub's name.
    let entries = audited(&far).await;
    let paused = entries.iter().find(|entry| entry["action"] == json!("pause")).unwrap();
    assert_eq!((&paused["who"], &paused["means"]), (&json!(address.to_string()), &json!("join")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_hub_is_a_viewer_unless_the_joining_server_says_otherwise() {
    let (simulator, hub) = (with_team().await, Hub::start(&["--allow-actions"]).await);
    let joiner = Joiner::with_token(&hub.invite("web-3", MINUTE));
    // Its own users may act; the hub may not.
    let _far = joiner.start(&simulator.endpoint(), hub.server.address, &["--allow-actions"]).await;
    hub.server.until_ready().await;
    let mine = path(&hub.server.fetched().await, "mine");
    let address = hub.server.address;
    let problem = post(address, &format!("{mine}/stop"), "").await.problem(403, "role");
    assert!(problem["hint"].as_str().unwrap().contains("--join-role operator"), "{problem}");
    delete(address, &mine).await.problem(403, "role");
    get(address, &format!("{mine}?secrets=show")).await.problem(403, "role");
    let masked: Value = get(address, &mine).await.json();
    assert!(masked["details"].is_object() && !masked.to_string().contains("s3cret-value-1"), "{masked}");
}

/// A hub that sends what it likes.
pub(crate) async fn hostile_hub(listener: TcpListener) -> hyper::client::conn::http2::SendRequest<Empty<Bytes>> {
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        if head.starts_with("POST /api/join/enrol") {
            let body = r#"{"name":"web-3"}"#;
            let response = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(response.as_bytes()).await.unwrap();
            continue;
        }
        assert!(head.starts_with("GET /api/join HTTP/1.1"), "{head}");
        let response = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: quaylight-join\r\n\r\n";
        stream.write_all(response.as_bytes()).await.unwrap();
        let builder = hyper::client::conn::http2::Builder::new(TokioExecutor::new());
        let (sender, connection) = builder.handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        return sender;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_header_of_the_hub_raises_its_rights() {
    let simulator = with_team().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hub: SocketAddr = listener.local_addr().unwrap();
    let joiner = Joiner::with_token("quay_invitation_any");
    let users = [account("root", Role::Admin, &[])];
    let file = accounts(joiner.folder.path(), &users);
    let admin = crate::access::sign_in::token(&file, "admin", Role::Admin, &[]);
    // A trusted proxy at the hub's address signs users in, and everybody on this machine may act.
    let flags = [
        "--join-scope",
        "team=web",
        "--allow-actions",
        "--trusted-proxy",
        "127.0.0.1",
        "--proxy-user-header",
        "remote-user",
    ];
    let far = joiner.start(&simulator.endpoint(), hub, &flags).await;
    let session = crate::access::sign_in::session(&far, "root").await;
    let mut sender = hostile_hub(listener).await;
    let bearer = format!("Bearer {admin}");
    let as_admin = fetch(&far, Method::GET, "/api/containers", &[("authorization", &bearer)], "").await;
    let all: Snapshot = as_admin.json();
    assert_eq!(all.containers.len(), 3);
    let id = |name: &str| all.containers.iter().find(|each| each.name == name).unwrap().id;
    let attempts: [&[(&str, &str)]; 6] = [
        &[],
        &[("authorization", &bearer)],
        &[("cookie", &session)],
        &[("remote-user", "root"), ("x-forwarded-for", "127.0.0.1"), ("x-forwarded-proto", "https")],
        &[("host", "quay.example.org"), ("x-forwarded-host", "quay.example.org")],
        &[("authorization", &bearer), ("cookie", &session), ("remote-user", "root")],
    ];
    for headers in attempts {
        let mut ask = async |method: &str, path: &str| {
            let mut request = Request::builder().method(method).uri(format!("http://any.example{path}"));
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            sender.ready().await.unwrap();
            let response = sender.send_request(request.body(Empty::<Bytes>::new()).unwrap()).await.unwrap();
            let status = response.status().as_u16();
            let body = response.into_body().collect().await.unwrap().to_bytes();
            (status, String::from_utf8_lossy(&body).into_owned())
        };
        let (status, body) = ask("GET", "/api/containers").await;
        assert!(status == 200 && body.contains("\"mine\"") && !body.contains("talker"), "{headers:?}: {status} {body}");
        let hidden = id("talker");
        for rest in ["", "/inspect", "/processes", "/stats", "/logs", "/logs/stream"] {
            assert_eq!(ask("GET", &format!("/api/containers/{hidden}{rest}")).await.0, 404, "{headers:?}: {rest}");
        }
        for rest in ["/stop", "/start", "/kill", "/pause", "/unpause", "/restart"] {
            assert_eq!(ask("POST", &format!("/api/containers/{hidden}{rest}")).await.0, 404, "{headers:?}: {rest}");
            assert_eq!(
                ask("POST", &format!("/api/containers/{}{rest}", id("mine"))).await.0,
                403,
                "{headers:?}: {rest}"
            );
        }
        assert_eq!(ask("DELETE", &format!("/api/containers/{}?force=true", id("mine"))).await.0, 403);
        assert_eq!(ask("GET", &format!("/api/containers/{}?secrets=show", id("mine"))).await.0, 403);
        assert_eq!(ask("GET", "/api/audit").await.0, 403, "{headers:?}");
        for path in ["/", "/containers", "/sign-in", "/sign-out", "/metrics", "/api/join", "/pkg/x", "/api/../sign-in"]
        {
            for method in ["GET", "POST"] {
                let (status, body) = ask(method, path).await;
                assert!(matches!(status, 404 | 405) && !body.contains("talker"), "{method} {path}: {status} {body}");
            }
        }
        // Who asks is the hub, from whichever address it says.
        let (_, engines) = ask("GET", "/api/engines").await;
        assert!(engines.contains("\"local\""), "{engines}");
    }
    let denied = fetch(&far, Method::GET, "/api/audit", &[("authorization", &bearer)], "").await.json::<Value>();
    let denied: Vec<_> = denied["entries"].as_array().unwrap().iter().filter(|each| each["action"] == "stop").collect();
    assert!(!denied.is_empty() && denied.iter().all(|each| each["who"] == json!(hub.to_string())), "{denied:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_that_cannot_be_joined_is_tried_again() {
    let (simulator, hub) = (simulator("quiet:0").await, Hub::start(&[]).await);
    let joiner = Joiner::with_token(&hub.invite("web-3", MINUTE));
    let port = { std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap() };
    let far = joiner.start(&simulator.endpoint(), port, &[]).await;
    far.until_ready().await;
    let lost = hub.engine("web-3").await;
    assert!(lost.is_none(), "it is not shown before it has joined: {lost:?}");
    // Its own pages work all the time.
    let response =
        send(far.address, request(far.address, Method::GET, "/healthz").body(Default::default()).unwrap()).await;
    assert_eq!(response.status, 200);
    assert_eq!(EngineHop::ALL.len(), 7);
}
