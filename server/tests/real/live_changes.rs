//! Fifty containers and a hundred changes by another client: all of them arrive in time.

use crate::{
    harbour::Harbour,
    support::{TEST_TIMEOUT, Viewer, local},
};
use app::{
    model::{ContainerId, ContainerState},
    protocol::Picture,
};
use bollard::{
    Docker,
    models::{EventMessage, HostConfig},
    query_parameters::{EventsOptions, KillContainerOptions},
};
use futures::StreamExt as _;
use std::{
    collections::HashMap,
    time::{SystemTime, UNIX_EPOCH},
};
use tokio::time::{Instant, timeout, timeout_at};

const CONTAINERS: usize = 50;
const CHANGES: usize = 2 * CONTAINERS;
/// Milliseconds from the engine's event to the frame; the engine's own lock sets the minimum.
const DOCKER_LIMITS: DelayLimits = DelayLimits { median: 15.0, p99: 150.0 };
/// Podman reports events up to a quarter of a second late: 124 and 263 were measured on a busy
/// machine.
const PODMAN_LIMITS: DelayLimits = DelayLimits { median: 250.0, p99: 500.0 };

/// Every round must show every change; a busy machine may spoil the delays of two.
const ROUNDS: usize = 3;

/// Limits in milliseconds.
struct DelayLimits {
    median: f64,
    p99: f64,
}

/// A container and its new state.
type Change = (ContainerId, ContainerState);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_changes_among_fifty_containers_arrive_in_time() {
    let Some(mut harbour) = Harbour::open().await else { return };
    let ids = harbour.run(CONTAINERS, "sleep 3600", HostConfig::default()).await;
    let ids: Vec<ContainerId> = ids.iter().map(|id| id.parse().unwrap()).collect();
    let mut viewer = harbour.server.viewer().await;
    let all_run = |picture: &Picture| ids.iter().all(|id| state(picture, id) == Some(ContainerState::Running));
    viewer.until("all run", TEST_TIMEOUT, all_run).await;

    let within = if harbour.podman { PODMAN_LIMITS } else { DOCKER_LIMITS };
    let mut measured = Vec::new();
    for _ in 0..ROUNDS {
        let delays = delays(&harbour.docker, &ids, &mut viewer).await;
        let (median, p99, most) = (delays[CHANGES / 2], delays[CHANGES - 2], delays[CHANGES - 1]);
        println!("event to frame: median {median:.1} ms, p99 {p99:.1} ms, at most {most:.1} ms");
        measured.push((median, p99));
        if median <= within.median && p99 <= within.p99 {
            break;
        }
    }
    assert!(
        measured.last().is_some_and(|(median, p99)| *median <= within.median && *p99 <= within.p99),
        "{measured:?}"
    );
    viewer.assert_true(&harbour.server).await;
    harbour.clear().await;
}

/// Makes the changes and waits for all of them. Returns sorted milliseconds from the engine's event
/// to the frame.
async fn delays(docker: &Docker, ids: &[ContainerId], viewer: &mut Viewer) -> Vec<f64> {
    let reported = tokio::spawn(events(docker.clone()));
    let client = tokio::spawn(change_all(docker.clone(), ids.to_vec()));
    let arrived = arrivals(viewer, ids).await;
    client.await.unwrap();
    let reported = timeout(TEST_TIMEOUT, reported).await.expect("the engine reported every change").unwrap();
    let mut delays: Vec<f64> = reported.iter().map(|(change, at)| (arrived[change] - at) as f64 / 1e6).collect();
    delays.sort_by(f64::total_cmp);
    delays
}

/// Kills every second container and pauses the others; then starts and unpauses them.
async fn change_all(docker: Docker, ids: Vec<ContainerId>) {
    for pair in ids.chunks(2) {
        docker.kill_container(&pair[0].to_string(), None::<KillContainerOptions>).await.unwrap();
        docker.pause_container(&pair[1].to_string()).await.unwrap();
    }
    for pair in ids.chunks(2) {
        docker.start_container(&pair[0].to_string(), None).await.unwrap();
        docker.unpause_container(&pair[1].to_string()).await.unwrap();
    }
}

/// Collects the engine's events as another client, with the engine's times in nanoseconds since
/// 1970.
async fn events(docker: Docker) -> HashMap<Change, i64> {
    // From this time on, even if the engine handles the request late.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let since = format!("{}.{:09}", now.as_secs(), now.subsec_nanos());
    let filters = HashMap::from([("type".to_owned(), vec!["container".to_owned()])]);
    let mut stream =
        Box::pin(docker.events(Some(EventsOptions { since: Some(since), filters: Some(filters), until: None })));
    let mut reported = HashMap::new();
    while reported.len() < CHANGES {
        let event = stream.next().await.unwrap().unwrap();
        reported.extend(change(&event));
    }
    reported
}

fn change(event: &EventMessage) -> Option<(Change, i64)> {
    let state = match event.action.as_deref()? {
        "die" => ContainerState::Exited,
        "pause" => ContainerState::Paused,
        "start" | "unpause" => ContainerState::Running,
        _ => return None,
    };
    Some(((event.actor.as_ref()?.id.as_ref()?.parse().ok()?, state), event.time_nano?))
}

/// Arrival of the frame with each change, in nanoseconds since 1970.
async fn arrivals(viewer: &mut Viewer, ids: &[ContainerId]) -> HashMap<Change, i64> {
    let mut arrived = HashMap::new();
    let deadline = Instant::now() + 6 * TEST_TIMEOUT;
    while arrived.len() < CHANGES {
        let before: Vec<_> = ids.iter().map(|id| state(&viewer.picture, id)).collect();
        let received = timeout_at(deadline, viewer.next()).await;
        let received = received.unwrap_or_else(|_| panic!("changes were missed: {} came", arrived.len()));
        for (id, before) in ids.iter().zip(before) {
            let now = state(&viewer.picture, id).expect("it is there");
            if before != Some(now) {
                arrived.insert((*id, now), received.at_nanos);
            }
        }
    }
    arrived
}

fn state(picture: &Picture, id: &ContainerId) -> Option<ContainerState> {
    picture.containers.get(&local(*id)).map(|container| container.state)
}
