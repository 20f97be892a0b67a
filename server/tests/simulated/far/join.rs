//! A Quaylight that joins another one: it opens the connection, and everything above it is the same.

use super::watching::{engine_name, path, renamed, simulator};
use crate::{
    logs::reading::line,
    support::{
        CHANGE_TIMEOUT, Events, RECONNECT_TIMEOUT, TEST_TIMEOUT, TestServer, Tunnel, delete, eventually, get, named,
        nginx::Nginx, post,
    },
};
use app::{
    model::{ContainerState, Engine, EngineHop, EngineKind, EngineLink, Occurrence, Occurrences, Timestamp},
    protocol::Picture,
};
use serde_json::{Value, json};
use server::auth::JoinsFile;
use simulator::{Endpoint, SimulatorHandle};
use std::{
    fs,
    net::SocketAddr,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// A dead connection is noticed after 9 s, and the next one is opened within 2 s.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(12);

/// A server that others join.
pub(crate) struct Hub {
    pub(crate) server: TestServer,
    pub(crate) file: JoinsFile,
    pub(crate) folder: TempDir,
}

impl Hub {
    pub(crate) async fn start(flags: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = JoinsFile::in_folder(folder.path());
        let server = Self::server(folder.path(), flags).await;
        Self { server, file, folder }
    }

    pub(crate) async fn server(folder: &Path, flags: &[&str]) -> TestServer {
        let data = ["--data-dir", folder.to_str().unwrap()];
        TestServer::start("join", &[&data, flags].concat()).await
    }

    /// Invites a server; returns the token.
    pub(crate) fn invite(&self, name: &str, lifetime: Duration) -> String {
        let secret = self.file.change(|hosts| Ok(hosts.invite(engine_name(name), lifetime))).unwrap();
        secret.expose().to_owned()
    }

    pub(crate) async fn engine(&self, name: &str) -> Option<Engine> {
        self.server.fetched().await.engines.into_iter().find(|engine| engine.id.as_str() == name)
    }
}

/// The folder of a server that joins, with the token for it.
pub(crate) struct Joiner {
    pub(crate) folder: TempDir,
    token: PathBuf,
}

impl Joiner {
    pub(crate) fn with_token(token: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let joiner = Self { token: folder.path().join("join.token"), folder };
        joiner.set_token(token);
        joiner
    }

    pub(crate) fn set_token(&self, token: &str) {
        fs::write(&self.token, format!("{token}\n")).unwrap();
        fs::set_permissions(&self.token, fs::Permissions::from_mode(0o600)).unwrap();
    }

    pub(crate) fn key_file(&self) -> PathBuf {
        self.folder.path().join("join.toml")
    }

    /// Starts the server, which joins the one at `hub`.
    pub(crate) async fn start(&self, engine: &str, hub: SocketAddr, flags: &[&str]) -> TestServer {
        self.start_at(engine, &format!("http://{hub}"), flags).await
    }

    pub(crate) async fn start_at(&self, engine: &str, hub: &str, flags: &[&str]) -> TestServer {
        let (token, data) = (self.token.display().to_string(), self.folder.path().display().to_string());
        let own = ["--join", hub, "--join-token-file", &token, "--data-dir", &data];
        TestServer::start(engine, &[&own, flags].concat()).await
    }
}

/// A hub, and a server that has joined it through a tunnel as `web-3`.
pub(crate) struct Joined {
    pub(crate) simulator: SimulatorHandle,
    pub(crate) joiner: Joiner,
    pub(crate) far: TestServer,
    pub(crate) tunnel: Tunnel,
    pub(crate) hub: Hub,
}

impl Joined {
    pub(crate) async fn start(scenario: &str, far_flags: &[&str], hub_flags: &[&str]) -> Self {
        let (simulator, hub) = (simulator(scenario).await, Hub::start(hub_flags).await);
        let tunnel = Tunnel::to(hub.server.address).await;
        let joiner = Joiner::with_token(&hub.invite("web-3", Duration::from_secs(60)));
        let far = joiner.start(&simulator.endpoint(), tunnel.address, far_flags).await;
        hub.server.until_ready().await;
        Self { simulator, joiner, far, tunnel, hub }
    }
}

pub(crate) fn is_up(picture: &Picture) -> bool {
    picture.engines.iter().any(|engine| engine.id.as_str() == "web-3" && engine.link == EngineLink::Up)
}

fn lost_at(picture: &Picture) -> Option<EngineHop> {
    let engine = picture.engines.iter().find(|engine| engine.id.as_str() == "web-3")?;
    engine.hop.filter(|_| engine.link == EngineLink::Lost)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_joins_is_shown_and_used_like_any_other() {
    let joined = Joined::start("quiet:8", &["--join-role", "operator"], &["--allow-actions"]).await;
    let hub = &joined.hub.server;
    let mut viewer = hub.viewer().await;
    viewer.until("all are listed", TEST_TIMEOUT, |picture| picture.containers.len() == 10).await;
    let name = engine_name("web-3");
    assert_eq!(renamed(&hub.fetched().await, name), renamed(&joined.far.fetched().await, name));
    let engine = joined.hub.engine("web-3").await.unwrap();
    assert_eq!((engine.kind, engine.endpoint.as_str()), (EngineKind::Quaylight, "join:web-3"));
    assert_eq!((engine.link, engine.engine_link, engine.hop), (EngineLink::Up, Some(EngineLink::Up), None));

    let mut fastest = Duration::MAX;
    for wanted in [ContainerState::Paused, ContainerState::Running].into_iter().cycle().take(6) {
        let began = Instant::now();
        joined.simulator.act(|engine, now| match wanted {
            ContainerState::Paused => engine.pause("web-1", now).unwrap(),
            _ => engine.unpause("web-1", now).unwrap(),
        });
        let changed = |picture: &Picture| named(picture, "web-1").is_some_and(|found| found.state == wanted);
        viewer.until("it changes", CHANGE_TIMEOUT, changed).await;
        fastest = fastest.min(began.elapsed());
    }
    println!("an event over there is a frame here after {fastest:?}");
    assert!(fastest < Duration::from_millis(100), "{fastest:?}");
    let sampled = |picture: &Picture| picture.stats.values().any(|sample| sample.cpu_percent.is_some());
    viewer.until("samples arrive", TEST_TIMEOUT, sampled).await;

    let talker = path(&viewer.picture, "talker");
    let details: Value = get(hub.address, &talker).await.json();
    assert!(details["engine"] == json!("web-3") && details["details"].is_object(), "{details}");
    let mut log = Events::open(hub.address, &format!("{talker}/logs/stream?tail=all"), None).await;
    let lines: Vec<_> = log.take(40).await.iter().map(|event| line(event).text).collect();
    assert_eq!(lines, (0..40).map(|number| format!("line {number}")).collect::<Vec<_>>());
    let whole = get(hub.address, &format!("{talker}/logs?timestamps=false")).await;
    assert_eq!(String::from_utf8_lossy(&whole.body).lines().count(), 40);

    let web = path(&viewer.picture, "web-1");
    assert_eq!(post(hub.address, &format!("{web}/stop"), "").await.status, 204);
    let stopped = |picture: &Picture| named(picture, "web-1").is_some_and(|one| one.state == ContainerState::Exited);
    viewer.until("it is stopped", CHANGE_TIMEOUT, stopped).await;
    post(hub.address, &format!("{web}/pause"), "").await.problem(409, "refused");
    assert_eq!(delete(hub.address, &web).await.status, 204);
    viewer.until("it is removed", CHANGE_TIMEOUT, |picture| named(picture, "web-1").is_none()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_event_is_missed_over_a_cut() {
    let joined = Joined::start("quiet:0", &[], &[]).await;
    let (hub, far) = (&joined.hub.server, &joined.far);
    let mut viewer = hub.viewer().await;
    viewer.until("all are listed", TEST_TIMEOUT, |picture| picture.containers.len() == 2).await;
    let mut stream = Events::open(hub.address, "/api/events/stream?kind=renamed", None).await;
    joined.tunnel.cut();
    let is_lost = |picture: &Picture| lost_at(picture) == Some(EngineHop::Connect);
    viewer.until("the link is lost", Duration::from_secs(2), is_lost).await;
    let lost = joined.hub.engine("web-3").await.unwrap();
    assert_eq!((lost.hop, lost.error.as_ref().unwrap().code.as_str()), (Some(EngineHop::Connect), "not_joined"));
    assert_eq!(viewer.picture.containers.len(), 2, "its rows stay");
    get(hub.address, &format!("{}/inspect", path(&viewer.picture, "web-1"))).await.problem(503, "engine_lost");
    joined.simulator.act(|engine, now| {
        for number in 1..=30 {
            engine.rename(&format!("web-{number}"), &format!("web-{}", number + 1), now).unwrap();
        }
    });
    // Longer than the longest wait between two attempts.
    tokio::time::sleep(Duration::from_secs(3)).await;
    joined.tunnel.mend();
    let began = Instant::now();
    viewer.until("it is back", Duration::from_secs(3), is_up).await;
    println!("connected again after {:?}", began.elapsed());
    assert_eq!(stream.take(30).await.len(), 30);
    assert!(named(&viewer.picture, "web-31").is_some(), "up means complete");
    let facts = async |server: &TestServer| {
        let found: Occurrences = get(server.address, "/api/events?limit=20000").await.json();
        let fact = |event: &Occurrence| (event.at, event.container_id, event.kind.as_str(), event.detail.clone());
        found.events.iter().map(fact).collect::<Vec<_>>()
    };
    eventually("both have the same events", async || facts(hub).await == facts(far).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_is_a_gap_in_the_history() {
    let flags = ["--stats-interval", "500ms"];
    let joined = Joined::start("quiet:0", &flags, &flags).await;
    let hub = joined.hub.server.address;
    let mut viewer = joined.hub.server.viewer().await;
    viewer.until("all are listed", TEST_TIMEOUT, |picture| picture.containers.len() == 2).await;
    let path = format!("{}/stats", path(&viewer.picture, "talker"));
    let times = async || {
        let history: Value = get(hub, &path).await.json();
        let samples = history["samples"].as_array().cloned().unwrap_or_default();
        let time =
            |sample: &Value| serde_json::from_value::<Timestamp>(sample["timestamp"].clone()).unwrap().as_millis();
        samples.iter().map(time).collect::<Vec<_>>()
    };
    eventually("there are samples", async || times().await.len() > 2).await;
    joined.tunnel.cut();
    // Over there, sampling goes on for 10 s.
    tokio::time::sleep(Duration::from_secs(14)).await;
    joined.tunnel.mend();
    let mended_at = server::now().as_millis();
    eventually("samples follow", async || times().await.last().is_some_and(|last| *last > mended_at)).await;
    let longest = times().await.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
    assert!(longest > 2_000, "no sample is made up in between: {longest} ms");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_connection_is_replaced() {
    let joined = Joined::start("quiet:0", &[], &[]).await;
    let mut viewer = joined.hub.server.viewer().await;
    viewer.until("it is up", TEST_TIMEOUT, is_up).await;
    joined.tunnel.freeze();
    viewer.until("silence is noticed", SILENCE_TIMEOUT, |picture| lost_at(picture).is_some()).await;
    // The server over there has noticed it, too, and opens another connection.
    joined.tunnel.lead_to(joined.hub.server.address);
    joined.tunnel.mend();
    viewer.until("it is back", RECONNECT_TIMEOUT + Duration::from_secs(1), is_up).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_servers_can_be_restarted() {
    let Joined { simulator, joiner, far, tunnel, hub } = Joined::start("quiet:0", &[], &[]).await;
    let Hub { server, file, folder } = hub;
    server.stop(TEST_TIMEOUT).await;
    simulator.act(|engine, now| engine.pause("talker", now).unwrap());
    let hub = Hub { server: Hub::server(folder.path(), &[]).await, file, folder };
    // The servers that join are read once the server runs.
    let is_lost = async || hub.engine("web-3").await.is_some_and(|known| known.link != EngineLink::Up);
    eventually("it is known", is_lost).await;
    tunnel.lead_to(hub.server.address);
    hub.server.until_ready().await;
    let talker = async || named(&hub.server.fetched().await, "talker").map(|one| one.state);
    assert_eq!(talker().await, Some(ContainerState::Paused));
    // Without the token, from its key.
    far.stop(TEST_TIMEOUT).await;
    eventually("it is lost", async || lost_at(&hub.server.fetched().await).is_some()).await;
    joiner.set_token("quay_invitation_used");
    let _far = joiner.start(&simulator.endpoint(), tunnel.address, &[]).await;
    eventually("it is back", async || is_up(&hub.server.fetched().await)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_server_costs_less_than_a_kilobyte_per_second() {
    let flags = ["--stats-interval", "500ms"];
    let joined = Joined::start("quiet:38", &flags, &flags).await;
    let samples = || joined.simulator.calls().count(Endpoint::Stats);
    tokio::time::sleep(Duration::from_secs(2)).await;
    let before = joined.tunnel.bytes();
    tokio::time::sleep(Duration::from_secs(10)).await;
    let rate = (joined.tunnel.bytes() - before) / 10;
    println!("an idle server of 40 containers: {rate} bytes per second");
    assert!(rate <= 1_000, "{rate} bytes per second");
    assert_eq!(samples(), 0, "nothing is sampled without viewers");
    assert_eq!(joined.hub.server.fetched().await.containers.len(), 40);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_several_engines_is_chosen_by_name() {
    let (one, other) = (simulator("quiet:0").await, simulator("quiet:1").await);
    let hub_folder = tempfile::tempdir().unwrap();
    let file = JoinsFile::in_folder(hub_folder.path());
    let data = ["--data-dir", hub_folder.path().to_str().unwrap()];
    let hub = TestServer::start("first=join:site?engine=a second=join:site?engine=b", &data).await;
    let engines = async || hub.fetched().await.engines;
    eventually("nobody has joined", async || {
        engines().await.iter().all(|engine| engine.error.as_ref().is_some_and(|error| error.code == "not_joined"))
    })
    .await;
    let secret = file.change(|hosts| Ok(hosts.invite(engine_name("site"), Duration::from_secs(60)))).unwrap();
    let joiner = Joiner::with_token(secret.expose());
    let watched = format!("a={} b={}", one.endpoint(), other.endpoint());
    // The hub does not know the path below which the other server serves its pages.
    let _far = joiner.start(&watched, hub.address, &["--base-path", "/quaylight/"]).await;
    let both = async || engines().await.iter().filter(|engine| engine.link == EngineLink::Up).count() == 2;
    eventually("both are shown", both).await;
    let names: Vec<_> = engines().await.iter().map(|engine| engine.id.as_str()).collect();
    assert_eq!(names, ["first", "second"]);
    assert_eq!(hub.fetched().await.containers.len(), 5);
}

/// The location `/api/join` of `docs/ENGINES.md`.
fn documented() -> String {
    let text = include_str!("../../../../docs/ENGINES.md");
    let (_, block) = text.split_once("location = /api/join {").unwrap();
    let lines = block.split('}').next().unwrap().lines().skip(1);
    lines.filter(|line| !line.contains("proxy_pass")).collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_that_passes_upgrades_on_is_joined_through() {
    let (simulator, hub) = (simulator("quiet:0").await, Hub::start(&[]).await);
    let directives = format!("{}\nproxy_buffering off;", documented());
    let Some(nginx) = Nginx::start_with_tls_and(hub.server.address, &directives).await else { return };
    let joiner = Joiner::with_token(&hub.invite("web-3", Duration::from_secs(60)));
    let (address, authority) = (format!("https://{}", nginx.address), nginx.authority());
    // Its certificate is checked before anything is sent.
    let untrusting = joiner.start_at(&simulator.endpoint(), &address, &[]).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(hub.engine("web-3").await.is_none());
    untrusting.stop(TEST_TIMEOUT).await;
    let trusting = ["--join-ca", authority.to_str().unwrap()];
    let _far = joiner.start_at(&simulator.endpoint(), &address, &trusting).await;
    hub.server.until_ready().await;
    let mut viewer = hub.server.viewer().await;
    viewer.until("samples arrive", TEST_TIMEOUT, |picture| picture.sampled_at.is_some()).await;
    simulator.act(|engine, now| engine.pause("web-1", now).unwrap());
    let paused = |picture: &Picture| named(picture, "web-1").is_some_and(|one| one.state == ContainerState::Paused);
    viewer.until("it changes", CHANGE_TIMEOUT, paused).await;
}
