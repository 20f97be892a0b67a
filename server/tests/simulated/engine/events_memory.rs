//! Events while the server could not listen: before its start, and during an outage.

use crate::{
    engine::events::{LIFECYCLE, events_of, fetch_events, kinds, run_lifecycle, run_lifecycle_ago},
    logs::reading::{printer, started},
    support::{Events, Quay, TestServer, eventually, get, problem_code, quay},
};
use app::model::{Cause, OccurrenceKind as Kind, Occurrences};
use simulator::{DaemonState, Options, Simulator, engine::seeding::Past};
use std::time::Duration;

/// Starts another server for the same engine.
async fn another(quay: &Quay) -> TestServer {
    let server = TestServer::start(&quay.simulator.endpoint(), &[]).await;
    server.until_ready().await;
    server
}

async fn lost(quay: &Quay) {
    eventually("the link is lost", async || !problem_code(&quay.server.fetched().await).is_empty()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_starting_server_reads_past_events_from_the_engine() {
    let options = Options { scenario: "quiet:0".parse().unwrap(), ..Options::default() };
    let simulator = Simulator::start(options).await.unwrap();
    // Longer ago than the server's own lookback.
    simulator.act(|engine, now| {
        let ago = now.minus(Duration::from_secs(3_600));
        engine.create(printer("boat", Vec::new()), ago).unwrap();
        engine.start("boat", ago.plus(Duration::from_secs(1))).unwrap();
        engine.crash("boat", 139, false, ago.plus(Duration::from_secs(60))).unwrap();
        // No event reports this one.
        let past = Past::exited(Duration::from_secs(7_200), Duration::from_secs(600), 3);
        engine.seed(printer("old", Vec::new()), past, now).unwrap();
    });
    let server = TestServer::start(&simulator.endpoint(), &[]).await;
    server.until_ready().await;
    let quay = Quay { simulator, server };
    eventually("both are listed", async || fetch_events(&quay, "").await.len() >= 6).await;
    let (boat, old): (Vec<_>, Vec<_>) =
        fetch_events(&quay, "").await.into_iter().partition(|event| event.container_name == "boat");
    assert_eq!(kinds(&old), [Kind::Created, Kind::Started, Kind::Died]);
    assert_eq!((old[2].exit_code, old[2].cause), (Some(3), None));
    // Inspect also reports the other one, which is not recorded twice.
    assert_eq!(kinds(&boat), [Kind::Created, Kind::Started, Kind::Died]);
    let events = boat;
    assert_eq!((events[2].exit_code, events[2].cause), (Some(139), Some(Cause::Itself)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_during_an_outage_are_added_once() {
    let quay = quay("quiet:0", &[]).await;
    // With a viewer, the link is checked every 2 s.
    let _viewer = quay.server.viewer().await;
    // Longer apart than the watcher's lookback of a few seconds.
    run_lifecycle_ago(&quay, "before", Duration::from_secs(60));
    eventually("all events are listed", async || fetch_events(&quay, "").await.len() == LIFECYCLE.len()).await;
    let mut stream = Events::open(quay.server.address, "/api/events/stream", None).await;
    // A frozen engine sends nothing but keeps its events.
    quay.simulator.faults().set_daemon(DaemonState::Frozen).await;
    lost(&quay).await;
    run_lifecycle_ago(&quay, "meanwhile", Duration::from_secs(30));
    quay.simulator.faults().set_daemon(DaemonState::Up).await;
    quay.server.until_ready().await;
    run_lifecycle(&quay, "after");
    let received = stream.take(2 * LIFECYCLE.len()).await;
    let names: Vec<_> = received.iter().map(|event| event.data["containerName"].as_str().unwrap().to_owned()).collect();
    assert!(names[..9].iter().all(|name| name.starts_with("meanwhile")), "{names:?}");
    assert!(names[9..].iter().all(|name| name.starts_with("after")), "{names:?}");
    assert_eq!(kinds(&fetch_events(&quay, "").await), LIFECYCLE.repeat(3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_lost_by_the_engine_are_derived_from_inspect() {
    let quay = quay("quiet:0", &[]).await;
    let id = started(&quay, printer("boat", Vec::new())).await;
    events_of(&quay, id, 2).await;
    // A restarted engine has lost its events.
    quay.simulator.faults().set_daemon(DaemonState::Down).await;
    lost(&quay).await;
    quay.simulator.act(|engine, now| engine.crash("boat", 9, false, now).unwrap());
    quay.simulator.engine().forget_events();
    quay.simulator.faults().set_daemon(DaemonState::Up).await;
    let events = events_of(&quay, id, 3).await;
    assert_eq!(kinds(&events), [Kind::Created, Kind::Started, Kind::Died]);
    assert_eq!((events[2].exit_code, events[2].cause), (Some(9), None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_resumes_after_a_server_restart() {
    let quay = quay("quiet:0", &[]).await;
    run_lifecycle(&quay, "boat");
    eventually("all events are listed", async || fetch_events(&quay, "").await.len() == LIFECYCLE.len()).await;
    let events = fetch_events(&quay, "").await;
    let other = another(&quay).await;
    let mut stream = Events::open(other.address, "/api/events/stream", Some(&events[3].id)).await;
    let received: Vec<_> = stream.take(5).await.into_iter().map(|event| event.id.unwrap()).collect();
    let expected: Vec<_> = events[4..].iter().map(|event| event.id.clone()).collect();
    assert_eq!(received, expected);
    let theirs: Occurrences = get(other.address, "/api/events").await.json();
    assert_eq!(theirs.events, events);
    assert!(theirs.recorded_since > events[0].at);
}
