//! An engine that another Quaylight server watches: rows, samples, requests, logs and events.

use crate::{
    logs::reading::{line, pause, print, printer},
    support::{
        CHANGE_TIMEOUT, Events, HttpResponse, TEST_TIMEOUT, TestServer, Tunnel, delete, eventually, get, idler, named,
        post,
    },
};
use app::{
    model::{Cause, Container, ContainerKey, ContainerState, EngineKind, EngineLink, EngineName, Occurrences},
    protocol::Picture,
};
use serde_json::{Value, json};
use simulator::{Endpoint, Options, Simulator, SimulatorHandle};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// A server with a simulated engine, and a server that watches that engine through it.
pub(crate) struct Pair {
    pub(crate) simulator: SimulatorHandle,
    pub(crate) far: TestServer,
    pub(crate) tunnel: Tunnel,
    pub(crate) hub: TestServer,
}

pub(crate) async fn simulator(scenario: &str) -> SimulatorHandle {
    let options = Options { scenario: scenario.parse().unwrap(), ..Options::default() };
    let simulator = Simulator::start(options).await.unwrap();
    simulator.act(|engine, now| {
        engine.add_image("idle:1", "import", now);
        let lines = (0..40).flat_map(|number| [print(&format!("line {number}")), pause(20)]).collect();
        for spec in [printer("talker", lines), idler("web-1")] {
            let container = spec.name.clone().unwrap();
            engine.create(spec, now).unwrap();
            engine.start(&container, now).unwrap();
        }
    });
    simulator
}

impl Pair {
    pub(crate) async fn start(scenario: &str, far_flags: &[&str], hub_flags: &[&str]) -> Self {
        let simulator = simulator(scenario).await;
        let far = TestServer::start(&simulator.endpoint(), far_flags).await;
        far.until_ready().await;
        let tunnel = Tunnel::to(far.address).await;
        let hub = TestServer::start(&format!("web-3=http://{}", tunnel.address), hub_flags).await;
        hub.until_ready().await;
        Self { simulator, far, tunnel, hub }
    }
}

pub(crate) fn engine_name(name: &str) -> EngineName {
    EngineName::new(name).unwrap()
}

/// Path of a container of the engine `web-3`.
pub(crate) fn path(picture: &Picture, name: &str) -> String {
    format!("/api/engines/web-3/containers/{}", named(picture, name).unwrap().id)
}

/// The containers under another engine's name.
pub(crate) fn renamed(picture: &Picture, engine: EngineName) -> BTreeMap<ContainerKey, Container> {
    let containers = picture.containers.values().map(|container| Container { engine, ..Container::clone(container) });
    containers.map(|container| (container.key(), container)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_are_those_of_the_other_server() {
    let pair = Pair::start("quiet:8", &[], &[]).await;
    let mut viewer = pair.hub.viewer().await;
    let up = |picture: &Picture| picture.containers.len() == 10;
    viewer.until("all are listed", TEST_TIMEOUT, up).await;
    let name = engine_name("web-3");
    let (here, there) = (pair.hub.fetched().await, pair.far.fetched().await);
    assert_eq!(renamed(&here, name), renamed(&there, name));
    assert!(here.containers.keys().all(|key| key.engine == name));
    let (engine, its) = (&here.engines[0], &there.engines[0]);
    assert_eq!((engine.id, engine.name.as_str(), engine.kind), (name, "web-3", EngineKind::Quaylight));
    assert_eq!((engine.link, engine.engine_link, engine.hop), (EngineLink::Up, Some(EngineLink::Up), None));
    assert_eq!((&engine.version, engine.cpus, engine.memory_total), (&its.version, its.cpus, its.memory_total));
    assert!(engine.endpoint.starts_with("http://127.0.0.1:") && engine.error.is_none());
    assert!(engine.round_trip_millis.is_some() && engine.clock_offset_millis.unwrap().abs() < 2_000, "{engine:?}");

    // The fastest of five, because this machine may be busy.
    let mut fastest = Duration::MAX;
    for wanted in [ContainerState::Paused, ContainerState::Running].into_iter().cycle().take(6) {
        let began = Instant::now();
        pair.simulator.act(|engine, now| match wanted {
            ContainerState::Paused => engine.pause("web-1", now).unwrap(),
            _ => engine.unpause("web-1", now).unwrap(),
        });
        let changed = |picture: &Picture| named(picture, "web-1").is_some_and(|found| found.state == wanted);
        viewer.until("it changes", CHANGE_TIMEOUT, changed).await;
        fastest = fastest.min(began.elapsed());
    }
    println!("an event of the other server is a frame of this one after {fastest:?}");
    assert!(fastest < Duration::from_millis(100), "{fastest:?}");
    viewer.assert_true(&pair.hub).await;
    pair.simulator.act(|engine, now| engine.remove("web-1", true, now).unwrap());
    viewer.until("it is removed", CHANGE_TIMEOUT, |picture| named(picture, "web-1").is_none()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_are_passed_on() {
    let pair = Pair::start("quiet:0", &["--allow-actions"], &["--allow-actions"]).await;
    let mut viewer = pair.hub.viewer().await;
    viewer.until("all are listed", TEST_TIMEOUT, |picture| picture.containers.len() == 2).await;
    let path = path(&viewer.picture, "web-1");
    let address = pair.hub.address;
    let at_far = path.replace("web-3", "local");
    let old = path.replace("/engines/web-3", "");
    let [details, same, theirs]: [Value; 3] = [
        get(address, &path).await.json(),
        get(address, &old).await.json(),
        get(pair.far.address, &at_far).await.json(),
    ];
    assert_eq!((&details["engine"], &details["name"]), (&json!("web-3"), &json!("web-1")));
    assert!(details["details"].is_object() && details["details"] == theirs["details"], "{details}");
    assert_eq!(details["details"], same["details"]);
    let processes: Value = get(address, &format!("{path}/processes")).await.json();
    assert!(
        processes["engine"] == json!("web-3") && processes["processes"].as_array().is_some_and(|all| !all.is_empty())
    );
    let inspect: Value = get(address, &format!("{path}/inspect")).await.json();
    assert_eq!(inspect["Id"], details["id"]);
    get(address, &format!("{path}/stats?window=1w")).await.problem(400, "bad_window");
    get(address, &format!("{path}?secrets=all")).await.problem(400, "malformed");
    get(address, &format!("{path}/nothing")).await.problem(404, "no_such_route");
    let unknown = format!("/api/engines/web-3/containers/{}", "0".repeat(64));
    get(address, &unknown).await.problem(404, "no_such_container");

    assert_eq!(post(address, &format!("{path}/stop"), "").await.status, 204);
    let stopped = |picture: &Picture| named(picture, "web-1").is_some_and(|one| one.state == ContainerState::Exited);
    viewer.until("it is stopped", CHANGE_TIMEOUT, stopped).await;
    assert_eq!(named(&pair.far.fetched().await, "web-1").unwrap().state, ContainerState::Exited);
    post(address, &format!("{path}/kill"), r#"{"signal":"SIGNONSENSE"}"#).await.problem(400, "malformed");
    post(address, &format!("{path}/pause"), "").await.problem(409, "refused");
    assert_eq!(delete(address, &path).await.status, 204);
    viewer.until("it is removed", CHANGE_TIMEOUT, |picture| named(picture, "web-1").is_none()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_have_their_causes_and_none_is_missed() {
    let pair = Pair::start("quiet:0", &["--allow-actions"], &[]).await;
    let id = named(&pair.far.fetched().await, "web-1").unwrap().id;
    assert_eq!(post(pair.far.address, &format!("/api/containers/{id}/stop"), "").await.status, 204);
    let events = async |server: &TestServer| {
        let found: Occurrences = get(server.address, "/api/events?limit=20000").await.json();
        found.events
    };
    let same = async || {
        let (here, there) = (events(&pair.hub).await, events(&pair.far).await);
        let facts = |events: &[app::model::Occurrence]| {
            let fact = |event: &app::model::Occurrence| {
                (event.at, event.container_id, event.kind.as_str(), event.cause, event.exit_code, event.detail.clone())
            };
            events.iter().map(fact).collect::<Vec<_>>()
        };
        assert!(here.iter().all(|event| event.engine == engine_name("web-3")));
        facts(&here) == facts(&there) && there.iter().any(|event| event.cause == Some(Cause::Request))
    };
    eventually("both have the same events", same).await;
    // While the link is cut, an event stream of the hub waits.
    let mut stream = Events::open(pair.hub.address, "/api/events/stream?kind=renamed", None).await;
    pair.tunnel.cut();
    pair.simulator.act(|engine, now| {
        for number in 1..=30 {
            engine.rename(&format!("web-{number}"), &format!("web-{}", number + 1), now).unwrap();
        }
    });
    pair.tunnel.mend();
    assert_eq!(stream.take(30).await.len(), 30);
    eventually("both have the same events again", same).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn logs_are_followed_and_resumed() {
    let pair = Pair::start("quiet:0", &[], &[]).await;
    let mut viewer = pair.hub.viewer().await;
    viewer.until("all are listed", TEST_TIMEOUT, |picture| picture.containers.len() == 2).await;
    let path = path(&viewer.picture, "talker");
    let mut log = Events::open(pair.hub.address, &format!("{path}/logs/stream?tail=all"), None).await;
    let first = log.take(10).await;
    let last_id = first[9].id.clone().unwrap();
    drop(log);
    let mut log = Events::open(pair.hub.address, &format!("{path}/logs/stream"), Some(&last_id)).await;
    let lines: Vec<_> = first.iter().chain(&log.take(30).await).map(|event| line(event).text).collect();
    assert_eq!(lines, (0..40).map(|number| format!("line {number}")).collect::<Vec<_>>());
    let whole = get(pair.hub.address, &format!("{path}/logs?timestamps=false")).await;
    assert!(whole.header("content-disposition").contains("talker"), "{:?}", whole.headers);
    assert_eq!(String::from_utf8_lossy(&whole.body).lines().count(), 40);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_is_merged_with_those_of_other_engines() {
    let (one, other) = (Pair::start("quiet:0", &[], &[]).await, simulator("quiet:0").await);
    let engines = format!("web-3=http://{} near={}", one.tunnel.address, other.endpoint());
    let hub = TestServer::start(&engines, &[]).await;
    eventually("both are listed", async || hub.fetched().await.containers.len() == 4).await;
    let id = named(&hub.fetched().await, "talker").unwrap().id;
    let path = format!("/api/logs/stream?ids=web-3/{id},near/{id}&tail=all");
    let mut log = Events::open(hub.address, &path, None).await;
    let first = log.take(30).await;
    drop(log);
    // Continues after the last line of both, also over a cut link.
    let mut log = Events::open(hub.address, &path, first[29].id.as_deref()).await;
    let mut seen: BTreeMap<EngineName, Vec<String>> = BTreeMap::new();
    for event in first {
        seen.entry(line(&event).engine.unwrap()).or_default().push(line(&event).text);
    }
    one.tunnel.cut();
    one.tunnel.mend();
    while seen.values().map(Vec::len).sum::<usize>() < 80 {
        let event = log.next_data().await.unwrap();
        if event.name == "log" {
            seen.entry(line(&event).engine.unwrap()).or_default().push(line(&event).text);
        }
    }
    let expected: Vec<_> = (0..40).map(|number| format!("line {number}")).collect();
    assert_eq!(seen, BTreeMap::from([(engine_name("near"), expected.clone()), (engine_name("web-3"), expected)]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_sampled_over_there_without_viewers_here() {
    let pair = Pair::start("quiet:38", &["--stats-interval", "500ms"], &["--stats-interval", "500ms"]).await;
    let samples = || pair.simulator.calls().count(Endpoint::Stats);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(samples(), 0);
    let before = pair.tunnel.bytes();
    tokio::time::sleep(Duration::from_secs(6)).await;
    let rate = (pair.tunnel.bytes() - before) / 6;
    println!("an idle host of 40 containers: {rate} bytes per second");
    assert!(rate <= 1_000, "{rate} bytes per second");
    assert_eq!(samples(), 0);

    let mut viewer = pair.hub.viewer().await;
    let sampled = |picture: &Picture| picture.stats.values().any(|sample| sample.cpu_percent.is_some());
    viewer.until("samples arrive", TEST_TIMEOUT, sampled).await;
    let path = path(&viewer.picture, "web-1");
    eventually("they have a history", async || {
        let history: Value = get(pair.hub.address, &format!("{path}/stats")).await.json();
        assert_eq!(history["engine"], json!("web-3"));
        history["samples"].as_array().is_some_and(|samples| samples.len() > 1)
    })
    .await;
    // The hub's own copy.
    pair.tunnel.cut();
    let kept: Value = get(pair.hub.address, &format!("{path}/stats")).await.json();
    assert!(kept["samples"].as_array().is_some_and(|samples| samples.len() > 1), "{kept}");
    pair.tunnel.mend();
    drop(viewer);
    let quiet = async || {
        let before = samples();
        tokio::time::sleep(Duration::from_secs(2)).await;
        samples() == before
    };
    for _ in 0..20 {
        if quiet().await {
            return;
        }
    }
    panic!("sampling goes on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_with_the_same_container_ids_are_both_shown() {
    let (one, other) = (Pair::start("quiet:0", &[], &[]).await, Pair::start("quiet:0", &[], &[]).await);
    let engines = format!("one=http://{} other=http://{}", one.tunnel.address, other.tunnel.address);
    let hub = TestServer::start(&engines, &[]).await;
    let mut viewer = hub.viewer().await;
    viewer.until("both are listed", TEST_TIMEOUT, |picture| picture.containers.len() == 4).await;
    let id = named(&viewer.picture, "web-1").unwrap().id;
    get(hub.address, &format!("/api/containers/{id}")).await.problem(409, "ambiguous");
    one.simulator.act(|engine, now| engine.pause("web-1", now).unwrap());
    let state = |picture: &Picture, name: &str| picture.containers[&ContainerKey::new(engine_name(name), id)].state;
    viewer.until("one is paused", CHANGE_TIMEOUT, |picture| state(picture, "one") == ContainerState::Paused).await;
    assert_eq!(state(&viewer.picture, "other"), ContainerState::Running);
    for name in ["one", "other"] {
        let details: HttpResponse = get(hub.address, &format!("/api/engines/{name}/containers/{id}")).await;
        assert_eq!(details.json::<Value>()["engine"], json!(name));
    }
    // A hub of a hub: the engine is chosen by name.
    let top = TestServer::start(&format!("top=http://{}?engine=other", hub.address), &[]).await;
    top.until_ready().await;
    assert_eq!(top.fetched().await.containers.len(), 2);
    let picture = top.fetched().await;
    assert_eq!(state(&picture, "top"), ContainerState::Running);
    let details: Value = get(top.address, &format!("/api/containers/{id}")).await.json();
    assert_eq!((&details["engine"], &details["name"]), (&json!("top"), &json!("web-1")));
}
