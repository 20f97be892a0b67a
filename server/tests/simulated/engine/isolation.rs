//! A container that hangs or is unreadable affects only itself.

use crate::support::{
    CHANGE_TIMEOUT, CORRECTION_TIMEOUT, Events, Quay, TEST_TIMEOUT, TestServer, Viewer, eventually, get, idler,
    link_of, local, named, quay, state_of,
};
use app::{
    model::{Container, ContainerState, ContainerStats, EngineLink},
    protocol::Picture,
};
use serde_json::{Value, json};
use simulator::{BadLine, ContainerFault, Endpoint, Options, Release, Simulator, SimulatorHandle};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// An inspect has 3 s, and the ping that checks the engine another second.
const MARK_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest backoff of an inspect is 8 s.
const RECOVERY_TIMEOUT: Duration = Duration::from_secs(12);

fn inspect_code(picture: &Picture, name: &str) -> Option<String> {
    named(picture, name)?.inspect_error.as_ref().map(|problem| problem.code.clone())
}

fn sample<'a>(picture: &'a Picture, name: &str) -> Option<&'a ContainerStats> {
    picture.stats.get(&named(picture, name)?.key()).map(AsRef::as_ref)
}

/// Starts a simulator with this number of running containers, `idle-0` and so on.
async fn idlers(count: usize) -> SimulatorHandle {
    let options = Options { scenario: "quiet:0".parse().unwrap(), release: Release::V28_5, ..Options::default() };
    let simulator = Simulator::start(options).await.unwrap();
    simulator.act(|engine, now| {
        engine.add_image("idle:1", "import", now);
        for number in 0..count {
            engine.create(idler(&format!("idle-{number}")), now).unwrap();
            engine.start(&format!("idle-{number}"), now).unwrap();
        }
    });
    simulator
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_container_without_inspect_has_its_list_row_and_recovers() {
    let faults = [
        (ContainerFault::Hang, "not_answering"),
        (ContainerFault::Status(500), "refused"),
        (ContainerFault::Status(404), "not_found"),
        (ContainerFault::Body("[]".to_owned()), "bad_answer"),
        (ContainerFault::Body("{\"Id\":".to_owned()), "bad_answer"),
    ];
    let cases = faults.map(|(fault, code)| async move {
        let what = format!("{fault:?}");
        let simulator = idlers(3).await;
        simulator.faults().container("idle-1", Endpoint::Inspect, Some(fault));
        let server = TestServer::start(&simulator.endpoint(), &["--refresh-interval", "500ms"]).await;
        server.until_ready().await;
        let mut viewer = server.viewer().await;
        viewer.next().await;
        assert_eq!(viewer.picture.containers.len(), 3, "{what}: the row is there from the beginning");
        viewer.until(&what, MARK_TIMEOUT, |now| inspect_code(now, "idle-1").as_deref() == Some(code)).await;
        let marked = named(&viewer.picture, "idle-1").unwrap().clone();
        assert_eq!((marked.image.as_str(), marked.state), ("idle:1", ContainerState::Running), "{what}");
        assert_eq!(inspect_code(&viewer.picture, "idle-0"), None, "{what}");
        // Its API response has the known data.
        let page = get(server.address, &format!("/api/containers/{}", marked.id)).await;
        assert_eq!(page.status, 200, "{what}: {page:?}");
        let page: Value = page.json();
        assert_eq!(
            (&page["name"], &page["inspectError"]["code"], &page["details"]),
            (&json!("idle-1"), &json!(code), &Value::Null)
        );
        // Its state follows the list and events.
        simulator.act(|engine, now| engine.pause("idle-1", now).unwrap());
        viewer.until(&what, CHANGE_TIMEOUT, |now| state_of(now, "idle-1") == Some(ContainerState::Paused)).await;
        viewer.assert_true(&server).await;
        simulator.faults().container("idle-1", Endpoint::Inspect, None);
        viewer.until(&what, RECOVERY_TIMEOUT, |now| inspect_code(now, "idle-1").is_none()).await;
        let healed: &Container = named(&viewer.picture, "idle-1").unwrap();
        assert!(healed.started_at.is_some() && healed.state == ContainerState::Paused, "{what}: {healed:?}");
        let gone = healed.id;
        simulator.act(|engine, now| engine.remove("idle-1", true, now).unwrap());
        viewer.until(&what, CHANGE_TIMEOUT, |now| !now.containers.contains_key(&local(gone))).await;
        let page = get(server.address, &format!("/api/containers/{gone}")).await;
        page.problem(404, "no_such_container");
    });
    futures::future::join_all(cases).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inspect_data_is_kept_and_the_state_updated_while_inspect_fails() {
    let simulator = idlers(2).await;
    let server = TestServer::start(&simulator.endpoint(), &["--refresh-interval", "500ms"]).await;
    server.until_ready().await;
    let mut viewer = server.viewer().await;
    viewer.next().await;
    let before = named(&viewer.picture, "idle-0").unwrap().clone();
    simulator.faults().container("idle-0", Endpoint::Inspect, Some(ContainerFault::Status(500)));
    viewer.until("it is marked", TEST_TIMEOUT, |now| inspect_code(now, "idle-0").is_some()).await;
    let marked = named(&viewer.picture, "idle-0").unwrap();
    assert_eq!(Container { inspect_error: None, ..marked.clone() }, before);
    // Only the list shows it, no event.
    simulator.faults().set_event_gap(true);
    simulator.act(|engine, now| engine.kill("idle-0", 9, now).unwrap());
    simulator.faults().set_event_gap(false);
    viewer
        .until("the list has the state", CORRECTION_TIMEOUT, |now| {
            state_of(now, "idle-0") == Some(ContainerState::Exited)
        })
        .await;
    assert_eq!(named(&viewer.picture, "idle-0").unwrap().exit_code, Some(137));
}

/// Limit for unaffected containers.
const OTHERS_P99: Duration = Duration::from_millis(20);
const FIRST_PAGE: Duration = Duration::from_millis(300);
const BETWEEN_CHANGES: Duration = Duration::from_millis(100);
/// Factor for a debug build on a busy machine.
const SLACK: u32 = if cfg!(debug_assertions) { 10 } else { 1 };

fn nanos() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hanging_inspects_delay_neither_the_first_page_nor_other_events() {
    let simulator = idlers(50).await;
    for number in 0..20 {
        simulator.faults().container(&format!("idle-{number}"), Endpoint::Inspect, Some(ContainerFault::Hang));
        simulator.faults().container(&format!("idle-{number}"), Endpoint::Stats, Some(ContainerFault::Hang));
    }
    let began = Instant::now();
    let server = TestServer::start(&simulator.endpoint(), &[]).await;
    let mut page: Value;
    loop {
        page = get(server.address, "/api/containers").await.json();
        if page["containers"].as_array().is_some_and(|rows| rows.len() == 50) {
            break;
        }
        assert!(began.elapsed() < TEST_TIMEOUT, "fifty rows: {}", page["containers"].as_array().map_or(0, Vec::len));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let first_page = began.elapsed();
    let mut viewer = server.viewer().await;
    viewer.next().await;
    // A new container appears immediately.
    let started = Instant::now();
    simulator.act(|engine, now| {
        engine.create(idler("newcomer"), now).unwrap();
        engine.start("newcomer", now).unwrap();
    });
    let runs = |now: &Picture| state_of(now, "newcomer") == Some(ContainerState::Running);
    viewer.until("the new one shows", CHANGE_TIMEOUT, runs).await;
    let newcomer = started.elapsed();
    // Renames, pauses and unpauses of unaffected containers, from the event to the frame.
    let mut took = Vec::new();
    for round in 0..100 {
        // One after the other, because the store sends bursts in frames 50 ms apart.
        tokio::time::sleep(BETWEEN_CHANGES).await;
        let name = format!("idle-{}", 20 + round % 30);
        let pauses = round / 30 % 2 == 0;
        let wanted = if pauses { ContainerState::Paused } else { ContainerState::Running };
        let at = nanos();
        simulator.act(|engine, now| {
            if pauses { engine.pause(&name, now) } else { engine.unpause(&name, now) }.unwrap();
        });
        let came = viewer.until(&name, CHANGE_TIMEOUT, |now| state_of(now, &name) == Some(wanted)).await;
        let last = came.last().map_or(at, |received| received.at_nanos.unsigned_abs().into());
        took.push(Duration::from_nanos(u64::try_from(last.saturating_sub(at)).unwrap()));
    }
    took.sort_unstable();
    let p99 = took[took.len() * 99 / 100 - 1];
    println!("20 of 50 hang: first page {first_page:?}, a new container {newcomer:?}, events of others p99 {p99:?}");
    assert!(first_page <= FIRST_PAGE * SLACK, "{first_page:?}");
    assert!(newcomer <= FIRST_PAGE * SLACK, "{newcomer:?}");
    assert!(p99 <= OTHERS_P99 * SLACK, "{p99:?}");
    // Each hanging container is marked.
    let marked = |now: &Picture| now.containers.values().filter(|each| each.inspect_error.is_some()).count();
    viewer.until("twenty are marked", TEST_TIMEOUT, |now| marked(now) == 20).await;
    assert_eq!(link_of(&viewer.picture), Some(EngineLink::Up));
    // A new container with a hanging inspect appears, too.
    simulator.faults().container("stuck", Endpoint::Inspect, Some(ContainerFault::Hang));
    simulator.act(|engine, now| engine.create(idler("stuck"), now).unwrap());
    viewer.until("a stuck newcomer shows", CHANGE_TIMEOUT, |now| named(now, "stuck").is_some()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_hanging_sample_does_not_delay_the_others() {
    const INTERVAL: Duration = Duration::from_millis(500);
    let simulator = idlers(10).await;
    let server = TestServer::start(&simulator.endpoint(), &["--stats-interval", "500ms"]).await;
    server.until_ready().await;
    let mut viewer = server.viewer().await;
    let has = |now: &Picture, name: &str| sample(now, name).is_some_and(|sample| sample.cpu_percent.is_some());
    viewer.until("numbers arrive", TEST_TIMEOUT, |now| (0..10).all(|number| has(now, &format!("idle-{number}")))).await;
    let known_at = sample(&viewer.picture, "idle-3").unwrap().timestamp;
    simulator.faults().container("idle-3", Endpoint::Stats, Some(ContainerFault::Hang));
    viewer
        .until("its numbers are unknown", TEST_TIMEOUT, |now| {
            sample(now, "idle-3").is_some_and(|one| one.pids.is_none())
        })
        .await;
    // The timestamp shows its age.
    let unknown = sample(&viewer.picture, "idle-3").unwrap().clone();
    assert!(unknown.memory_usage.is_none() && unknown.timestamp >= known_at, "{unknown:?}");
    let (mut rounds, mut last, began) = (Vec::new(), viewer.picture.sampled_at, Instant::now());
    while rounds.len() < 8 {
        viewer.next().await;
        if viewer.picture.sampled_at != last {
            last = viewer.picture.sampled_at;
            rounds.push(began.elapsed());
        }
    }
    let longest = rounds.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
    assert!(longest < 3 * INTERVAL, "{rounds:?}");
    assert_eq!(viewer.picture.engines[0].stats_interval_millis, None, "the interval is not widened");
    assert!(has(&viewer.picture, "idle-4"));
    assert_eq!(sample(&viewer.picture, "idle-3").unwrap().timestamp, unknown.timestamp, "it ages");
    simulator.faults().container("idle-3", Endpoint::Stats, None);
    viewer.until("its numbers return", 3 * TEST_TIMEOUT, |now| has(now, "idle-3")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fields_of_the_wrong_type_lose_no_container() {
    let simulator = idlers(3).await;
    let merge = |name: &str, endpoint, fields: Value| {
        simulator.faults().container(name, endpoint, Some(ContainerFault::Merge(fields)));
    };
    let inspect = json!({
        "RestartCount": "4", "Path": 7, "Mounts": [null],
        "State": {"Status": "levitating", "Health": {"Status": "delighted"}, "Pid": "1"},
        "Config": {"Entrypoint": "sh", "Env": null, "Labels": {"n": 7}},
        "HostConfig": {"Ulimits": [{"Name": "nofile", "Soft": 1024, "Hard": u64::MAX}], "NanoCpus": 1.5e9},
        "NetworkSettings": {"Networks": {"a": null}, "Ports": {"80/tcp": [{"HostIp": 7, "HostPort": 99_999}]}},
    });
    merge("idle-1", Endpoint::Inspect, inspect);
    let row = json!({"Ports": [{"PrivatePort": 99_999}, {"PrivatePort": 80.0, "PublicPort": "8080", "Type": null}], "State": "levitating", "Mounts": 7, "Labels": []});
    merge("idle-1", Endpoint::List, row);
    merge("idle-2", Endpoint::List, json!({"Id": null, "Names": [7]}));
    merge(
        "idle-2",
        Endpoint::Stats,
        json!({"memory_stats": "none", "pids_stats": {"current": "3"}, "networks": {"eth0": null}}),
    );
    let server =
        TestServer::start(&simulator.endpoint(), &["--refresh-interval", "500ms", "--stats-interval", "500ms"]).await;
    server.until_ready().await;
    let mut viewer = server.viewer().await;
    viewer.next().await;
    // The row of the third is unreadable: its creation event or the next events show it.
    assert!(viewer.picture.containers.len() >= 2, "a row without an id costs no other");
    simulator.act(|engine, now| engine.pause("idle-2", now).unwrap());
    viewer.until("it shows", CHANGE_TIMEOUT, |now| state_of(now, "idle-2") == Some(ContainerState::Paused)).await;
    let odd = named(&viewer.picture, "idle-1").unwrap().clone();
    assert_eq!(
        (odd.state, odd.health, odd.restart_count, odd.nano_cpus),
        (ContainerState::Running, None, 4, Some(1_500_000_000))
    );
    assert!(odd.networks.contains(&"a".to_owned()) && odd.inspect_error.is_none(), "{odd:?}");
    assert_eq!(odd.ports.iter().map(|port| (port.private_port, port.public_port)).collect::<Vec<_>>(), [(80, None)]);
    let page: Value = get(server.address, &format!("/api/containers/{}", odd.id)).await.json();
    assert_eq!(page["details"]["limits"]["ulimits"], json!([{"name": "nofile", "soft": 1024, "hard": -1}]));
    assert_eq!(page["details"]["entrypoint"], json!(["sh"]));
    let known =
        |now: &Picture| sample(now, "idle-2").is_some_and(|one| one.pids == Some(3) && one.memory_usage.is_none());
    viewer.until("what can be read of its numbers is", TEST_TIMEOUT, known).await;
    // It stays with every list.
    let lists = simulator.calls().count(Endpoint::List);
    eventually("three more lists", async || simulator.calls().count(Endpoint::List) >= lists + 3).await;
    assert_eq!((link_of(&viewer.picture), server.fetched().await.containers.len()), (Some(EngineLink::Up), 3));
    assert_eq!(simulator.calls().count(Endpoint::Version), 1, "one session for all of it");
    viewer.assert_true(&server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_label_of_thirty_megabytes_affects_only_itself() {
    let simulator = idlers(2).await;
    simulator.act(|engine, now| {
        let mut huge = idler("huge");
        huge.labels.insert("big".to_owned(), "x".repeat(30 << 20));
        huge.labels.insert("small".to_owned(), "kept".to_owned());
        engine.create(huge, now).unwrap();
    });
    let server = TestServer::start(&simulator.endpoint(), &["--refresh-interval", "1s"]).await;
    server.until_ready().await;
    let mut viewer = server.viewer().await;
    viewer.until("all are there", 2 * TEST_TIMEOUT, |now| now.containers.len() == 3).await;
    simulator.act(|engine, now| {
        engine.start("huge", now).unwrap();
        engine.pause("idle-0", now).unwrap();
    });
    let shown = |now: &Picture| {
        state_of(now, "huge") == Some(ContainerState::Running)
            && state_of(now, "idle-0") == Some(ContainerState::Paused)
    };
    viewer.until("events that carry the label are read", TEST_TIMEOUT, shown).await;
    let huge = named(&viewer.picture, "huge").unwrap();
    assert_eq!(huge.labels.get("small").map(String::as_str), Some("kept"));
    assert!(huge.labels.get("big").is_some_and(|big| big.len() <= 300 << 10 && big.ends_with('…')));
    assert_eq!((link_of(&viewer.picture), simulator.calls().count(Endpoint::Version)), (Some(EngineLink::Up), 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unreadable_event_keeps_the_session() {
    let quay = quay("quiet:8", &[]).await;
    let mut viewer = quay.server.viewer().await;
    viewer.next().await;
    for line in [BadLine::BrokenJson, BadLine::NotText, BadLine::WrongKinds] {
        let paused = state_of(&viewer.picture, "shop-web-1") == Some(ContainerState::Paused);
        let wanted = if paused { ContainerState::Running } else { ContainerState::Paused };
        quay.simulator.faults().send_bad_event_line(line);
        quay.simulator.act(|engine, now| {
            if paused { engine.unpause("shop-web-1", now) } else { engine.pause("shop-web-1", now) }.unwrap();
        });
        viewer
            .until("the event behind it shows", CHANGE_TIMEOUT, |now| state_of(now, "shop-web-1") == Some(wanted))
            .await;
    }
    assert_eq!(quay.simulator.calls().count(Endpoint::Version), 1, "one session for all of it");
    viewer.assert_true(&quay.server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_engine_without_version_and_info_is_supported() {
    let simulator = idlers(2).await;
    for call in [Endpoint::Version, Endpoint::Info] {
        simulator.faults().hang(call, true);
    }
    let server = TestServer::start(&simulator.endpoint(), &[]).await;
    server.until_ready().await;
    let viewer = open(&server).await;
    assert_eq!((viewer.picture.containers.len(), viewer.picture.engines[0].version.as_deref()), (2, None));
}

async fn open(server: &TestServer) -> Viewer {
    let mut viewer = server.viewer().await;
    viewer.next().await;
    viewer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_of_a_container_without_inspect_is_read() {
    for (fault, scenario) in [(ContainerFault::Status(404), "quiet:8"), (ContainerFault::Status(500), "quiet:8")] {
        let Quay { simulator, server } = quay(scenario, &[]).await;
        let viewer = open(&server).await;
        let id = named(&viewer.picture, "shop-web-1").unwrap().id;
        let path = format!("/api/containers/{id}/logs/stream?tail=5");
        let mut whole = Events::open(server.address, &path, None).await;
        let first = whole.next_data().await.unwrap();
        assert_eq!(first.name, "log", "{first:?}");
        simulator.faults().container("shop-web-1", Endpoint::Inspect, Some(fault));
        let mut read = Events::open(server.address, &path, None).await;
        let line = read.next_data().await.unwrap();
        assert_eq!((line.name.as_str(), &line.data["text"]), ("log", &first.data["text"]), "{line:?}");
    }
}
