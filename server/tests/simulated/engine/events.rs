//! Events, queried and streamed.

use crate::{
    logs::reading::{pause, print, printer, started},
    support::{Event, Events, Quay, eventually, get, quay},
};
use app::model::{Cause, ContainerId, ContainerReport, LastEnd, Occurrence, OccurrenceKind as Kind, Occurrences};
use simulator::{
    ContainerSpec,
    engine::{program::Step, spec::RestartPolicy},
};
use std::time::Duration;

pub(crate) async fn fetch_events(quay: &Quay, query: &str) -> Vec<Occurrence> {
    let response = get(quay.server.address, &format!("/api/events{query}")).await;
    assert_eq!((response.status.as_u16(), response.header("cache-control")), (200, "no-store"), "{response:?}");
    response.json::<Occurrences>().events
}

/// Events of one container, once there are `count`.
pub(crate) async fn events_of(quay: &Quay, id: ContainerId, count: usize) -> Vec<Occurrence> {
    let mut events = Vec::new();
    eventually("enough has happened", async || {
        events = fetch_events(quay, &format!("?container={id}")).await;
        events.len() >= count
    })
    .await;
    events
}

pub(crate) fn kinds(events: &[Occurrence]) -> Vec<Kind> {
    events.iter().map(|event| event.kind).collect()
}

fn occurrence(event: &Event) -> Occurrence {
    assert_eq!(event.name, "event", "{event:?}");
    let occurrence: Occurrence = serde_json::from_value(event.data.clone()).unwrap();
    assert_eq!(event.id.as_deref(), Some(occurrence.id.as_str()));
    occurrence
}

/// Starts, pauses, renames and stops a container: nine events including its creation.
pub(crate) fn run_lifecycle(quay: &Quay, name: &str) {
    run_lifecycle_ago(quay, name, Duration::ZERO);
}

/// The same lifecycle at an earlier time of the engine's clock.
pub(crate) fn run_lifecycle_ago(quay: &Quay, name: &str, ago: Duration) {
    quay.simulator.act(|engine, now| {
        let now = now.minus(ago);
        engine.create(printer(name, Vec::new()), now).unwrap();
        engine.start(name, now).unwrap();
        engine.pause(name, now).unwrap();
        engine.unpause(name, now).unwrap();
        engine.rename(name, &format!("{name}-2"), now).unwrap();
        engine.stop(&format!("{name}-2"), None, Duration::from_secs(5), now).unwrap();
        engine.remove(&format!("{name}-2"), false, now).unwrap();
    });
}

pub(crate) const LIFECYCLE: [Kind; 9] = [
    Kind::Created,
    Kind::Started,
    Kind::Paused,
    Kind::Unpaused,
    Kind::Renamed,
    Kind::Killed,
    Kind::Died,
    Kind::Stopped,
    Kind::Destroyed,
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_lifecycle_event_is_listed() {
    let quay = quay("quiet:0", &[]).await;
    run_lifecycle(&quay, "boat");
    eventually("all events are listed", async || fetch_events(&quay, "").await.len() == LIFECYCLE.len()).await;
    let events = fetch_events(&quay, "").await;
    assert_eq!(kinds(&events), LIFECYCLE);
    assert!(events.is_sorted_by_key(|event| event.at) && events.iter().all(|event| event.engine.as_str() == "local"));
    let [created, started, .., renamed, killed, died, _, destroyed] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!((created.container_name.as_str(), created.detail.as_deref()), ("boat", Some("idle:1")));
    assert_eq!(started.cause, Some(Cause::Request));
    assert_eq!((renamed.container_name.as_str(), renamed.detail.as_deref()), ("boat-2", Some("boat")));
    assert_eq!(killed.signal.as_deref(), Some("SIGTERM"));
    assert_eq!((died.exit_code, died.cause), (Some(7), Some(Cause::Request)));
    assert_eq!(destroyed.container_name, "boat-2");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_loop_has_causes_and_is_detected() {
    let quay = quay("quiet:0", &[]).await;
    let spec = |name| {
        let steps = vec![print("up"), pause(50), Step::Exit(3)];
        ContainerSpec { restart: RestartPolicy::Always, ..printer(name, steps) }
    };
    let id = started(&quay, spec("looper")).await;
    let report = async || -> LastEnd {
        let report: ContainerReport = get(quay.server.address, &format!("/api/containers/{id}")).await.json();
        report.last_end.unwrap()
    };
    let events = events_of(&quay, id, 9).await;
    assert_eq!(kinds(&events[..4]), [Kind::Created, Kind::Started, Kind::Died, Kind::Started]);
    assert!(events.iter().filter(|event| event.kind == Kind::Died).all(|event| event.cause == Some(Cause::Itself)));
    let restarts: Vec<_> = events.iter().filter(|event| event.kind == Kind::Started).skip(1).collect();
    assert!(
        restarts.len() >= 3 && restarts.iter().all(|event| event.cause == Some(Cause::RestartPolicy)),
        "{restarts:?}"
    );
    let end = report().await;
    assert!(end.crash_looping && end.restarts_last_hour >= 3, "{end:?}");
    assert_eq!((end.exit_code, end.cause, end.ran_for_secs), (Some(3), Some(Cause::Itself), Some(0)));
    quay.simulator.act(|engine, now| engine.kill("looper", 9, now).ok());
    eventually("it is over", async || !report().await.crash_looping).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_container_has_its_last_end() {
    let quay = quay("quiet:0", &[]).await;
    let greedy = started(
        &quay,
        ContainerSpec { memory_bytes: 8 << 20, ..printer("greedy", vec![pause(20), Step::ExhaustMemory]) },
    )
    .await;
    let fine = started(&quay, printer("fine", Vec::new())).await;
    let end = async |id: ContainerId| -> Option<LastEnd> {
        let report: ContainerReport = get(quay.server.address, &format!("/api/containers/{id}")).await.json();
        report.last_end
    };
    assert_eq!(end(fine).await, None);
    eventually("both agree that memory ran out", async || {
        let end = end(greedy).await;
        end.is_some_and(|end| {
            end.oom_killed && end.cause == Some(Cause::OutOfMemory) && end.signal.as_deref() == Some("SIGKILL")
        })
    })
    .await;
    let found = end(greedy).await.unwrap();
    assert_eq!((found.exit_code, found.crash_looping, found.restarts_last_hour), (Some(137), false, 0));
    assert!(found.started_at.unwrap() < found.finished_at);
    let events = events_of(&quay, greedy, 4).await;
    assert!(kinds(&events).contains(&Kind::Oom), "{events:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_are_streamed_and_an_interrupted_reader_misses_none() {
    let quay = quay("quiet:0", &[]).await;
    run_lifecycle(&quay, "before");
    eventually("all events are listed", async || fetch_events(&quay, "").await.len() == LIFECYCLE.len()).await;
    let mut stream = Events::open(quay.server.address, "/api/events/stream", None).await;
    assert_eq!(stream.next().await.unwrap().name, "heartbeat");
    run_lifecycle(&quay, "boat");
    let events: Vec<_> = stream.take(LIFECYCLE.len()).await.iter().map(occurrence).collect();
    assert_eq!(kinds(&events), LIFECYCLE);
    assert!(events.iter().all(|event| event.container_name.starts_with("boat")), "earlier events are not sent");
    drop(stream);
    // Disconnects after each of them, while more events happen.
    for (number, last) in events.iter().enumerate() {
        let mut again = Events::open(quay.server.address, "/api/events/stream", Some(&last.id)).await;
        let rest: Vec<_> = again.take(LIFECYCLE.len() - 1 - number).await.iter().map(occurrence).collect();
        // Evidence can be improved by later events.
        let found = |events: &[Occurrence]| -> Vec<_> {
            events.iter().cloned().map(|event| Occurrence { evidence: None, ..event }).collect()
        };
        assert_eq!(found(&rest), found(&events[number + 1..]));
    }
    let path = format!("/api/events/stream?lastEventId={}", events[5].id);
    let mut again = Events::open(quay.server.address, &path, None).await;
    assert_eq!(occurrence(&again.next_data().await.unwrap()).id, events[6].id);
    let mut since = Events::open(quay.server.address, "/api/events/stream?since=1h&kind=died", None).await;
    let found: Vec<_> = since.take(2).await.iter().map(|event| occurrence(event).container_name).collect();
    assert_eq!(found, ["before-2", "boat-2"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_are_filtered_and_limited() {
    let quay = quay("quiet:0", &[]).await;
    for name in ["one", "two", "three"] {
        run_lifecycle(&quay, name);
    }
    eventually("all events are listed", async || fetch_events(&quay, "").await.len() == 3 * LIFECYCLE.len()).await;
    assert_eq!(
        kinds(&fetch_events(&quay, "?kind=died,renamed&limit=3").await),
        [Kind::Died, Kind::Renamed, Kind::Died]
    );
    assert_eq!(fetch_events(&quay, "?since=1h").await.len(), 3 * LIFECYCLE.len());
    assert!(fetch_events(&quay, "?until=1h").await.is_empty());
    for path in ["/api/events", "/api/events/stream"] {
        for query in ["kind=exploded", "limit=0", "limit=many", "since=soon", "until=", "limit=1&limit=2", "limit=%ff"]
        {
            get(quay.server.address, &format!("{path}?{query}")).await.problem(400, "bad_query");
        }
        for ids in ["boat", "", "abc,def"] {
            get(quay.server.address, &format!("{path}?container={ids}")).await.problem(400, "bad_id");
        }
    }
}
