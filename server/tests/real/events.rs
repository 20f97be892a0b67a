//! Events of a real engine with their causes: live, and again at a server that starts later.

use crate::{
    harbour::Harbour,
    support::{Events, TestServer, eventually, get},
};
use app::model::{Cause, ContainerReport, Occurrence, OccurrenceKind as Kind, Occurrences};
use bollard::{
    models::{HostConfig, RestartPolicy, RestartPolicyNameEnum},
    query_parameters::StopContainerOptionsBuilder,
};

async fn events_of(server: &TestServer, id: &str) -> Vec<Occurrence> {
    get(server.address, &format!("/api/events?container={id}")).await.json::<Occurrences>().events
}

async fn until(server: &TestServer, id: &str, what: &str, holds: impl Fn(&[Occurrence]) -> bool) -> Vec<Occurrence> {
    let mut events = Vec::new();
    eventually(what, async || {
        events = events_of(server, id).await;
        holds(&events)
    })
    .await;
    events
}

fn count(events: &[Occurrence], kind: Kind) -> usize {
    events.iter().filter(|event| event.kind == kind).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_a_crash_and_a_crash_loop_have_their_causes() {
    let Some(mut harbour) = Harbour::open().await else { return };
    let policy = RestartPolicy { name: Some(RestartPolicyNameEnum::ON_FAILURE), maximum_retry_count: Some(4) };
    let looping = HostConfig { restart_policy: Some(policy), ..HostConfig::default() };
    let polite = "trap 'exit 7' TERM; while true; do sleep 0.05; done";
    let stopped = harbour.run(1, polite, HostConfig::default()).await.remove(0);
    let crashed = harbour.run(1, "sleep 0.2; exit 3", HostConfig::default()).await.remove(0);
    let looping = harbour.run(1, "sleep 0.1; exit 5", looping).await.remove(0);
    let stop = StopContainerOptionsBuilder::default().t(5).build();
    harbour.docker.stop_container(&stopped, Some(stop)).await.unwrap();

    let server = &harbour.server;
    let events = until(server, &stopped, "the stop is listed", |events| count(events, Kind::Died) == 1).await;
    let died = events.iter().find(|event| event.kind == Kind::Died).unwrap();
    assert_eq!(died.exit_code, Some(7));
    // Podman does not report the signal.
    assert!(died.cause == Some(Cause::Request) || harbour.podman, "{events:?}");
    let events = until(server, &crashed, "the crash is listed", |events| count(events, Kind::Died) == 1).await;
    let died = events.iter().find(|event| event.kind == Kind::Died).unwrap();
    assert_eq!((died.exit_code, died.cause), (Some(3), Some(Cause::Itself)));
    let events = until(server, &looping, "five runs are listed", |events| count(events, Kind::Died) == 5).await;
    let restarts = events.iter().filter(|event| event.cause == Some(Cause::RestartPolicy)).count();
    assert_eq!(restarts, 4, "{events:?}");
    let report: ContainerReport = get(server.address, &format!("/api/containers/{looping}")).await.json();
    let end = report.last_end.unwrap();
    assert_eq!((end.exit_code, end.cause, end.restarts_last_hour), (Some(5), Some(Cause::Itself), 4));
    harbour.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_started_later_has_the_same_events_and_readers_resume() {
    let Some(mut harbour) = Harbour::open().await else { return };
    let id = harbour.run(1, "sleep 0.3; exit 3", HostConfig::default()).await.remove(0);
    let events = until(&harbour.server, &id, "the exit is listed", |events| count(events, Kind::Died) == 1).await;
    let later = TestServer::start(&harbour.url, &[]).await;
    later.until_ready().await;
    let again = until(&later, &id, "the exit is listed again", |events| count(events, Kind::Died) == 1).await;
    assert_eq!(again, events);
    let first = &events[0];
    let path = format!("/api/events/stream?container={id}");
    let mut stream = Events::open(later.address, &path, Some(&first.id)).await;
    let ids: Vec<_> = stream.take(events.len() - 1).await.into_iter().map(|event| event.id.unwrap()).collect();
    assert_eq!(ids, events[1..].iter().map(|event| event.id.clone()).collect::<Vec<_>>());
    harbour.clear().await;
}
