//! Content of the scenarios, and the determinism of a seed, on a manual clock.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "tests")]

use std::collections::BTreeMap;
use std::time::Duration;

use bollard::query_parameters::{EventsOptionsBuilder, StatsOptionsBuilder};
use bollard::{API_DEFAULT_VERSION, Docker};
use futures::StreamExt;
use simulator::engine::State;
use simulator::{CgroupVersion, Clock, Moment, Options, Simulator, SimulatorHandle};

/// An afternoon in 2026.
const START: Moment = Moment::from_nanos(1_795_426_609_000_000_000);

async fn started(scenario: &str, seed: u64) -> SimulatorHandle {
    let options =
        Options { scenario: scenario.parse().unwrap(), seed, clock: Clock::manual(START), ..Options::default() };
    Simulator::start(options).await.unwrap()
}

fn connect(simulator: &SimulatorHandle) -> Docker {
    let path = simulator.endpoint();
    Docker::connect_with_unix(path.trim_start_matches("unix://"), 30, API_DEFAULT_VERSION).unwrap()
}

fn count(simulator: &SimulatorHandle, state: State) -> usize {
    simulator.act(|engine, _| engine.containers().filter(|container| container.state == state).count())
}

/// All past events: time, action, container and attributes, in a fixed order.
async fn story(simulator: &SimulatorHandle) -> Vec<(i64, String, String, BTreeMap<String, String>)> {
    let now = simulator.clock().now();
    let until = format!("{}.{:09}", now.as_secs(), now.as_nanos() % 1_000_000_000);
    let options = EventsOptionsBuilder::new().since("1").until(&until).build();
    let events = connect(simulator).events(Some(options)).map(|event| {
        let event = event.unwrap();
        let actor = event.actor.unwrap();
        let attributes = actor.attributes.unwrap().into_iter().collect();
        (event.time_nano.unwrap(), event.action.unwrap(), actor.id.unwrap(), attributes)
    });
    events.collect().await
}

#[tokio::test]
async fn nothing_happens_in_the_quiet_scenario() {
    let simulator = started("quiet", 1).await;
    simulator.advance(Duration::from_secs(3_600));
    assert!(story(&simulator).await.is_empty());
    let states = [State::Running, State::Paused, State::Exited, State::Created].map(|state| count(&simulator, state));
    assert_eq!(states, [5, 1, 1, 1]);
}

#[tokio::test]
async fn a_seed_gives_the_same_events_for_any_clock_steps() {
    let (leap, steps, other) = (started("busy:10", 7).await, started("busy:10", 7).await, started("busy:10", 8).await);
    leap.advance(Duration::from_secs(60));
    other.advance(Duration::from_secs(60));
    for _ in 0..240 {
        steps.advance(Duration::from_millis(250));
    }
    let first = story(&leap).await;
    assert!(first.len() > 30, "{}", first.len());
    assert!(first == story(&steps).await);
    assert!(first != story(&other).await);
}

#[tokio::test]
async fn the_busy_scenario_keeps_most_containers_running_for_a_day() {
    let simulator = started("busy:50", 3).await;
    for minute in 0..120 {
        simulator.advance(Duration::from_secs(60));
        let running = count(&simulator, State::Running);
        assert!((38..=60).contains(&running), "{running} run after {minute} minutes");
    }
}

#[tokio::test]
async fn crash_loops_count_restarts_and_some_reach_their_limit() {
    let simulator = started("crash-loop:12", 1).await;
    simulator.advance(Duration::from_secs(300));
    let (restarts, out_of_memory, given_up) = simulator.act(|engine, _| {
        let all: Vec<_> = engine.containers().collect();
        let restarts = all.iter().filter(|container| container.restart_count > 5).count();
        let given_up =
            all.iter().filter(|container| container.state == State::Exited && container.exit_code == 78).count();
        (
            restarts,
            all.iter().filter(|container| container.restart_count > 0 && container.spec.memory_bytes > 0).count(),
            given_up,
        )
    });
    assert_eq!(given_up, 2);
    assert!(restarts >= 4 && out_of_memory >= 2, "{restarts} {out_of_memory}");
}

#[tokio::test]
async fn a_thousand_containers_have_unique_names_and_ports() {
    let simulator = started("thousand", 1).await;
    let (names, ports) = simulator.act(|engine, _| {
        let names: Vec<String> = engine.containers().map(|container| container.name.clone()).collect();
        let ports = engine
            .containers()
            .flat_map(|container| container.spec.ports.iter().filter(|port| port.host_ip == "0.0.0.0"));
        let mut by_number: BTreeMap<u16, usize> = BTreeMap::new();
        for port in ports {
            *by_number.entry(port.public.unwrap()).or_default() += 1;
        }
        (names, by_number)
    });
    assert_eq!(names.len(), 1_000);
    let doubled: Vec<_> = ports.iter().filter(|(_, uses)| **uses > 1).collect();
    assert!(doubled.is_empty(), "{doubled:?}");
}

#[tokio::test]
async fn the_busy_scenario_has_three_labels_that_need_escaping() {
    let simulator = started("busy", 1).await;
    let labels = simulator.act(|engine, _| {
        let all = engine.containers().flat_map(|container| container.spec.labels.values().cloned());
        all.filter(|label| label.contains("<script>") || label.contains('\u{202e}') || label.contains('🚢')).count()
    });
    assert_eq!(labels, 3);
}

#[tokio::test]
async fn a_program_ends_at_its_time() {
    let simulator = started("quiet:0", 1).await;
    let docker = connect(&simulator);
    let body = bollard::models::ContainerCreateBody {
        image: Some("alpine:3.20".to_owned()),
        cmd: Some(["sh", "-c", "sleep 60; exit 4"].map(str::to_owned).to_vec()),
        ..Default::default()
    };
    let id = docker.create_container(None, body).await.unwrap().id;
    docker.start_container(&id, None).await.unwrap();
    simulator.advance(Duration::from_secs(59));
    assert_eq!(simulator.act(|engine, _| engine.find(&id).unwrap().state), State::Running);
    simulator.advance(Duration::from_secs(1));
    let (state, code) =
        simulator.act(|engine, _| engine.find(&id).map(|found| (found.state, found.exit_code)).unwrap());
    assert_eq!((state, code), (State::Exited, 4));
}

#[tokio::test]
async fn samples_have_the_format_of_the_cgroup_version() {
    for (cgroup, cache, op, has_cores) in
        [(CgroupVersion::V1, "total_inactive_file", "Read", true), (CgroupVersion::V2, "inactive_file", "read", false)]
    {
        let options = Options { cgroup, clock: Clock::manual(START), ..Options::default() };
        let simulator = Simulator::start(options).await.unwrap();
        let options = StatsOptionsBuilder::new().stream(false).one_shot(true).build();
        let docker = connect(&simulator);
        let sample = Box::pin(docker.stats("shop-db-1", Some(options))).next().await.unwrap().unwrap();
        assert!(sample.memory_stats.unwrap().stats.unwrap().contains_key(cache));
        let block = sample.blkio_stats.unwrap().io_service_bytes_recursive.unwrap();
        assert_eq!(block[0].op.as_deref(), Some(op));
        assert_eq!(sample.cpu_stats.unwrap().cpu_usage.unwrap().percpu_usage.is_some(), has_cores);
        assert!(sample.networks.unwrap()["eth0"].rx_bytes > Some(0));
    }
}
