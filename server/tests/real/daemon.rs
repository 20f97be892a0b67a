//! A real daemon that is killed, restarted, frozen, upgraded, without its socket, or out of disk
//! space: the state that a viewer sees, and the time until it is correct again.
//! `docs/RELIABILITY.md` has the results.

use crate::{
    harbour::alone,
    support::{
        LOSS_TIMEOUT, TEST_TIMEOUT, TestServer, Viewer, dockerd::Dockerd, get, link_of, named, problem_code, state_of,
    },
};
use app::{
    model::{ContainerState, EngineLink, OccurrenceKind, Occurrences},
    protocol::Picture,
};
use simulator::RealEngine;
use std::{path::Path, time::Duration};
use tokio::time::Instant;

/// Timeout from the engine's first response. 1 s is documented; a machine that runs other tests
/// gets more.
const RECOVERY_TIMEOUT: Duration = Duration::from_secs(5);
/// A daemon takes seconds to start, and longer after an upgrade, to convert its data.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// Duration of the freeze.
const FREEZE_DURATION: Duration = Duration::from_secs(60);

fn is_up(picture: &Picture) -> bool {
    link_of(picture) == Some(EngineLink::Up)
}

fn is(name: &'static str, state: ContainerState) -> impl Fn(&Picture) -> bool {
    move |picture| state_of(picture, name) == Some(state)
}

/// Starts a container with this name that sleeps for an hour.
fn run(engine: &Dockerd, name: &str, more: &[&str]) -> String {
    let words =
        [&["run", "--detach", "--network", "none", "--name", name], more, &[RealEngine::IMAGE, "sleep", "3600"]]
            .concat();
    engine.docker(&words).unwrap()
}

struct Watched {
    server: TestServer,
    viewer: Viewer,
}

/// Starts a server for the engine, and a viewer that has seen these containers running.
async fn watched(engine: &Dockerd, names: &'static [&'static str]) -> Watched {
    let server = TestServer::start(&engine.url(), &[]).await;
    server.until_ready().await;
    let mut viewer = server.viewer().await;
    let all_run = |picture: &Picture| names.iter().all(|name| state_of(picture, name) == Some(ContainerState::Running));
    viewer.until("all run", TEST_TIMEOUT, all_run).await;
    Watched { server, viewer }
}

impl Watched {
    async fn loses_the_link(&mut self, rows: usize) -> Duration {
        let began = Instant::now();
        self.viewer.until("the loss shows", LOSS_TIMEOUT, |picture| link_of(picture) == Some(EngineLink::Lost)).await;
        assert_eq!(self.viewer.picture.containers.len(), rows, "rows stay");
        assert!(!problem_code(&self.viewer.picture).is_empty());
        began.elapsed()
    }

    /// Waits for the recovery and prints `what` and the measured time.
    async fn is_back(&mut self, what: &str, since: Instant, holds: impl Fn(&Picture) -> bool) {
        self.viewer.until(what, START_TIMEOUT, |picture| is_up(picture) && holds(picture)).await;
        println!("{what}: recovered {:?} later", since.elapsed());
        self.viewer.assert_true(&self.server).await;
    }

    async fn changes_show(&mut self, engine: &Dockerd, name: &'static str) {
        for (order, state) in [("pause", ContainerState::Paused), ("unpause", ContainerState::Running)] {
            engine.docker(&[order, name]).unwrap();
            self.viewer.until("changes go on", RECOVERY_TIMEOUT, is(name, state)).await;
        }
    }

    async fn events(&self, name: &str, kind: OccurrenceKind) -> usize {
        let id = named(&self.viewer.picture, name).unwrap().id;
        let events: Occurrences = get(self.server.address, &format!("/api/events?container={id}")).await.json();
        events.events.iter().filter(|event| event.kind == kind).count()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_and_restarted_daemon_loses_nothing() {
    let _alone = alone().await;
    let Some(mut engine) = Dockerd::new(&["--live-restore"]) else { return };
    engine.begin();
    for name in ["kept", "ended"] {
        run(&engine, name, &[]);
    }
    let mut watched = watched(&engine, &["kept", "ended"]).await;
    let ended = engine.docker(&["inspect", "--format", "{{.State.Pid}}", "ended"]).unwrap();
    engine.order("kill");
    println!("killed: reported after {:?}", watched.loses_the_link(2).await);
    // While the daemon cannot report it.
    assert!(std::process::Command::new("kill").args(["-9", &ended]).status().unwrap().success());
    engine.order("start");
    engine.wait_until_ready(START_TIMEOUT);
    let responds_at = Instant::now();
    let as_it_is = |picture: &Picture| {
        is("kept", ContainerState::Running)(picture) && is("ended", ContainerState::Exited)(picture)
    };
    watched.is_back("killed and started", responds_at, as_it_is).await;
    watched.changes_show(&engine, "kept").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_normal_daemon_restart_loses_nothing() {
    let _alone = alone().await;
    let Some(mut engine) = Dockerd::new(&[]) else { return };
    engine.begin();
    run(&engine, "stays-down", &[]);
    run(&engine, "comes-back", &["--restart", "always"]);
    let mut watched = watched(&engine, &["stays-down", "comes-back"]).await;
    engine.order("stop");
    watched.loses_the_link(2).await;
    engine.order("start");
    engine.wait_until_ready(START_TIMEOUT);
    let responds_at = Instant::now();
    let as_it_is = |picture: &Picture| {
        is("stays-down", ContainerState::Exited)(picture) && is("comes-back", ContainerState::Running)(picture)
    };
    watched.is_back("restarted", responds_at, as_it_is).await;
    watched.changes_show(&engine, "comes-back").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_daemon_frozen_for_a_minute_loses_nothing() {
    let _alone = alone().await;
    let Some(mut engine) = Dockerd::new(&[]) else { return };
    engine.begin();
    for name in ["kept", "ended"] {
        run(&engine, name, &[]);
    }
    let mut watched = watched(&engine, &["kept", "ended"]).await;
    let ended = engine.docker(&["inspect", "--format", "{{.State.Pid}}", "ended"]).unwrap();
    engine.order("freeze");
    let frozen = Instant::now();
    println!("frozen: reported after {:?}", watched.loses_the_link(2).await);
    assert_eq!(problem_code(&watched.viewer.picture), "not_answering");
    assert!(std::process::Command::new("kill").args(["-9", &ended]).status().unwrap().success());
    // The viewer gets the problem, and keeps its rows.
    while frozen.elapsed() < FREEZE_DURATION {
        watched.viewer.next().await;
        assert_eq!(
            (link_of(&watched.viewer.picture), watched.viewer.picture.containers.len()),
            (Some(EngineLink::Lost), 2)
        );
    }
    engine.order("thaw");
    let thawed = Instant::now();
    watched.is_back("frozen for a minute", thawed, is("ended", ContainerState::Exited)).await;
    assert!(thawed.elapsed() < RECOVERY_TIMEOUT, "{:?}", thawed.elapsed());
    watched.changes_show(&engine, "kept").await;
    assert_eq!(watched.events("ended", OccurrenceKind::Died).await, 1, "the exit is reported once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn removing_and_recreating_the_socket_loses_nothing() {
    let _alone = alone().await;
    let Some(mut engine) = Dockerd::new(&["--live-restore"]) else { return };
    engine.begin();
    run(&engine, "kept", &[]);
    let mut watched = watched(&engine, &["kept"]).await;
    // Open connections stay usable, and so do their events.
    std::fs::remove_file(engine.socket()).unwrap();
    end_only_process(&engine);
    watched.viewer.until("what happens without a socket shows", TEST_TIMEOUT, is("kept", ContainerState::Exited)).await;
    // Only a restart creates it again.
    engine.order("kill");
    watched.loses_the_link(1).await;
    watched.viewer.until("the reason is named", TEST_TIMEOUT, |picture| problem_code(picture) == "no_socket").await;
    engine.order("start");
    engine.wait_until_ready(START_TIMEOUT);
    let responds_at = Instant::now();
    watched.is_back("the socket is there again", responds_at, is("kept", ContainerState::Exited)).await;
    engine.docker(&["start", "kept"]).unwrap();
    watched.viewer.until("changes go on", RECOVERY_TIMEOUT, is("kept", ContainerState::Running)).await;
}

/// Kills the container's process without the daemon, which does not respond: by the pid in the
/// daemon's folder.
fn end_only_process(engine: &Dockerd) {
    let pids = std::fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let of_engine = pids.filter(|pid| {
        let read = |name: &str| std::fs::read_to_string(format!("/proc/{pid}/{name}")).unwrap_or_default();
        let parent = read("stat")
            .rsplit_once(") ")
            .and_then(|(_, fields)| fields.split(' ').nth(1).map(str::to_owned))
            .unwrap_or_default();
        let shim = std::fs::read_to_string(format!("/proc/{parent}/cmdline")).unwrap_or_default();
        read("cmdline").starts_with("sleep\u{0}3600") && shim.contains(&engine.folder.display().to_string())
    });
    let found: Vec<_> = of_engine.collect();
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(std::process::Command::new("kill").args(["-9", &found[0].to_string()]).status().unwrap().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_survives_a_full_disk_and_shows_recovery() {
    let _alone = alone().await;
    let Some(mut engine) = Dockerd::new(&[]) else { return };
    engine.order("mount 96m");
    engine.begin();
    run(&engine, "kept", &[]);
    let mut watched = watched(&engine, &["kept"]).await;
    let filler = engine.folder.join("data/filler");
    let full = std::process::Command::new("dd")
        .args(["if=/dev/zero", "bs=64k"])
        .arg(format!("of={}", filler.display()))
        .output()
        .unwrap();
    assert!(!full.status.success(), "the disk is full");
    let refused = engine.docker(&[
        "run",
        "--detach",
        "--network",
        "none",
        "--name",
        "too-much",
        RealEngine::IMAGE,
        "sleep",
        "3600",
    ]);
    assert!(refused.is_err(), "{refused:?}");
    // The outcome is shown as the engine has it, and running containers keep running.
    watched.changes_show(&engine, "kept").await;
    assert_eq!(problem_code(&watched.viewer.picture), "");
    let names = engine.docker(&["ps", "--all", "--format", "{{.Names}}"]).unwrap();
    let there = names.lines().count();
    watched.viewer.until("as many rows as containers", TEST_TIMEOUT, |picture| picture.containers.len() == there).await;

    std::fs::remove_file(filler).unwrap();
    let freed = Instant::now();
    let _ = engine.docker(&["rm", "--force", "too-much"]);
    run(&engine, "fits", &[]);
    watched
        .is_back("there is space again", freed, |picture| {
            is("fits", ContainerState::Running)(picture) && picture.containers.len() == 2
        })
        .await;
}

/// Uses the roots of `make engines`; `QUAYLIGHT_ENGINE_ROOTS` is their folder.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_engine_upgrade_keeps_the_rows() {
    let _alone = alone().await;
    let Ok(roots) = std::env::var("QUAYLIGHT_ENGINE_ROOTS") else {
        eprintln!("skipped: make engines makes the two releases that this takes");
        return;
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/engine-root").canonicalize().unwrap();
    let Some(mut engine) = Dockerd::new(&["--ip-forward=false"]) else { return };
    let of = |name: &str| format!("start {} enter {roots}/{name} {}", script.display(), engine.folder.display());
    let (old, new) = (of("20.10"), of("26.1"));
    engine.order(&old);
    engine.wait_until_ready(START_TIMEOUT);
    RealEngine::give_image(&engine.url()).unwrap();
    run(&engine, "stays-down", &[]);
    run(&engine, "comes-back", &["--restart", "always"]);
    let mut watched = watched(&engine, &["stays-down", "comes-back"]).await;
    let version = |picture: &Picture| picture.engines[0].version.clone().unwrap_or_default();
    assert!(version(&watched.viewer.picture).starts_with("20.10"), "{}", version(&watched.viewer.picture));
    let ids: Vec<_> = watched.viewer.picture.containers.keys().copied().collect();

    engine.order("stop");
    watched.loses_the_link(2).await;
    engine.order(&new);
    engine.wait_until_ready(START_TIMEOUT);
    let responds_at = Instant::now();
    let as_it_is = |picture: &Picture| {
        is("stays-down", ContainerState::Exited)(picture) && is("comes-back", ContainerState::Running)(picture)
    };
    watched.is_back("upgraded from 20.10 to 26.1", responds_at, as_it_is).await;
    assert!(version(&watched.viewer.picture).starts_with("26.1"), "{}", version(&watched.viewer.picture));
    assert_eq!(watched.viewer.picture.containers.keys().copied().collect::<Vec<_>>(), ids, "the same containers");
    watched.changes_show(&engine, "comes-back").await;
    // The two versions sample differently.
    let since = watched.viewer.picture.sampled_at;
    watched.viewer.until("numbers go on", TEST_TIMEOUT, |picture| picture.sampled_at > since).await;
}
