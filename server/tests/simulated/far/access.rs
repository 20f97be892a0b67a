//! Tokens of another Quaylight server: their role and scope hold, whatever the user may here.

use super::watching::{path, simulator};
use crate::{
    access::sign_in::{account, accounts, fetch, session, token},
    support::{Events, TestServer, delete, eventually, get, named, post},
};
use app::{
    model::{EngineHop, EngineLink, Occurrences},
    protocol::Picture,
};
use hyper::Method;
use serde_json::{Value, json};
use server::auth::{Role, accounts::AccountsFile};
use simulator::{ContainerSpec, SimulatorHandle};
use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};
use tempfile::TempDir;

/// A server whose users sign in, with a container of the team `web` and two others.
struct Guarded {
    _simulator: SimulatorHandle,
    far: TestServer,
    file: AccountsFile,
    folder: TempDir,
}

impl Guarded {
    async fn start() -> Self {
        let simulator = simulator("quiet:0").await;
        simulator.act(|engine, now| {
            let labels = [("team".to_owned(), "web".to_owned())].into();
            let env = vec!["API_KEY=s3cret-value-1".to_owned()];
            let network_mode = "container:web-1".to_owned();
            let spec = ContainerSpec { labels, env, network_mode, ..crate::support::idler("mine") };
            engine.create(spec, now).unwrap();
            engine.start("mine", now).unwrap();
        });
        let folder = tempfile::tempdir().unwrap();
        let file = accounts(folder.path(), &[account("root", Role::Admin, &[])]);
        let far = TestServer::start(&simulator.endpoint(), &["--data-dir", folder.path().to_str().unwrap()]).await;
        far.until_ready().await;
        Self { _simulator: simulator, far, file, folder }
    }

    fn token_file(&self, name: &str, role: Role, labels: &[&str]) -> String {
        write_token(self.folder.path(), name, &token(&self.file, name, role, labels))
    }

    /// A hub that signs in with the token in a file.
    async fn hub(&self, token_file: &str, flags: &[&str]) -> TestServer {
        let address = self.far.address;
        let entry = format!("{{ name = \"web-3\", address = \"http://{address}\", token-file = \"{token_file}\" }}");
        TestServer::start(&entry, flags).await
    }
}

fn write_token(folder: &Path, name: &str, secret: &str) -> String {
    let path = folder.join(format!("{name}.token"));
    fs::write(&path, format!("{secret}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path.display().to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scoped_token_shows_and_does_nothing_else() {
    let guarded = Guarded::start().await;
    let root = session(&guarded.far, "root").await;
    let all = fetch(&guarded.far, Method::GET, "/api/containers", &[("cookie", &root)], "").await;
    let all: app::protocol::Snapshot = all.json();
    let hub = guarded.hub(&guarded.token_file("web", Role::Operator, &["team=web"]), &["--allow-actions"]).await;
    hub.until_ready().await;
    let picture = hub.fetched().await;
    let names: Vec<_> = picture.containers.values().map(|container| container.name.as_str()).collect();
    assert_eq!(names, ["mine"]);
    for hidden in all.containers.iter().filter(|container| container.name != "mine") {
        for prefix in ["/api/containers", "/api/engines/web-3/containers"] {
            let path = format!("{prefix}/{}", hidden.id);
            for rest in ["", "/inspect", "/processes", "/stats", "/logs", "/logs/stream"] {
                get(hub.address, &format!("{path}{rest}")).await.problem(404, "no_such_container");
            }
            for action in ["start", "stop", "restart", "pause", "unpause", "kill"] {
                post(hub.address, &format!("{path}/{action}"), "").await.problem(404, "no_such_container");
            }
            delete(hub.address, &format!("{path}?force=true")).await.problem(404, "no_such_container");
        }
        let merged = format!("/api/logs/stream?ids=web-3/{}", hidden.id);
        get(hub.address, &merged).await.problem(404, "no_such_container");
    }
    // Its own events, and no others.
    let mine = path(&picture, "mine");
    assert_eq!(post(hub.address, &format!("{mine}/pause"), "").await.status, 204);
    let events = async || get(hub.address, "/api/events").await.json::<Occurrences>().events;
    eventually("its event arrives", async || events().await.iter().any(|event| event.kind.as_str() == "paused")).await;
    assert!(events().await.iter().all(|event| event.container_name == "mine"));
    let shown: Value = get(hub.address, &format!("{mine}?secrets=show")).await.json();
    assert!(shown["details"].to_string().contains("s3cret-value-1"), "{shown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_role_of_the_token_holds() {
    let guarded = Guarded::start().await;
    let hub = guarded.hub(&guarded.token_file("reader", Role::Viewer, &[]), &["--allow-actions"]).await;
    hub.until_ready().await;
    let mine = path(&hub.fetched().await, "mine");
    let problem = post(hub.address, &format!("{mine}/stop"), "").await.problem(403, "role");
    assert!(problem["detail"].as_str().unwrap().contains("reader"), "{problem}");
    delete(hub.address, &mine).await.problem(403, "role");
    get(hub.address, &format!("{mine}?secrets=show")).await.problem(403, "role");
    let audit: Value = get(hub.address, "/api/audit").await.json();
    let shown: Vec<_> =
        audit["entries"].as_array().unwrap().iter().filter(|one| one["action"] == "showSecrets").collect();
    assert!(shown.len() == 1 && shown[0]["result"] == json!("failed"), "{audit}");
    let masked: Value = get(hub.address, &mine).await.json();
    assert!(masked["details"].is_object() && !masked.to_string().contains("s3cret-value-1"), "{masked}");
    assert_eq!(get(hub.address, &format!("{mine}/processes")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_role_and_scope_of_the_user_here_hold_first() {
    let guarded = Guarded::start().await;
    let token_file = guarded.token_file("hub", Role::Admin, &[]);
    let folder = tempfile::tempdir().unwrap();
    let users = [account("ada", Role::Viewer, &[]), account("web", Role::Operator, &["team=web"])];
    let _file = accounts(folder.path(), &users);
    let hub = guarded.hub(&token_file, &["--data-dir", folder.path().to_str().unwrap()]).await;
    hub.until_ready().await;
    let [ada, web] = [session(&hub, "ada").await, session(&hub, "web").await];
    let ask = async |who: &str, method: Method, path: &str| fetch(&hub, method, path, &[("cookie", who)], "").await;
    let listed: app::protocol::Snapshot = ask(&ada, Method::GET, "/api/containers").await.json();
    let mut picture = Picture::default();
    picture.apply(app::protocol::Frame::Snapshot(listed));
    let (mine, hidden) = (path(&picture, "mine"), path(&picture, "web-1"));
    ask(&ada, Method::POST, &format!("{mine}/stop")).await.problem(403, "role");
    ask(&ada, Method::GET, &format!("{mine}?secrets=show")).await.problem(403, "role");
    for rest in ["", "/inspect", "/processes", "/stats", "/logs", "/logs/stream"] {
        ask(&web, Method::GET, &format!("{hidden}{rest}")).await.problem(404, "no_such_container");
        fetch(&hub, Method::GET, &format!("{mine}{rest}"), &[], "").await.problem(401, "sign_in_needed");
    }
    ask(&web, Method::POST, &format!("{hidden}/stop")).await.problem(404, "no_such_container");
    // It uses the network of a container that only ada may see.
    let other = named(&picture, "web-1").unwrap().id.to_string();
    for rest in ["", "/inspect", "?secrets=show", "/inspect?secrets=show"] {
        let shown = ask(&web, Method::GET, &format!("{mine}{rest}")).await;
        let shown = (shown.status, String::from_utf8_lossy(&shown.body).into_owned());
        assert!(shown.0 == 200 && !shown.1.contains(&other) && !shown.1.contains("web-1"), "{rest}: {shown:?}");
        assert!(shown.1.contains("container:hidden"), "{rest}: {shown:?}");
        assert_eq!(shown.1.contains("s3cret-value-1"), rest.ends_with("show"), "{rest}: {shown:?}");
    }
    let whole = ask(&ada, Method::GET, &format!("{mine}/inspect")).await;
    assert!(String::from_utf8_lossy(&whole.body).contains("container:"), "{whole:?}");
    assert!(!String::from_utf8_lossy(&whole.body).contains("hidden"), "{whole:?}");
    assert_eq!(ask(&web, Method::POST, &format!("{mine}/pause")).await.status, 204);
    assert_eq!(ask(&web, Method::GET, &mine).await.json::<Value>()["engine"], json!("web-3"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_token_is_named_and_a_new_one_is_read() {
    let guarded = Guarded::start().await;
    let token_file = write_token(guarded.folder.path(), "web", "quay_wrong");
    let hub = guarded.hub(&token_file, &[]).await;
    let code = async || {
        let picture = hub.fetched().await;
        let engine = picture.engines.first().cloned();
        engine.and_then(|engine| Some((engine.link, engine.hop, engine.error?.code)))
    };
    let lost = |code: &str| Some((EngineLink::Lost, Some(EngineHop::Auth), code.to_owned()));
    eventually("it is refused", async || code().await == lost("token_refused")).await;
    fs::set_permissions(&token_file, fs::Permissions::from_mode(0o644)).unwrap();
    eventually("it is not private", async || code().await == lost("token_unreadable")).await;
    write_token(guarded.folder.path(), "web", &token(&guarded.file, "web", Role::Viewer, &[]));
    hub.until_ready().await;
    let picture = hub.fetched().await;
    assert_eq!(named(&picture, "mine").map(|one| one.engine.as_str()), Some("web-3"));
    // The removal of the token on the other server ends the streams.
    let mut log = Events::open(hub.address, &format!("{}/logs/stream", path(&picture, "mine")), None).await;
    guarded.file.change(|accounts| accounts.remove_token("web")).unwrap();
    eventually("it is refused again", async || code().await == lost("token_refused")).await;
    let end = log.up_to("end").await.pop().unwrap();
    assert_eq!((&end.data["reason"], &end.data["last"]), (&json!("engineLost"), &json!(false)));
    get(hub.address, &format!("{}/inspect", path(&picture, "mine"))).await.problem(503, "engine_lost");
}
