//! Recording and querying of events.

#![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]

mod ends;
mod outages;

use super::*;
use app::model::ContainerId;
use proptest::prelude::*;
use serde_json::json;

const SECOND: u64 = 1_000_000_000;

const LOCAL: EngineName = EngineName::LOCAL;

fn id(number: u8) -> ContainerId {
    format!("{number:02x}").repeat(32).parse().unwrap()
}

fn key(number: u8) -> ContainerKey {
    ContainerKey::new(LOCAL, id(number))
}

/// An event of container `number`, `ago` seconds ago.
fn event(number: u8, action: &str, ago: f64, more: &[(&str, &str)]) -> EventMessage {
    let mut attributes = json!({"name": format!("boat-{number}")});
    for (name, value) in more {
        attributes[*name] = json!(value);
    }
    let nanos = LogNanos::now() - (ago * 1e9) as u64;
    let actor = json!({"ID": id(number).to_string(), "Attributes": attributes});
    serde_json::from_value(json!({"Type": "container", "Action": action, "Actor": actor, "timeNano": nanos})).unwrap()
}

/// The current time in nanoseconds, constant during a test.
struct LogNanos;

impl LogNanos {
    fn now() -> u64 {
        static NOW: std::sync::OnceLock<u64> = std::sync::OnceLock::new();
        *NOW.get_or_init(|| now().as_millis() * 1_000_000)
    }
}

fn all() -> EventQuery {
    EventQuery::read(&EventQueryText { limit: Some("20000".to_owned()), ..Default::default() }, now()).unwrap()
}

fn events(timeline: &Timeline) -> Vec<(OccurrenceKind, Option<Cause>)> {
    timeline.occurrences(&all()).events.iter().map(|event| (event.kind, event.cause)).collect()
}

#[test]
fn the_cause_of_a_start_or_exit_follows_from_earlier_events() {
    use Cause::{Itself, OutOfMemory, Request, RestartPolicy};
    use OccurrenceKind::{Died, Killed, Oom, Started};
    let timeline = Timeline::default();
    let lifecycle_settings = |restarts| LifecycleSettings { restarts, ..LifecycleSettings::default() };
    timeline.set_lifecycle_settings(key(1), lifecycle_settings(true));
    let code = [("exitCode", "1")];
    for (action, ago, more) in [
        ("start", 900.0, &[][..]),
        ("die", 800.0, &code),
        ("start", 799.0, &[]),
        ("kill", 700.0, &[("signal", "15")]),
        ("die", 699.0, &code),
        ("start", 698.0, &[]),
        // A reload of the configuration, and a crash much later.
        ("kill", 600.0, &[("signal", "1")]),
        ("die", 500.0, &code),
        ("start", 100.0, &[]),
        ("oom", 60.0, &[]),
        ("die", 59.0, &[("exitCode", "137")]),
        ("start", 58.0, &[]),
    ] {
        timeline.record(LOCAL, &event(1, action, ago, more));
    }
    let expected = [
        (Started, Some(Request)),
        (Died, Some(Itself)),
        (Started, Some(RestartPolicy)),
        (Killed, None),
        (Died, Some(Request)),
        (Started, Some(Request)),
        (Killed, None),
        (Died, Some(Itself)),
        // Too late for a restart by the policy.
        (Started, Some(Request)),
        (Oom, None),
        (Died, Some(OutOfMemory)),
        (Started, Some(RestartPolicy)),
    ];
    assert_eq!(events(&timeline), expected);
    // Without a restart policy, a start was requested.
    timeline.set_lifecycle_settings(key(2), lifecycle_settings(false));
    timeline.record(LOCAL, &event(2, "die", 20.0, &code));
    timeline.record(LOCAL, &event(2, "start", 19.0, &[]));
    assert_eq!(timeline.of(key(2))[1].cause, Some(Request));
}

#[test]
fn a_repeated_event_is_recorded_once() {
    let timeline = Timeline::default();
    let start = event(1, "start", 5.0, &[]);
    timeline.record(LOCAL, &start);
    timeline.record(LOCAL, &start);
    timeline.record(LOCAL, &event(1, "die", 4.0, &[]));
    timeline.record(LOCAL, &start);
    assert_eq!(events(&timeline).len(), 2);
    let ids: Vec<_> = timeline.of(key(1)).into_iter().map(|event| event.id).collect();
    assert!(ids[0] != ids[1] && ids[0].parse::<Key>().is_ok(), "{ids:?}");
}

#[test]
fn the_log_is_bounded_by_count_bytes_and_age() {
    let timeline = Timeline::default();
    timeline.record(LOCAL, &event(1, "start", 24.0 * 3600.0 + 1.0, &[]));
    assert!(events(&timeline).is_empty(), "a day and a second ago");
    for number in 0..60 {
        timeline.record(LOCAL, &event(1, "start", 1_000.0 - f64::from(number), &[]));
    }
    assert_eq!(events(&timeline).len(), 50);
    let long = "x".repeat(10_000);
    for number in 0..60 {
        timeline.record(LOCAL, &event(1, "create", 500.0 - f64::from(number), &[("image", &long)]));
    }
    assert!((5..10).contains(&events(&timeline).len()), "100,000 bytes hold nine: {}", events(&timeline).len());
}

#[test]
fn missed_events_are_derived_from_inspect_times() {
    let timeline = Timeline::default();
    let ago = |secs: u64| Some(Timestamp::from_millis(LogNanos::now() / 1_000_000 - secs * 1_000));
    let mut container = crate::store::examples::container(2, app::model::ContainerState::Exited, 0);
    (container.created_at, container.started_at, container.finished_at) = (ago(25 * 3600), ago(100), ago(50));
    (container.exit_code, container.oom_killed) = (Some(137), true);
    let event_of_start = {
        let mut message = event(1, "start", 100.5, &[]);
        message.actor.as_mut().unwrap().id = Some(container.id.to_string());
        message
    };
    timeline.record(LOCAL, &event_of_start);
    for _ in 0..2 {
        timeline.recall(LOCAL, std::slice::from_ref(&container));
    }
    let found = timeline.of(container.key());
    assert_eq!(found.len(), 2, "created more than a day ago, started at the time of the event: {found:?}");
    let died = &found[1];
    assert_eq!((died.kind, died.exit_code, died.cause), (OccurrenceKind::Died, Some(137), Some(Cause::OutOfMemory)));
    assert_eq!((died.signal.as_deref(), died.at), (Some("SIGKILL"), container.finished_at.unwrap()));
}

#[test]
fn the_policy_of_a_container_removed_without_an_event_is_dropped() {
    let timeline = Timeline::default();
    let there = crate::store::examples::container(2, app::model::ContainerState::Running, 0);
    timeline.set_lifecycle_settings(there.key(), LifecycleSettings::default());
    timeline.set_lifecycle_settings(key(2), LifecycleSettings::default());
    timeline.recall(LOCAL, std::slice::from_ref(&there));
    assert_eq!(timeline.lock().lifecycle_settings.keys().copied().collect::<Vec<_>>(), [there.key()]);
}

#[test]
fn events_are_filtered_by_time_container_kind_and_count() {
    let timeline = Timeline::default();
    for number in 1..=3 {
        timeline.record(LOCAL, &event(number, "start", 100.0 - f64::from(number), &[]));
        timeline.record(LOCAL, &event(number, "die", 50.0 - f64::from(number), &[("exitCode", "1")]));
    }
    let count = |set: &dyn Fn(&mut EventQueryText)| {
        let mut text = EventQueryText::default();
        set(&mut text);
        timeline.occurrences(&EventQuery::read(&text, now()).unwrap()).events.len()
    };
    assert_eq!(count(&|_| ()), 6);
    assert_eq!(count(&|text| text.since = Some("70s".into())), 3);
    assert_eq!(count(&|text| text.until = Some("70s".into())), 3);
    assert_eq!(count(&|text| text.container = Some(format!("{},{}", id(1), id(3)))), 4);
    assert_eq!(count(&|text| text.kind = Some("died,oom".into())), 3);
    assert_eq!(count(&|text| text.limit = Some("2".into())), 2);
    let newest = EventQuery { limit: 1, ..all() };
    assert_eq!(timeline.occurrences(&newest).events[0].container_id, id(3));
    for (field, wrong) in
        [("kind", "exploded"), ("kind", ""), ("limit", "0"), ("limit", "x"), ("since", "soon"), ("until", "")]
    {
        let mut text = EventQueryText::default();
        let place = match field {
            "kind" => &mut text.kind,
            "limit" => &mut text.limit,
            "since" => &mut text.since,
            _ => &mut text.until,
        };
        *place = Some(wrong.to_owned());
        assert!(
            EventQuery::read(&text, now()).unwrap_err().unwrap().0.starts_with(field.trim_start_matches("until")),
            "{field}"
        );
    }
    let short = EventQueryText { container: Some("abc".into()), ..Default::default() };
    assert_eq!(EventQuery::read(&short, now()), Err(None));
}

#[tokio::test]
async fn a_reader_returns_new_events_and_waits_for_more() {
    let timeline = Timeline::default();
    timeline.record(LOCAL, &event(1, "start", 9.0, &[]));
    let mut live = timeline.reader(all(), None);
    let mut since = timeline.reader(EventQuery { since: Some(crate::engine::LogTime(0)), ..all() }, None);
    timeline.record(LOCAL, &event(1, "die", 8.0, &[]));
    let kinds = |events: Vec<Occurrence>| events.into_iter().map(|event| event.kind).collect::<Vec<_>>();
    assert_eq!(kinds(live.next().await), [OccurrenceKind::Died]);
    assert_eq!(kinds(since.next().await), [OccurrenceKind::Started, OccurrenceKind::Died]);
    let waiting = tokio::spawn(async move { live.next().await });
    tokio::task::yield_now().await;
    timeline.record(LOCAL, &event(1, "start", 7.0, &[]));
    assert_eq!(kinds(waiting.await.unwrap()), [OccurrenceKind::Started]);
}

#[tokio::test]
async fn a_reader_resumes_at_another_server() {
    let (first, second) = (Timeline::default(), Timeline::default());
    for timeline in [&first, &second] {
        timeline.record(LOCAL, &event(1, "start", 9.0, &[]));
        timeline.record(LOCAL, &event(1, "die", 8.0, &[]));
    }
    let last = first.of(key(1))[0].id.clone();
    assert_eq!(second.reader(all(), Some(&last)).next().await[0].kind, OccurrenceKind::Died);
    // It may arrive before the events, and may have an event that this server never receives.
    let late = Timeline::default();
    let mut reader = late.reader(all(), Some(&last));
    late.record(LOCAL, &event(1, "create", 10.0, &[]));
    late.record(LOCAL, &event(1, "start", 9.0, &[]));
    late.record(LOCAL, &event(1, "die", 8.0, &[]));
    assert_eq!(reader.next().await[0].kind, OccurrenceKind::Died);
}

proptest! {
    /// Readers that connect and disconnect, with a varying number of events in between.
    #[test]
    fn an_interrupted_reader_gets_every_event_once(cuts in prop::collection::vec(1..7_usize, 1..8)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let timeline = Timeline::default();
            let (mut found, mut last, mut number) = (Vec::new(), None::<String>, 0_u64);
            for cut in cuts {
                let mut reader = timeline.reader(all(), last.as_deref().or(Some("0-0")));
                for _ in 0..cut {
                    number += 1;
                    timeline.record(LOCAL, &event(1, "update", 1_000.0 - number as f64, &[]));
                }
                let batch = reader.next().await;
                last = batch.last().map(|event| event.id.clone());
                found.extend(batch.into_iter().map(|event| event.at));
            }
            let all: Vec<_> = timeline.of(key(1)).into_iter().map(|event| event.at).collect();
            assert_eq!(found, all);
            assert_eq!(found.len() as u64, number);
        });
    }
}

#[test]
fn a_gap_begins_at_the_newest_event() {
    let timeline = Timeline::default();
    assert_eq!(timeline.newest(LOCAL), None);
    timeline.record(LOCAL, &event(1, "start", 9.0, &[]));
    assert_eq!(timeline.newest(LOCAL), Some(LogNanos::now() - 9 * SECOND));
}

#[test]
fn equal_ids_on_two_engines_have_events_each() {
    let timeline = Timeline::default();
    let far = EngineName::new("far").unwrap();
    let restarts = LifecycleSettings { restarts: true, ..LifecycleSettings::default() };
    let clone = ContainerKey::new(far, id(1));
    timeline.set_lifecycle_settings(clone, restarts);
    // The same event at the same time: the machines are clones.
    for engine in [LOCAL, far] {
        timeline.record(engine, &event(1, "start", 9.0, &[]));
    }
    timeline.record(far, &event(1, "die", 8.0, &[("exitCode", "1")]));
    assert_eq!((timeline.of(key(1)).len(), timeline.of(clone).len()), (1, 2));
    let ids: HashSet<_> = timeline.occurrences(&all()).events.into_iter().map(|event| event.id).collect();
    assert_eq!(ids.len(), 3);
    assert_eq!(timeline.newest(LOCAL), Some(LogNanos::now() - 9 * SECOND));
    assert_eq!(timeline.newest(far), Some(LogNanos::now() - 8 * SECOND));
    let text = EventQueryText { engine: Some("far".to_owned()), ..Default::default() };
    let of_far = timeline.occurrences(&EventQuery::read(&text, now()).unwrap());
    assert!(of_far.events.len() == 2 && of_far.events.iter().all(|event| event.engine == far));
    // An engine that lists no containers forgets its own only.
    timeline.recall(LOCAL, &[]);
    timeline.record(far, &event(1, "start", 7.0, &[]));
    assert_eq!(timeline.of(clone).pop().unwrap().cause, Some(Cause::RestartPolicy));
}
