//! Clock changes of an hour at the engine and at the server: changes still arrive immediately, none
//! is lost, and no usage is calculated from the change.

use crate::{
    engine::churn::{shown, there},
    logs::reading::{counting, printer, started},
    support::{
        CHANGE_TIMEOUT, Events, Program, Quay, TEST_TIMEOUT, TestServer, Viewer, eventually, get, link_of,
        problem_code, quay, state_of,
    },
};
use app::{
    model::{ContainerState, EngineLink, OccurrenceKind, Occurrences},
    protocol::{Frame, Picture},
};
use simulator::{DaemonState, Options, Release, Simulator};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::time::{Instant, timeout};

const HOUR_NANOS: i64 = 3_600_000_000_000;
/// By then, the engine has sent its past events.
const PAST_EVENTS_TIMEOUT: Duration = Duration::from_secs(4);

/// Pauses and unpauses a container, and returns the delay. Between these changes, the link must
/// stay up.
async fn changes_show(quay: &Quay, viewer: &mut Viewer, what: &str) -> Duration {
    let mut longest = Duration::ZERO;
    for wanted in [ContainerState::Paused, ContainerState::Running] {
        let began = Instant::now();
        quay.simulator.act(|engine, now| match wanted {
            ContainerState::Paused => engine.pause("shop-web-1", now).unwrap(),
            _ => engine.unpause("shop-web-1", now).unwrap(),
        });
        viewer.until(what, CHANGE_TIMEOUT, |picture| state_of(picture, "shop-web-1") == Some(wanted)).await;
        longest = longest.max(began.elapsed());
        assert_eq!(problem_code(&viewer.picture), "", "{what}");
    }
    longest
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_one_hour_clock_change_at_the_engine_delays_nothing() {
    let quay = quay("quiet:8", &["--refresh-interval", "1m"]).await;
    let mut viewer = quay.server.viewer().await;
    let opened = Instant::now();
    while opened.elapsed() < PAST_EVENTS_TIMEOUT {
        viewer.next().await;
    }
    for (ahead, what) in [(-HOUR_NANOS, "back"), (HOUR_NANOS, "forward"), (0, "right again")] {
        quay.simulator.clock().set_ahead(ahead);
        println!("engine's clock set {what}: {:?}", changes_show(&quay, &mut viewer, what).await);
        // An engine restart with the change starts a new session, whose past events have the new
        // clock.
        quay.simulator.faults().set_daemon(DaemonState::Restart(50)).await;
        viewer.until("the link is lost", CHANGE_TIMEOUT, |now| link_of(now) == Some(EngineLink::Lost)).await;
        viewer.until("the link is up", TEST_TIMEOUT, |now| link_of(now) == Some(EngineLink::Up)).await;
        println!("and in a session of its own: {:?}", changes_show(&quay, &mut viewer, what).await);
        let there = there(&quay);
        viewer.until("all is as it is", CHANGE_TIMEOUT, |picture| shown(picture) == there).await;
        viewer.assert_true(&quay.server).await;
    }
    let received: Occurrences = get(quay.server.address, "/api/events?kind=paused,unpaused").await.json();
    let paused = received.events.iter().filter(|event| event.kind == OccurrenceKind::Paused).count();
    assert_eq!((paused, received.events.len()), (6, 12), "each is listed once: {received:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_change_does_not_distort_cpu_usage() {
    let options = Options { scenario: "quiet:8".parse().unwrap(), release: Release::V28_5, ..Options::default() };
    let simulator = Simulator::start(options).await.unwrap();
    let flags = ["--stats-interval", "500ms", "--stats-source", "api"];
    let quay = Quay { server: TestServer::start(&simulator.endpoint(), &flags).await, simulator };
    let mut viewer = quay.server.viewer().await;
    let busiest = |picture: &Picture| picture.stats.values().filter_map(|one| one.cpu_percent).fold(0.0, f64::max);
    // In a busy scenario, all changes of the skipped hour would happen at once.
    viewer.until("something works", TEST_TIMEOUT, |picture| busiest(picture) > 0.05).await;
    let worker = viewer
        .picture
        .stats
        .values()
        .find(|one| one.cpu_percent == Some(busiest(&viewer.picture)))
        .unwrap()
        .container_id;
    for ahead in [HOUR_NANOS, 0] {
        quay.simulator.clock().set_ahead(ahead);
        let mut figures = Vec::new();
        let known = async {
            while figures.iter().flatten().count() < 2 {
                if let Frame::Delta(delta) = viewer.next().await.frame {
                    let of_worker = delta.stats.iter().filter(|one| one.container_id == worker);
                    figures.extend(of_worker.map(|one| one.cpu_percent));
                }
            }
        };
        let in_time = timeout(TEST_TIMEOUT, known).await.is_ok();
        assert!(in_time, "{ahead}: no figure any more: {figures:?}");
        // An hour within half a second would give a seven thousandth of the usage.
        assert!(figures.iter().flatten().all(|percent| *percent > 0.0), "{ahead}: {figures:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_across_a_clock_change_has_every_line_once() {
    const LINES: usize = 3;
    let quay = quay("quiet:0", &[]).await;
    quay.simulator.act(|engine, now| drop(engine.add_image("idle:1", "import", now)));
    let id = started(&quay, printer("speaker", counting(LINES, 0))).await;
    let path = format!("/api/containers/{id}/logs/stream?tail=all");
    let mut log = Events::open(quay.server.address, &path, None).await;
    let mut wanted = Vec::new();
    let mut received = Vec::new();
    let mut last = None;
    for (round, ahead) in [0, -HOUR_NANOS, HOUR_NANOS, 0].into_iter().enumerate() {
        quay.simulator.clock().set_ahead(ahead);
        // Each run prints, so that its lines have the clock of that time.
        quay.simulator.act(|engine, now| {
            if round > 0 {
                engine.kill("speaker", 9, now).unwrap();
                engine.start("speaker", now).unwrap();
            }
        });
        wanted.extend((0..LINES).map(|number| format!("line {number}")));
        while received.len() < wanted.len() {
            let event = log.next_data().await.expect("the stream continues");
            if event.name != "log" {
                continue;
            }
            received.push(event.data["text"].as_str().unwrap().to_owned());
            last = event.id;
        }
        // Disconnects and resumes after the last line.
        drop(log);
        log = Events::open(quay.server.address, &path, last.as_deref()).await;
    }
    assert_eq!(received, wanted);
}

/// The library that gives a program another clock, if it is installed.
fn faketime() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").ok()?.flatten().map(|entry| entry.path());
    let found = folders.map(|folder| folder.join("faketime/libfaketime.so.1")).find(|path| path.exists());
    assert!(
        found.is_some() || std::env::var("REQUIRE_DOCKER").as_deref() != Ok("1"),
        "REQUIRE_DOCKER=1, but libfaketime is not installed (Debian: apt-get install libfaketime)"
    );
    if found.is_none() {
        eprintln!("skipped: libfaketime is not installed (Debian: apt-get install libfaketime)");
    }
    found
}

fn set_clock(file: &Path, offset: &str) {
    let new = file.with_extension("new");
    std::fs::write(&new, offset).unwrap();
    std::fs::rename(new, file).unwrap();
}

/// Difference between the server's time in a heartbeat and this machine's, in hours.
async fn hours_ahead(viewer: &mut Viewer) -> i64 {
    let server = viewer.next().await.frame.server_time().as_millis() as i64;
    let here = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as i64;
    (server - here + if server > here { 1_800_000 } else { -1_800_000 }) / 3_600_000
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_one_hour_clock_change_at_the_server_delays_nothing() {
    let Some(library) = faketime() else { return };
    let folder = tempfile::tempdir().unwrap();
    let clock = folder.path().join("clock");
    set_clock(&clock, "+0");
    let simulator =
        Simulator::start(Options { scenario: "quiet:8".parse().unwrap(), ..Options::default() }).await.unwrap();
    let variables = [
        ("LD_PRELOAD", library.to_str().unwrap()),
        ("FAKETIME_TIMESTAMP_FILE", clock.to_str().unwrap()),
        ("FAKETIME_NO_CACHE", "1"),
        // The monotonic clock continues, as on a machine whose clock is set.
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        ("DONT_FAKE_MONOTONIC", "1"),
    ];
    let arguments = ["--listen", "127.0.0.1:0", "--engine", &simulator.endpoint(), "--refresh-interval", "1m"];
    let mut program = Program::start(&arguments, &variables);
    let (address, _) = program.address().await;
    eventually("it is ready", async || get(address, "/readyz").await.status == 200).await;
    let mut viewer = Viewer::open(address, "", &[]).await;
    let opened = Instant::now();
    while opened.elapsed() < PAST_EVENTS_TIMEOUT {
        viewer.next().await;
    }
    for (offset, hours) in [("+3600", 1), ("-3600", -1), ("+0", 0)] {
        set_clock(&clock, offset);
        while hours_ahead(&mut viewer).await != hours {}
        for wanted in [ContainerState::Paused, ContainerState::Running] {
            let began = Instant::now();
            simulator.act(|engine, now| match wanted {
                ContainerState::Paused => engine.pause("shop-web-1", now).unwrap(),
                _ => engine.unpause("shop-web-1", now).unwrap(),
            });
            viewer.until("the change shows", CHANGE_TIMEOUT, |now| state_of(now, "shop-web-1") == Some(wanted)).await;
            println!("server's clock at {offset} s: {wanted} after {:?}", began.elapsed());
            assert_eq!(problem_code(&viewer.picture), "");
        }
        // A reconnecting viewer resumes with any clock.
        let mut back = Viewer::resume(address, viewer.picture.clone()).await;
        assert!(matches!(back.next().await.frame, Frame::Delta(_)));
        simulator.faults().set_daemon(DaemonState::Restart(50)).await;
        viewer.until("the link is lost", CHANGE_TIMEOUT, |now| link_of(now) == Some(EngineLink::Lost)).await;
        viewer.until("the link is up", TEST_TIMEOUT, |now| link_of(now) == Some(EngineLink::Up)).await;
    }
    let received: Occurrences = get(address, "/api/events?kind=paused,unpaused").await.json();
    assert_eq!(received.events.len(), 6, "each is listed once: {received:#?}");
}
