//! A server under load for hours, or for three minutes: containers are created and removed, viewers
//! and log readers connect and disconnect, and the engine restarts. Memory and descriptors must not
//! grow, and every row must be right at the end.
//!
//! `make soak` runs it for an hour on the release build; `QUAYLIGHT_SOAK_SECS` sets the duration
//! and `QUAYLIGHT_BIN` the program. A cycle takes 20 s and ends with a measurement, after its
//! clients have disconnected.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a test that prints its measurements"
)]

mod support;

use app::{
    model::{ContainerId, EngineLink},
    protocol::Picture,
};
use server::process::usage;
use simulator::{DaemonState, Options, Release, Simulator, SimulatorHandle};
use std::{collections::BTreeMap, net::SocketAddr, sync::Arc, time::Duration};
use support::{Events, Program, TEST_TIMEOUT, Viewer, eventually, get, idler, link_of};
use tokio::{
    task::{JoinError, JoinSet},
    time::{Instant, interval, sleep_until},
};

/// Duration in every test run.
const SECS: u64 = 180;
/// From here on, memory must not grow: five minutes of samples and 20,000 events have reached their
/// limits.
const SETTLED: Duration = Duration::from_secs(300);
/// For shorter runs: the expected growth of the events is allowed.
const SETTLED_SOON: Duration = Duration::from_secs(60);
const EVENTS_KEPT: u64 = 8 << 20;
/// Allowed growth of the memory at that time.
const GROWTH: f64 = 0.05;
/// Number of measurements per median.
const MEASURES: usize = 5;
/// Extra descriptors: a connection to the engine, an open file.
const DESCRIPTORS: u64 = 4;

const RESIDENTS: usize = 20;
/// Five events per container: the timeline is full after 200 s.
const CHURN_A_SECOND: u32 = 20;
/// Number of churning containers at a time.
const ALIVE: u32 = 20;
const CHURN: &str = "churn-";
const CLIENTS: usize = 40;
/// Containers that are never removed; the scenario's own containers change as usual.
const KEEPERS: usize = 5;

const CYCLE: Duration = Duration::from_secs(20);
const CLIENTS_LEAVE_AFTER: Duration = Duration::from_secs(8);
const ENGINE_RESTARTS: Duration = Duration::from_secs(10);
const MEASURED: Duration = Duration::from_secs(19);

#[derive(Debug, Clone, Copy)]
struct Measure {
    at: Duration,
    memory: u64,
    descriptors: u64,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_and_descriptors_do_not_grow() {
    let secs = std::env::var("QUAYLIGHT_SOAK_SECS").ok().map_or(SECS, |value| value.parse().unwrap());
    let scenario = format!("busy:{RESIDENTS}").parse().unwrap();
    let options = Options { scenario, release: Release::V28_5, ..Options::default() };
    let simulator = Arc::new(Simulator::start(options).await.unwrap());
    let mut program =
        Program::start(&["--listen", "127.0.0.1:0", "--engine", &simulator.endpoint(), "--log", "error"], &[]);
    let (address, _) = program.address().await;
    eventually("it is ready", async || get(address, "/readyz").await.status == 200).await;
    let keepers = keepers(&simulator);
    let known = async || get(address, &format!("/api/containers/{}", keepers[KEEPERS - 1])).await.status == 200;
    eventually("the keepers are known", known).await;
    let resident = Viewer::open(address, "?format=compact", &[("accept-encoding", "gzip")]).await;
    let (stays, churns) = (tokio::spawn(stay(resident)), tokio::spawn(churn(Arc::clone(&simulator))));

    let (began, mut measures) = (Instant::now(), Vec::new());
    for cycle in 0..u32::try_from(secs.div_ceil(CYCLE.as_secs())).unwrap() {
        let from = began + CYCLE * cycle;
        measures.push(run_soak(&simulator, &program, address, &keepers, from, began).await);
        assert!(!stays.is_finished() && !churns.is_finished(), "a client gave up");
    }
    assert_flat(&measures, Duration::from_secs(secs));

    churns.abort();
    let _ = churns.await;
    stays.abort();
    let _ = stays.await;
    let mut viewer = Viewer::open(address, "", &[]).await;
    // The scenario's own containers keep changing.
    let is_true = |picture: &Picture| link_of(picture) == Some(EngineLink::Up) && shown(picture) == there(&simulator);
    viewer.until("every row is true in the end", TEST_TIMEOUT, is_true).await;
}

/// Containers whose logs and pages are read.
fn keepers(simulator: &SimulatorHandle) -> Vec<ContainerId> {
    simulator.act(|engine, now| {
        engine.add_image("idle:1", "import", now);
        let names = (0..KEEPERS).map(|number| format!("keeper-{number}"));
        names
            .map(|name| {
                engine.create(idler(&name), now).unwrap();
                engine.start(&name, now).unwrap();
                engine.containers().find(|one| one.name == name).unwrap().id.to_string().parse().unwrap()
            })
            .collect()
    })
}

/// Clients connect and disconnect, the engine restarts, and then memory and descriptors are
/// measured.
async fn run_soak(
    simulator: &SimulatorHandle,
    program: &Program,
    address: SocketAddr,
    keepers: &[ContainerId],
    from: Instant,
    began: Instant,
) -> Measure {
    let mut guests = JoinSet::new();
    for _ in 0..CLIENTS {
        guests.spawn(async move {
            let viewer = Viewer::open(address, "", &[]).await;
            stay(viewer).await;
        });
    }
    for &id in keepers {
        guests.spawn(async move {
            let mut log = Events::open(address, &format!("/api/containers/{id}/logs/stream"), None).await;
            while log.next().await.is_some() {}
        });
        guests.spawn(async move {
            for path in [String::new(), "/inspect".to_owned(), "/stats?window=5m".to_owned()] {
                get(address, &format!("/api/containers/{id}{path}")).await;
            }
        });
    }
    assert_eq!(get(address, "/containers").await.status, 200);
    sleep_until(from + CLIENTS_LEAVE_AFTER).await;
    guests.abort_all();
    while let Some(guest) = guests.join_next().await {
        assert!(guest.is_ok() || guest.as_ref().is_err_and(JoinError::is_cancelled), "a guest gave up: {guest:?}");
    }
    sleep_until(from + ENGINE_RESTARTS).await;
    simulator.faults().set_daemon(DaemonState::Restart(300)).await;
    sleep_until(from + MEASURED).await;
    let (memory, descriptors) = (usage::memory(program.id()).unwrap(), usage::open_files(program.id()).unwrap());
    let measure = Measure { at: began.elapsed(), memory, descriptors };
    println!("{:5} s  {:6} KiB  {:3} descriptors", measure.at.as_secs(), memory >> 10, descriptors);
    sleep_until(from + CYCLE).await;
    measure
}

/// Reads and applies frames forever.
async fn stay(mut viewer: Viewer) {
    loop {
        viewer.next().await;
    }
}

async fn churn(simulator: Arc<SimulatorHandle>) {
    let mut ticks = interval(Duration::from_secs(1) / CHURN_A_SECOND);
    for number in 0u32.. {
        ticks.tick().await;
        let name = format!("{CHURN}{number}");
        simulator.act(|engine, now| {
            engine.create(idler(&name), now).unwrap();
            engine.start(&name, now).unwrap();
            if let Some(old) = number.checked_sub(ALIVE) {
                engine.remove(&format!("{CHURN}{old}"), true, now).unwrap();
            }
        });
    }
}

fn assert_flat(measures: &[Measure], ran: Duration) {
    let settled = if ran > 2 * SETTLED { SETTLED } else { SETTLED_SOON };
    let allowed = if ran > 2 * SETTLED { 0 } else { EVENTS_KEPT };
    let before = measures.iter().filter(|measure| measure.at >= settled).take(MEASURES);
    let (before, after) = (middle(before), middle(measures.iter().rev().take(MEASURES)));
    println!("memory {} KiB after {settled:?}, {} KiB after {ran:?}", before.0 >> 10, after.0 >> 10);
    println!("descriptors {} after {settled:?}, {} after {ran:?}", before.1, after.1);
    assert!(after.0 as f64 <= before.0 as f64 * (1.0 + GROWTH) + allowed as f64, "memory grows: {measures:#?}");
    assert!(after.1 <= before.1 + DESCRIPTORS, "descriptors are lost: {measures:#?}");
}

/// The median of memory and of descriptors.
fn middle<'a>(measures: impl Iterator<Item = &'a Measure>) -> (u64, u64) {
    let (mut memory, mut descriptors): (Vec<_>, Vec<_>) = measures.map(|one| (one.memory, one.descriptors)).unzip();
    memory.sort_unstable();
    descriptors.sort_unstable();
    (memory[memory.len() / 2], descriptors[descriptors.len() / 2])
}

type Rows = BTreeMap<String, (String, String)>;

fn shown(picture: &Picture) -> Rows {
    let rows = picture.containers.values();
    rows.map(|row| (row.id.to_string(), (row.name.clone(), row.state.as_str().to_owned()))).collect()
}

fn there(simulator: &SimulatorHandle) -> Rows {
    simulator.act(|engine, _| {
        let containers = engine.containers();
        containers.map(|one| (one.id.to_string(), (one.name.clone(), one.state.as_str().to_owned()))).collect()
    })
}
