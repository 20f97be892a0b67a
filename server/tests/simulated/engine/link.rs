//! The engine is lost and returns; the rows stay.

use crate::support::{
    CHANGE_TIMEOUT, LOSS_TIMEOUT, RECONNECT_TIMEOUT, TEST_TIMEOUT, TestServer, Viewer, eventually, get, link_of,
    problem_code, quay, state_of,
};
use app::{
    model::{ContainerState, EngineLink},
    protocol::Picture,
};
use simulator::{DaemonState, Endpoint, Listen, Options, Simulator};
use std::time::Duration;

fn is_up(picture: &Picture) -> bool {
    link_of(picture) == Some(EngineLink::Up)
}

/// Checks that the picture has the problem with its message and kept its rows, and that `readyz`
/// has the same problem.
async fn assert_lost(viewer: &Viewer, server: &TestServer, rows: usize) {
    let engine = &viewer.picture.engines[0];
    assert_eq!((engine.link, viewer.picture.containers.len()), (EngineLink::Lost, rows));
    let error = engine.error.as_ref().expect("a lost engine has an error");
    assert!(!error.code.is_empty() && error.message.len() > 10 && error.hint.len() > 10, "{error:?}");
    get(server.address, "/readyz").await.problem(503, "engine_lost");
    assert_eq!(get(server.address, "/healthz").await.status, 200);
    assert_eq!(server.fetched().await.containers.len(), rows);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_engine_that_is_down_is_reported_and_reconnected() {
    let quay = quay("quiet:8", &[]).await;
    let mut viewer = quay.server.viewer().await;
    viewer.next().await;
    for _ in 0..3 {
        quay.simulator.faults().set_daemon(DaemonState::Down).await;
        viewer.until("the socket is missed", CHANGE_TIMEOUT, |picture| problem_code(picture) == "no_socket").await;
        assert_lost(&viewer, &quay.server, 8).await;
        // Changes during the outage appear afterwards.
        let wanted = if state_of(&viewer.picture, "shop-web-1") == Some(ContainerState::Paused) {
            quay.simulator.act(|engine, now| engine.unpause("shop-web-1", now).unwrap());
            ContainerState::Running
        } else {
            quay.simulator.act(|engine, now| engine.pause("shop-web-1", now).unwrap());
            ContainerState::Paused
        };
        quay.simulator.faults().set_daemon(DaemonState::Up).await;
        viewer.until("the link is up", RECONNECT_TIMEOUT, is_up).await;
        assert_eq!(state_of(&viewer.picture, "shop-web-1"), Some(wanted), "up means complete");
        assert_eq!(viewer.picture.engines[0].error, None);
        viewer.assert_true(&quay.server).await;
    }
    assert_eq!(get(quay.server.address, "/readyz").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restarted_daemon_is_reconnected_and_sampled() {
    let quay = quay("quiet:8", &["--stats-interval", "500ms"]).await;
    let mut viewer = quay.server.viewer().await;
    viewer.until("numbers arrive", TEST_TIMEOUT, |picture| picture.sampled_at.is_some()).await;
    quay.simulator.faults().set_daemon(DaemonState::Restart(500)).await;
    viewer.until("the link is lost", CHANGE_TIMEOUT, |picture| link_of(picture) == Some(EngineLink::Lost)).await;
    viewer.until("the link is up", RECONNECT_TIMEOUT, is_up).await;
    let (since, kept) = (viewer.picture.sampled_at, viewer.picture.stats.len());
    assert_eq!(kept, 6);
    viewer.until("numbers go on", TEST_TIMEOUT, |picture| picture.sampled_at > since).await;
    quay.simulator.act(|engine, now| engine.pause("shop-web-1", now).unwrap());
    let paused = |picture: &Picture| state_of(picture, "shop-web-1") == Some(ContainerState::Paused);
    viewer.until("changes go on", CHANGE_TIMEOUT, paused).await;
    viewer.assert_true(&quay.server).await;
    assert_eq!(quay.simulator.calls().open(Endpoint::Events), 1, "one event stream, not one more per restart");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_engine_is_detected_and_recovers() {
    let quay = quay("quiet:8", &[]).await;
    let mut viewer = quay.server.viewer().await;
    viewer.next().await;
    quay.simulator.faults().set_daemon(DaemonState::Frozen).await;
    viewer.until("the silence is noticed", LOSS_TIMEOUT, |picture| problem_code(picture) == "not_answering").await;
    assert_lost(&viewer, &quay.server, 8).await;
    quay.simulator.act(|engine, now| engine.pause("shop-web-1", now).unwrap());
    quay.simulator.faults().set_daemon(DaemonState::Up).await;
    viewer.until("the link is up", RECONNECT_TIMEOUT, is_up).await;
    assert_eq!(state_of(&viewer.picture, "shop-web-1"), Some(ContainerState::Paused));
    viewer.assert_true(&quay.server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hanging_pings_and_lists_lose_the_link() {
    for (endpoint, within) in [(Endpoint::Ping, LOSS_TIMEOUT), (Endpoint::List, Duration::from_secs(10))] {
        let quay = quay("quiet:8", &[]).await;
        let mut viewer = quay.server.viewer().await;
        viewer.next().await;
        quay.simulator.faults().hang(endpoint, true);
        viewer.until("the silence is noticed", within, |picture| problem_code(picture) == "not_answering").await;
        assert_eq!(viewer.picture.containers.len(), 8);
        quay.simulator.faults().hang(endpoint, false);
        // A hanging list has 5 s.
        viewer.until("the link is up", within, is_up).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_started_before_its_engine_connects_later() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("engine.sock");
    let endpoint = format!("unix://{}", socket.display());
    let server = TestServer::start(&endpoint, &[]).await;
    let mut viewer = server.viewer().await;
    viewer.until("the socket is missed", CHANGE_TIMEOUT, |picture| problem_code(picture) == "no_socket").await;
    assert_lost(&viewer, &server, 0).await;
    assert!(viewer.picture.engines[0].error.as_ref().unwrap().hint.contains("--engine"));

    // A stale socket file of a dead engine.
    drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
    viewer
        .until("the socket has no listener", RECONNECT_TIMEOUT, |picture| problem_code(picture) == "connection_refused")
        .await;
    assert_lost(&viewer, &server, 0).await;

    let options = Options { listen: Listen::Unix(socket), scenario: "quiet:8".parse().unwrap(), ..Options::default() };
    let simulator = Simulator::start(options).await.unwrap();
    viewer.until("the link is up", RECONNECT_TIMEOUT, is_up).await;
    assert_eq!(viewer.picture.containers.len(), 8, "up means complete");
    viewer.assert_true(&server).await;
    simulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_engine_that_returns_empty_has_no_rows() {
    let folder = tempfile::tempdir().unwrap();
    let listen = Listen::Unix(folder.path().join("engine.sock"));
    let start = |scenario: &str| {
        let scenario = scenario.parse().unwrap();
        Simulator::start(Options { listen: listen.clone(), scenario, ..Options::default() })
    };
    let simulator = start("quiet:8").await.unwrap();
    let server = TestServer::start(&simulator.endpoint(), &[]).await;
    let mut viewer = server.viewer().await;
    viewer.until("the link is up", TEST_TIMEOUT, is_up).await;
    simulator.shutdown().await;
    viewer.until("it is lost", CHANGE_TIMEOUT, |picture| link_of(picture) == Some(EngineLink::Lost)).await;
    assert_eq!(viewer.picture.containers.len(), 8);
    let simulator = start("quiet:0").await.unwrap();
    viewer.until("the link is up", RECONNECT_TIMEOUT, is_up).await;
    assert!(viewer.picture.containers.is_empty() && viewer.picture.stats.is_empty());
    viewer.assert_true(&server).await;
    simulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listener_that_is_not_an_engine_is_reported() {
    let quay = quay("quiet:0", &[]).await;
    // For example, another Quaylight.
    let server = TestServer::start(&format!("tcp://{}", quay.server.address), &[]).await;
    eventually("it is noticed", async || !problem_code(&server.fetched().await).is_empty()).await;
    let fetched = server.fetched().await;
    assert!(["refused", "bad_answer"].contains(&problem_code(&fetched)), "{:?}", fetched.engines);
    get(server.address, "/readyz").await.problem(503, "engine_lost");
}
