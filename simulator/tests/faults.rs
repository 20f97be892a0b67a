//! Each fault as a client sees it, set from Rust.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "tests")]

use std::time::{Duration, Instant};

use bollard::errors::Error;
use bollard::query_parameters::{EventsOptionsBuilder, ListContainersOptionsBuilder};
use bollard::{API_DEFAULT_VERSION, Docker};
use futures::{Stream, StreamExt};
use simulator::{BadLine, DaemonState, Endpoint, Options, Simulator, SimulatorHandle};
use tokio::time::timeout;

/// Timeout for expected changes.
const TEST_TIMEOUT: Duration = Duration::from_secs(10);
/// Long enough to show that nothing happens.
const QUIET_PERIOD: Duration = Duration::from_millis(300);

async fn started() -> (SimulatorHandle, Docker) {
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let docker = connect(&simulator).unwrap();
    (simulator, docker)
}

fn connect(simulator: &SimulatorHandle) -> Result<Docker, Error> {
    Docker::connect_with_unix(simulator.endpoint().trim_start_matches("unix://"), 30, API_DEFAULT_VERSION)
}

async fn list(docker: &Docker) -> Result<usize, Error> {
    let options = ListContainersOptionsBuilder::new().all(true).build();
    docker.list_containers(Some(options)).await.map(|rows| rows.len())
}

/// Opens an event stream and waits until it has received a pause that was made for it.
async fn listening(
    simulator: &SimulatorHandle,
    docker: &Docker,
) -> impl Stream<Item = Result<bollard::models::EventMessage, Error>> + Unpin + use<> {
    let mut events = Box::pin(docker.events(Some(EventsOptionsBuilder::new().since("1").build())));
    simulator.act(|engine, now| engine.pause("shop-web-1", now)).unwrap();
    assert_eq!(timeout(TEST_TIMEOUT, events.next()).await.unwrap().unwrap().unwrap().action.unwrap(), "pause");
    events
}

#[tokio::test]
async fn a_daemon_that_is_down_has_no_socket_and_keeps_its_containers() {
    let (simulator, docker) = started().await;
    simulator.faults().set_daemon(DaemonState::Down).await;
    assert!(connect(&simulator).is_err());
    assert!(list(&docker).await.is_err());
    simulator.faults().set_daemon(DaemonState::Up).await;
    assert_eq!(list(&docker).await.unwrap(), 8);
}

#[tokio::test]
async fn a_restart_closes_streams_and_loses_past_events() {
    let (simulator, docker) = started().await;
    let mut events = listening(&simulator, &docker).await;
    let started = Instant::now();
    simulator.faults().set_daemon(DaemonState::Restart(200)).await;
    assert!(started.elapsed() >= Duration::from_millis(200));
    assert!(timeout(TEST_TIMEOUT, events.next()).await.unwrap().unwrap().is_err());
    assert!(timeout(TEST_TIMEOUT, events.next()).await.unwrap().is_none());
    let past = EventsOptionsBuilder::new().since("1").until("4000000000").build();
    let mut past = Box::pin(docker.events(Some(past)));
    assert!(timeout(QUIET_PERIOD, past.next()).await.is_err(), "the pause is forgotten");
}

#[tokio::test]
async fn a_frozen_daemon_accepts_and_responds_after_thawing() {
    let (simulator, docker) = started().await;
    let mut events = listening(&simulator, &docker).await;
    simulator.faults().set_daemon(DaemonState::Frozen).await;
    simulator.act(|engine, now| engine.unpause("shop-web-1", now)).unwrap();
    let mut listed = Box::pin(list(&docker));
    assert!(timeout(QUIET_PERIOD, &mut listed).await.is_err());
    assert!(timeout(QUIET_PERIOD, events.next()).await.is_err());
    simulator.faults().set_daemon(DaemonState::Up).await;
    assert_eq!(timeout(TEST_TIMEOUT, listed).await.unwrap().unwrap(), 8);
    assert_eq!(timeout(TEST_TIMEOUT, events.next()).await.unwrap().unwrap().unwrap().action.unwrap(), "unpause");
}

#[tokio::test]
async fn only_the_selected_calls_are_slow() {
    let (simulator, docker) = started().await;
    simulator.faults().slow(Endpoint::List, Duration::from_millis(400));
    let started = Instant::now();
    docker.version().await.unwrap();
    assert!(started.elapsed() < Duration::from_millis(400));
    let started = Instant::now();
    list(&docker).await.unwrap();
    assert!(started.elapsed() >= Duration::from_millis(400));
}

#[tokio::test]
async fn only_the_selected_calls_hang() {
    let (simulator, docker) = started().await;
    simulator.faults().hang(Endpoint::Inspect, true);
    assert!(timeout(QUIET_PERIOD, docker.inspect_container("shop-web-1", None)).await.is_err());
    assert_eq!(list(&docker).await.unwrap(), 8);
    simulator.faults().hang(Endpoint::Inspect, false);
    docker.inspect_container("shop-web-1", None).await.unwrap();
}

#[tokio::test]
async fn a_garbage_list_is_unreadable() {
    let (simulator, docker) = started().await;
    simulator.faults().set_garbage_list(true);
    assert!(matches!(list(&docker).await, Err(Error::JsonDataError { .. } | Error::JsonSerdeError { .. })));
    simulator.faults().clear().await;
    assert_eq!(list(&docker).await.unwrap(), 8);
}

#[tokio::test]
async fn a_bad_event_line_ends_a_clients_stream() {
    for line in [BadLine::BrokenJson, BadLine::UnknownType] {
        let (simulator, docker) = started().await;
        let mut events = listening(&simulator, &docker).await;
        simulator.faults().send_bad_event_line(line);
        // Half an object is an error only with the next line.
        simulator.act(|engine, now| engine.unpause("shop-web-1", now)).unwrap();
        assert!(timeout(TEST_TIMEOUT, events.next()).await.unwrap().unwrap().is_err(), "{line:?}");
    }
}

#[tokio::test]
async fn events_in_a_gap_are_lost() {
    let (simulator, docker) = started().await;
    let mut events = listening(&simulator, &docker).await;
    simulator.faults().set_event_gap(true);
    simulator.act(|engine, now| engine.unpause("shop-web-1", now)).unwrap();
    simulator.faults().set_event_gap(false);
    simulator.act(|engine, now| engine.rename("shop-web-1", "shop-web-2", now)).unwrap();
    assert_eq!(timeout(TEST_TIMEOUT, events.next()).await.unwrap().unwrap().unwrap().action.unwrap(), "rename");
    let mut replayed = Box::pin(docker.events(Some(EventsOptionsBuilder::new().since("1").build())));
    for action in ["pause", "rename"] {
        assert_eq!(timeout(TEST_TIMEOUT, replayed.next()).await.unwrap().unwrap().unwrap().action.unwrap(), action);
    }
}

#[tokio::test]
async fn calls_and_open_streams_are_counted() {
    let (simulator, docker) = started().await;
    let events = listening(&simulator, &docker).await;
    list(&docker).await.unwrap();
    list(&docker).await.unwrap();
    let calls = simulator.calls();
    assert_eq!((calls.count(Endpoint::List), calls.count(Endpoint::Stats), calls.open(Endpoint::Events)), (2, 0, 1));
    drop(events);
    let closed = async {
        while calls.open(Endpoint::Events) > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(TEST_TIMEOUT, closed).await.expect("a stream of a disconnected client is closed");
}

#[tokio::test]
async fn shutting_down_removes_the_socket() {
    let (simulator, _docker) = started().await;
    let path = std::path::PathBuf::from(simulator.endpoint().trim_start_matches("unix://"));
    assert!(path.exists());
    simulator.shutdown().await;
    assert!(!path.exists() && !path.parent().unwrap().exists());
}
