//! Engines behind a bad network: slow, lossy, or a black hole that drops every packet.

use super::several::{engine_name, link};
use crate::support::{
    CHANGE_TIMEOUT, LOSS_TIMEOUT, RECONNECT_TIMEOUT, TEST_TIMEOUT, TestServer, Viewer, namespace::Namespace,
    tunnel::Tunnel,
};
use app::{
    model::{ContainerState, EngineHop, EngineLink},
    protocol::Picture,
};
use simulator::{Listen, Options, Simulator, SimulatorHandle};
use std::time::{Duration, Instant};

/// The name of a running container of both engines.
const WEB: &str = "shop-web-1";
/// Delay of a link to another continent, each way.
const DELAY: Duration = Duration::from_millis(150);
/// A lost packet is sent again after about 300 ms, then after twice that.
const LOSSY_CHANGE_TIMEOUT: Duration = Duration::from_secs(8);

/// A near engine, and a far one behind the network of the test.
struct Fleet {
    near: SimulatorHandle,
    far: SimulatorHandle,
    namespace: Namespace,
    tunnel: Tunnel,
    server: TestServer,
}

impl Fleet {
    /// `None` if there can be no namespace.
    async fn start() -> Option<Self> {
        let namespace = Namespace::new()?;
        let options = || Options { scenario: "quiet:8".parse().unwrap(), ..Options::default() };
        let near = Simulator::start(options()).await.unwrap();
        let listen = Listen::Tcp("127.0.0.1:0".parse().unwrap());
        let far = Simulator::start(Options { listen, ..options() }).await.unwrap();
        let target = far.endpoint().strip_prefix("tcp://").unwrap().parse().unwrap();
        let tunnel = Tunnel::on(namespace.listener(), target);
        let engines = format!("near={} far=tcp://{}", near.endpoint(), tunnel.address);
        let server = TestServer::start(&engines, &[]).await;
        Some(Self { near, far, namespace, tunnel, server })
    }

    async fn viewer(&self) -> Viewer {
        let mut viewer = self.server.viewer().await;
        viewer.until("both are up", TEST_TIMEOUT, |picture| is(picture, "near") && is(picture, "far")).await;
        viewer
    }

    /// Changes the state of a container, and returns the time until its frame.
    async fn change(&self, name: &str, wanted: ContainerState, viewer: &mut Viewer, within: Duration) -> Duration {
        let simulator = if name == "near" { &self.near } else { &self.far };
        set(simulator, wanted);
        let changed = Instant::now();
        viewer.until("it changes", within, |picture| state(picture, name) == Some(wanted)).await;
        changed.elapsed()
    }

    /// Times of changes of the near engine, in increasing order.
    async fn near_changes(&self, viewer: &mut Viewer) -> Vec<Duration> {
        let mut times = Vec::new();
        for state in [ContainerState::Paused, ContainerState::Running].into_iter().cycle().take(40) {
            times.push(self.change("near", state, viewer, CHANGE_TIMEOUT).await);
        }
        times.sort_unstable();
        times
    }
}

fn set(simulator: &SimulatorHandle, wanted: ContainerState) {
    simulator.act(|engine, now| match wanted {
        ContainerState::Paused => engine.pause(WEB, now).unwrap(),
        _ => engine.unpause(WEB, now).unwrap(),
    });
}

fn is(picture: &Picture, name: &str) -> bool {
    link(picture, name) == Some(EngineLink::Up)
}

fn state(picture: &Picture, engine: &str) -> Option<ContainerState> {
    let mut rows = picture.containers.values();
    rows.find(|row| row.engine == engine_name(engine) && row.name == WEB).map(|row| row.state)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_and_lossy_link_loses_no_change_and_delays_no_other_engine() {
    let Some(fleet) = Fleet::start().await else { return };
    let mut viewer = fleet.viewer().await;
    let before = fleet.near_changes(&mut viewer).await;
    fleet.tunnel.delay(DELAY);
    fleet.tunnel.close();
    viewer.until("the link is lost", LOSS_TIMEOUT, |picture| !is(picture, "far")).await;
    viewer.until("it is back", TEST_TIMEOUT, |picture| is(picture, "far")).await;
    let engine = viewer.picture.engines.iter().find(|engine| engine.id == engine_name("far")).unwrap().clone();
    assert!(engine.round_trip_millis >= Some(300), "{engine:?}");
    // The error of the clock is half of a round trip.
    assert!(engine.clock_error_millis >= Some(150), "{engine:?}");
    assert!(
        engine.clock_offset_millis.unwrap().unsigned_abs() <= engine.clock_error_millis.unwrap() + 50,
        "{engine:?}"
    );

    assert!(fleet.namespace.lose(0.05));
    let during = fleet.near_changes(&mut viewer).await;
    let mut far = Vec::new();
    for state in [ContainerState::Paused, ContainerState::Running].into_iter().cycle().take(10) {
        far.push(fleet.change("far", state, &mut viewer, LOSSY_CHANGE_TIMEOUT).await);
    }
    far.sort_unstable();
    println!(
        "near: median {:?} before, {:?} during; worst {:?} and {:?}",
        before[20], during[20], before[39], during[39]
    );
    println!("far, 300 ms of round trip and 5 % of the packets lost each way: median {:?}, worst {:?}", far[5], far[9]);
    assert!(during[20] < before[20] + Duration::from_millis(20), "{during:?}");
    assert!(fleet.namespace.lose(0.0));
    viewer.assert_true(&fleet.server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_black_hole_is_named_and_heals_by_itself() {
    let Some(fleet) = Fleet::start().await else { return };
    let mut viewer = fleet.viewer().await;
    for is_half_open in [false, true] {
        assert!(fleet.namespace.lose(1.0));
        let began = Instant::now();
        if is_half_open {
            // The engine's side is closed, but this server does not learn it.
            fleet.tunnel.close();
        }
        let lost = |picture: &Picture| {
            let far = picture.engines.iter().find(|engine| engine.id == engine_name("far")).unwrap();
            far.link == EngineLink::Lost && far.hop == Some(EngineHop::Connect)
        };
        viewer.until("the step is named", LOSS_TIMEOUT + Duration::from_secs(1), lost).await;
        let named = began.elapsed();
        assert!(is(&viewer.picture, "near") && state(&viewer.picture, "far").is_some(), "its rows stay");
        let wanted = if is_half_open { ContainerState::Running } else { ContainerState::Paused };
        set(&fleet.far, wanted);
        let near = fleet.near_changes(&mut viewer).await;
        let fetched = Instant::now();
        fleet.server.fetched().await;
        let fetched = fetched.elapsed();
        assert!(fleet.namespace.lose(0.0));
        let over = Instant::now();
        // An attempt to connect may be between two packets, which are sent 1 and 2 s apart.
        let is_back = |picture: &Picture| is(picture, "far") && state(picture, "far") == Some(wanted);
        viewer.until("it is back", RECONNECT_TIMEOUT + Duration::from_secs(2), is_back).await;
        println!(
            "black hole (half-open: {is_half_open}): named after {named:?}, list in {fetched:?}, worst near change \
             {:?}, back after {:?}",
            near[39],
            over.elapsed()
        );
    }
    viewer.assert_true(&fleet.server).await;
}
