//! A real daemon that is killed, restarted, frozen, replaced by a later release, without its socket, or out of space: what a viewer of the
//! stream sees, that nothing is lost, and how long it takes until all is true again. `docs/RELIABILITY.md` has the figures.

use crate::{
    harbour::alone,
    support::{LOST_WITHIN, SOON, TestServer, Viewer, dockerd::Dockerd, get, link_of, named, state_of, trouble},
};
use app::{
    model::{ContainerState, EngineLink, OccurrenceKind, Occurrences},
    protocol::Picture,
};
use simulator::RealEngine;
use std::{path::Path, time::Duration};
use tokio::time::Instant;

/// From the moment at which the engine answers again. 1 s is promised; a machine that runs other tests gets some more.
const BACK: Duration = Duration::from_secs(5);
/// A daemon takes seconds to start, and after an upgrade to convert what it finds.
const STARTED_WITHIN: Duration = Duration::from_secs(60);
/// What a daemon of a minute's sleep is frozen for.
const FROZEN: Duration = Duration::from_secs(60);

fn is_up(picture: &Picture) -> bool {
    link_of(picture) == Some(EngineLink::Up)
}

fn is(name: &'static str, state: ContainerState) -> impl Fn(&Picture) -> bool {
    move |picture| state_of(picture, name) == Some(state)
}

/// Starts a container of that name that does nothing for an hour.
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

/// A server in front of it, and a viewer who sees its containers run.
async fn watched(engine: &Dockerd, names: &'static [&'static str]) -> Watched {
    let server = TestServer::start(&engine.url(), &[]).await;
    server.until_ready().await;
    let mut viewer = server.viewer().await;
    let all_run = |picture: &Picture| names.iter().all(|name| state_of(picture, name) == Some(ContainerState::Running));
    viewer.until("all run", SOON, all_run).await;
    Watched { server, viewer }
}

impl Watched {
    async fn loses_the_link(&mut self, rows: usize) -> Duration {
        let began = Instant::now();
        self.viewer.until("the loss shows", LOST_WITHIN, |picture| link_of(picture) == Some(EngineLink::Lost)).await;
        assert_eq!(self.viewer.picture.containers.len(), rows, "rows stay");
        assert!(!trouble(&self.viewer.picture).is_empty());
        began.elapsed()
    }

    /// `what` it is, and what was measured.
    async fn is_back(&mut self, what: &str, since: Instant, holds: impl Fn(&Picture) -> bool) {
        self.viewer.until(what, STARTED_WITHIN, |picture| is_up(picture) && holds(picture)).await;
        println!("{what}: all is true again {:?} later", since.elapsed());
        self.viewer.assert_true(&self.server).await;
    }

    async fn changes_show(&mut self, engine: &Dockerd, name: &'static str) {
        for (order, state) in [("pause", ContainerState::Paused), ("unpause", ContainerState::Running)] {
            engine.docker(&[order, name]).unwrap();
            self.viewer.until("changes go on", BACK, is(name, state)).await;
        }
    }

    async fn told(&self, name: &str, kind: OccurrenceKind) -> usize {
        let id = named(&self.viewer.picture, name).unwrap().id;
        let told: Occurrences = get(self.server.address, &format!("/api/events?container={id}")).await.json();
        told.events.iter().filter(|event| event.kind == kind).count()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_daemon_that_is_killed_and_started_again_loses_nothing() {
    let _alone = alone().await;
    let Some(mut engine) = Dockerd::new(&["--live-restore"]) else { return };
    engine.begin();
    for name in ["kept", "ended"] {
        run(&engine, name, &[]);
    }
    let mut watched = watched(&engine, &["kept", "ended"]).await;
    let ended = engine.docker(&["inspect", "--format", "{{.State.Pid}}", "ended"]).unwrap();
    engine.order("kill");
    println!("killed: told after {:?}", watched.loses_the_link(2).await);
    // While nobody tells of it.
    assert!(std::process::Command::new("kill").args(["-9", &ended]).status().unwrap().success());
    engine.order("start");
    engine.answers_within(STARTED_WITHIN);
    let answers = Instant::now();
    let as_it_is = |picture: &Picture| {
        is("kept", ContainerState::Running)(picture) && is("ended", ContainerState::Exited)(picture)
    };
    watched.is_back("killed and started", answers, as_it_is).await;
    watched.changes_show(&engine, "kept").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_daemon_that_restarts_in_an_orderly_way_loses_nothing() {
    let _alone = alone().await;
    let Some(mut engine) = Dockerd::new(&[]) else { return };
    engine.begin();
    run(&engine, "stays-down", &[]);
    run(&engine, "comes-back", &["--restart", "always"]);
    let mut watched = watched(&engine, &["stays-down", "comes-back"]).await;
    engine.order("stop");
    watched.loses_the_link(2).await;
    engine.order("start");
    engine.answers_within(STARTED_WITHIN);
    let answers = Instant::now();
    let as_it_is = |picture: &Picture| {
        is("stays-down", ContainerState::Exited)(picture) && is("comes-back", ContainerState::Running)(picture)
    };
    watched.is_back("restarted", answers, as_it_is).await;
    watched.changes_show(&engine, "comes-back").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_daemon_that_is_frozen_for_a_minute_loses_nothing() {
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
    println!("frozen: told after {:?}", watched.loses_the_link(2).await);
    assert_eq!(trouble(&watched.viewer.picture), "not_answering");
    assert!(std::process::Command::new("kill").args(["-9", &ended]).status().unwrap().success());
    // The viewer is told that all is silent, and keeps what it has.
    while frozen.elapsed() < FROZEN {
        watched.viewer.next().await;
        assert_eq!(
            (link_of(&watched.viewer.picture), watched.viewer.picture.containers.len()),
            (Some(EngineLink::Lost), 2)
        );
    }
    engine.order("thaw");
    let thawed = Instant::now();
    watched.is_back("frozen for a minute", thawed, is("ended", ContainerState::Exited)).await;
    assert!(thawed.elapsed() < BACK, "{:?}", thawed.elapsed());
    watched.changes_show(&engine, "kept").await;
    assert_eq!(watched.told("ended", OccurrenceKind::Died).await, 1, "the end is told once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_socket_that_is_removed_and_made_again_loses_nothing() {
    let _alone = alone().await;
    let Some(mut engine) = Dockerd::new(&["--live-restore"]) else { return };
    engine.begin();
    run(&engine, "kept", &[]);
    let mut watched = watched(&engine, &["kept"]).await;
    // Its connections live on, and so does what they tell.
    std::fs::remove_file(engine.socket()).unwrap();
    end_only_process(&engine);
    watched.viewer.until("what happens without a socket shows", SOON, is("kept", ContainerState::Exited)).await;
    // Only a restart makes it again.
    engine.order("kill");
    watched.loses_the_link(1).await;
    assert_eq!(trouble(&watched.viewer.picture), "no_socket");
    engine.order("start");
    engine.answers_within(STARTED_WITHIN);
    let answers = Instant::now();
    watched.is_back("the socket is there again", answers, is("kept", ContainerState::Exited)).await;
    engine.docker(&["start", "kept"]).unwrap();
    watched.viewer.until("changes go on", BACK, is("kept", ContainerState::Running)).await;
}

/// Without asking the daemon, which cannot be reached any more: by what the container runs, in the daemon's own folder.
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
async fn a_daemon_without_space_is_shown_as_it_is_and_goes_on_when_there_is_some() {
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
    // Whatever came of it is shown as the engine has it; what runs, runs.
    watched.changes_show(&engine, "kept").await;
    assert_eq!(trouble(&watched.viewer.picture), "");
    let names = engine.docker(&["ps", "--all", "--format", "{{.Names}}"]).unwrap();
    let there = names.lines().count();
    watched.viewer.until("as many rows as containers", SOON, |picture| picture.containers.len() == there).await;

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

/// As `make engines` makes them: `QUAYLIGHT_ENGINE_ROOTS` is the folder of their roots.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_engine_that_is_upgraded_under_a_viewer_keeps_its_rows() {
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
    engine.answers_within(STARTED_WITHIN);
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
    engine.answers_within(STARTED_WITHIN);
    let answers = Instant::now();
    let as_it_is = |picture: &Picture| {
        is("stays-down", ContainerState::Exited)(picture) && is("comes-back", ContainerState::Running)(picture)
    };
    watched.is_back("upgraded from 20.10 to 26.1", answers, as_it_is).await;
    assert!(version(&watched.viewer.picture).starts_with("26.1"), "{}", version(&watched.viewer.picture));
    assert_eq!(watched.viewer.picture.containers.keys().copied().collect::<Vec<_>>(), ids, "the same containers");
    watched.changes_show(&engine, "comes-back").await;
    // Old and new sample differently.
    let since = watched.viewer.picture.sampled_at;
    watched.viewer.until("numbers go on", SOON, |picture| picture.sampled_at > since).await;
}
