//! Events told to a timeline, and what it tells.

#![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]

use super::*;
use proptest::prelude::*;
use serde_json::json;

const SECOND: u64 = 1_000_000_000;

fn id(number: u8) -> ContainerId {
    format!("{number:02x}").repeat(32).parse().unwrap()
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

/// The present in nanoseconds, the same for a whole test.
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
fn why_a_run_ended_or_began_is_told_by_what_went_before() {
    use Cause::{Itself, OutOfMemory, Request, RestartPolicy};
    use OccurrenceKind::{Died, Killed, Oom, Started};
    let timeline = Timeline::default();
    let lifecycle_settings = |restarts| LifecycleSettings { restarts, ..LifecycleSettings::default() };
    timeline.set_lifecycle_settings(id(1), lifecycle_settings(true));
    let code = [("exitCode", "1")];
    for (action, ago, more) in [
        ("start", 900.0, &[][..]),
        ("die", 800.0, &code),
        ("start", 799.0, &[]),
        ("kill", 700.0, &[("signal", "15")]),
        ("die", 699.0, &code),
        ("start", 698.0, &[]),
        // Reads its configuration again, and crashes much later.
        ("kill", 600.0, &[("signal", "1")]),
        ("die", 500.0, &code),
        ("start", 100.0, &[]),
        ("oom", 60.0, &[]),
        ("die", 59.0, &[("exitCode", "137")]),
        ("start", 58.0, &[]),
    ] {
        timeline.record(&event(1, action, ago, more));
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
        // Too late for the policy.
        (Started, Some(Request)),
        (Oom, None),
        (Died, Some(OutOfMemory)),
        (Started, Some(RestartPolicy)),
    ];
    assert_eq!(events(&timeline), expected);
    // Where no policy starts it, somebody did.
    timeline.set_lifecycle_settings(id(2), lifecycle_settings(false));
    timeline.record(&event(2, "die", 20.0, &code));
    timeline.record(&event(2, "start", 19.0, &[]));
    assert_eq!(timeline.of(id(2))[1].cause, Some(Request));
}

#[test]
fn an_event_that_comes_again_is_told_once() {
    let timeline = Timeline::default();
    let start = event(1, "start", 5.0, &[]);
    timeline.record(&start);
    timeline.record(&start);
    timeline.record(&event(1, "die", 4.0, &[]));
    timeline.record(&start);
    assert_eq!(events(&timeline).len(), 2);
    let ids: Vec<_> = timeline.of(id(1)).into_iter().map(|event| event.id).collect();
    assert!(ids[0] != ids[1] && ids[0].parse::<Key>().is_ok(), "{ids:?}");
}

#[test]
fn what_is_kept_is_bounded_by_number_bytes_and_age() {
    let timeline = Timeline::default();
    timeline.record(&event(1, "start", 24.0 * 3600.0 + 1.0, &[]));
    assert!(events(&timeline).is_empty(), "a day and a second ago");
    for number in 0..60 {
        timeline.record(&event(1, "start", 1_000.0 - f64::from(number), &[]));
    }
    assert_eq!(events(&timeline).len(), 50);
    let long = "x".repeat(10_000);
    for number in 0..60 {
        timeline.record(&event(1, "create", 500.0 - f64::from(number), &[("image", &long)]));
    }
    assert!((5..10).contains(&events(&timeline).len()), "100,000 bytes hold nine: {}", events(&timeline).len());
}

#[test]
fn what_no_event_told_of_is_recalled_from_inspects_times() {
    let timeline = Timeline::default();
    let ago = |secs: u64| Some(Timestamp::from_millis(LogNanos::now() / 1_000_000 - secs * 1_000));
    let mut container = crate::store::examples::container(1, app::model::ContainerState::Exited, 0);
    (container.created_at, container.started_at, container.finished_at) = (ago(25 * 3600), ago(100), ago(50));
    (container.exit_code, container.oom_killed) = (Some(137), true);
    let event_of_start = {
        let mut message = event(1, "start", 100.5, &[]);
        message.actor.as_mut().unwrap().id = Some(container.id.to_string());
        message
    };
    timeline.record(&event_of_start);
    for _ in 0..2 {
        timeline.recall(std::slice::from_ref(&container));
    }
    let told = timeline.of(container.id);
    assert_eq!(told.len(), 2, "created more than a day ago, started as the event told: {told:?}");
    let died = &told[1];
    assert_eq!((died.kind, died.exit_code, died.cause), (OccurrenceKind::Died, Some(137), Some(Cause::OutOfMemory)));
    assert_eq!((died.signal.as_deref(), died.at), (Some("SIGKILL"), container.finished_at.unwrap()));
}

#[test]
fn the_policy_of_a_container_that_went_unnoticed_is_let_go() {
    let timeline = Timeline::default();
    let there = crate::store::examples::container(1, app::model::ContainerState::Running, 0);
    timeline.set_lifecycle_settings(there.id, LifecycleSettings::default());
    timeline.set_lifecycle_settings(id(2), LifecycleSettings::default());
    timeline.recall(std::slice::from_ref(&there));
    assert_eq!(timeline.lock().lifecycle_settings.keys().copied().collect::<Vec<_>>(), [there.id]);
}

#[test]
fn events_are_chosen_by_time_container_kind_and_number() {
    let timeline = Timeline::default();
    for number in 1..=3 {
        timeline.record(&event(number, "start", 100.0 - f64::from(number), &[]));
        timeline.record(&event(number, "die", 50.0 - f64::from(number), &[("exitCode", "1")]));
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
async fn a_reader_reads_what_is_new_and_waits_for_more() {
    let timeline = Timeline::default();
    timeline.record(&event(1, "start", 9.0, &[]));
    let mut live = timeline.reader(all(), None);
    let mut since = timeline.reader(EventQuery { since: Some(crate::engine::LogTime(0)), ..all() }, None);
    timeline.record(&event(1, "die", 8.0, &[]));
    let kinds = |events: Vec<Occurrence>| events.into_iter().map(|event| event.kind).collect::<Vec<_>>();
    assert_eq!(kinds(live.next().await), [OccurrenceKind::Died]);
    assert_eq!(kinds(since.next().await), [OccurrenceKind::Started, OccurrenceKind::Died]);
    let waiting = tokio::spawn(async move { live.next().await });
    tokio::task::yield_now().await;
    timeline.record(&event(1, "start", 7.0, &[]));
    assert_eq!(kinds(waiting.await.unwrap()), [OccurrenceKind::Started]);
}

#[tokio::test]
async fn a_reader_goes_on_at_another_server_that_has_the_events_from_the_engine() {
    let (first, second) = (Timeline::default(), Timeline::default());
    for timeline in [&first, &second] {
        timeline.record(&event(1, "start", 9.0, &[]));
        timeline.record(&event(1, "die", 8.0, &[]));
    }
    let last = first.of(id(1))[0].id.clone();
    assert_eq!(second.reader(all(), Some(&last)).next().await[0].kind, OccurrenceKind::Died);
    // It may come before the events do, and may have seen one that this server never hears of.
    let late = Timeline::default();
    let mut reader = late.reader(all(), Some(&last));
    late.record(&event(1, "create", 10.0, &[]));
    late.record(&event(1, "start", 9.0, &[]));
    late.record(&event(1, "die", 8.0, &[]));
    assert_eq!(reader.next().await[0].kind, OccurrenceKind::Died);
}

proptest! {
    /// Readers that come and go, with as many events in between as there are.
    #[test]
    fn a_reader_that_is_cut_off_misses_nothing_and_reads_nothing_twice(cuts in prop::collection::vec(1..7_usize, 1..8)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let timeline = Timeline::default();
            let (mut told, mut last, mut number) = (Vec::new(), None::<String>, 0_u64);
            for cut in cuts {
                let mut reader = timeline.reader(all(), last.as_deref().or(Some("0-0")));
                for _ in 0..cut {
                    number += 1;
                    timeline.record(&event(1, "update", 1_000.0 - number as f64, &[]));
                }
                let batch = reader.next().await;
                last = batch.last().map(|event| event.id.clone());
                told.extend(batch.into_iter().map(|event| event.at));
            }
            let all: Vec<_> = timeline.of(id(1)).into_iter().map(|event| event.at).collect();
            assert_eq!(told, all);
            assert_eq!(told.len() as u64, number);
        });
    }
}

#[test]
fn the_newest_time_is_where_a_gap_begins() {
    let timeline = Timeline::default();
    assert_eq!(timeline.newest(), None);
    timeline.record(&event(1, "start", 9.0, &[]));
    assert_eq!(timeline.newest(), Some(LogNanos::now() - 9 * SECOND));
}

const TERM: (&str, &str) = ("signal", "15");
const KILL: (&str, &str) = ("signal", "9");

/// Actions, seconds ago, and attributes.
type Events<'a> = &'a [(&'a str, f64, &'a [(&'a str, &'a str)])];

/// What it is, how the container stops, its events, and the cause with its basis and whether that
/// is only probable.
type Case<'a> = (&'a str, LifecycleSettings, Events<'a>, (Cause, Basis, bool));

/// One run of container 1, its events in seconds before now, and what is concluded from it.
fn concluded(lifecycle_settings: LifecycleSettings, events: Events<'_>) -> (Option<Cause>, Basis, bool) {
    let timeline = Timeline::default();
    timeline.set_lifecycle_settings(id(1), lifecycle_settings);
    timeline.record(&event(1, "start", 900.0, &[]));
    for (action, ago, more) in events {
        timeline.record(&event(1, action, *ago, more));
    }
    let death = timeline.of(id(1)).into_iter().find(|event| event.kind == OccurrenceKind::Died).unwrap();
    let evidence = death.evidence.unwrap();
    (death.cause, evidence.basis, evidence.probable)
}

#[test]
fn an_end_is_put_down_to_evidence_and_a_guess_is_marked() {
    use Basis::{EndSignal, ExitCode, NoRequest, OomEvent, StopEvent, StopSignal};
    use Cause::{Itself, OutOfMemory, Request};
    let usual = LifecycleSettings::default();
    let quit = LifecycleSettings { stop_signal: 3, ..usual };
    let patient = LifecycleSettings { stop_timeout: Some(Duration::from_secs(120)), ..usual };
    let sent = |number: &'static str| [("signal", number)];
    let code = |code: &'static str| [("exitCode", code)];
    let cases: [Case<'_>; 26] = [
        (
            "a reload, and an error 8 s later",
            usual,
            &[("kill", 10.0, &sent("1")), ("die", 2.0, &code("1"))],
            (Itself, NoRequest, false),
        ),
        (
            "a reload, and an error at once",
            usual,
            &[("kill", 2.1, &sent("1")), ("die", 2.0, &code("1"))],
            (Itself, NoRequest, false),
        ),
        (
            "a reload, and an end without error",
            usual,
            &[("kill", 10.0, &sent("1")), ("die", 2.0, &code("0"))],
            (Itself, NoRequest, false),
        ),
        ("hung up by it", usual, &[("kill", 2.1, &sent("1")), ("die", 2.0, &code("129"))], (Request, ExitCode, false)),
        (
            "ended by a user's signal",
            usual,
            &[("kill", 2.1, &sent("10")), ("die", 2.0, &code("138"))],
            (Request, ExitCode, false),
        ),
        (
            "a user's signal, and an end",
            usual,
            &[("kill", 5.0, &sent("10")), ("die", 2.0, &code("0"))],
            (Itself, NoRequest, false),
        ),
        (
            "stopped, exits 0",
            usual,
            &[("kill", 3.0, &[TERM]), ("die", 2.0, &code("0")), ("stop", 1.9, &[])],
            (Request, StopEvent, false),
        ),
        (
            "stopped, exits 3",
            usual,
            &[("kill", 3.0, &[TERM]), ("die", 2.0, &code("3")), ("stop", 1.9, &[])],
            (Request, StopEvent, false),
        ),
        (
            "stopped, ends by the signal",
            usual,
            &[("kill", 3.0, &[TERM]), ("die", 2.0, &code("143")), ("stop", 1.9, &[])],
            (Request, ExitCode, false),
        ),
        (
            "stopped by the engine's force",
            usual,
            &[("kill", 12.1, &[TERM]), ("kill", 2.1, &[KILL]), ("die", 2.0, &code("137")), ("stop", 1.9, &[])],
            (Request, ExitCode, false),
        ),
        (
            "stopped, took five minutes",
            usual,
            &[("kill", 302.0, &[TERM]), ("die", 2.0, &code("1")), ("stop", 1.9, &[])],
            (Request, StopEvent, false),
        ),
        (
            "told to end, did 100 s later with an error",
            usual,
            &[("kill", 102.0, &[TERM]), ("die", 2.0, &code("1"))],
            (Itself, NoRequest, false),
        ),
        (
            "the same, as its grace allows",
            patient,
            &[("kill", 102.0, &[TERM]), ("die", 2.0, &code("1"))],
            (Request, StopSignal, true),
        ),
        (
            "told to end, did 100 s later in order",
            usual,
            &[("kill", 102.0, &[TERM]), ("die", 2.0, &code("0"))],
            (Request, StopSignal, true),
        ),
        (
            "restarted",
            usual,
            &[("kill", 4.0, &[TERM]), ("die", 3.0, &code("7")), ("start", 2.5, &[]), ("restart", 2.4, &[])],
            (Request, StopEvent, false),
        ),
        ("killed", usual, &[("kill", 2.1, &[KILL]), ("die", 2.0, &code("137"))], (Request, ExitCode, false)),
        (
            "its own stop signal",
            quit,
            &[("kill", 3.0, &sent("3")), ("die", 2.0, &code("0"))],
            (Request, StopSignal, true),
        ),
        (
            "another one's stop signal, in order",
            quit,
            &[("kill", 3.0, &[TERM]), ("die", 2.0, &code("0"))],
            (Request, EndSignal, true),
        ),
        (
            "another one's stop signal, with an error",
            quit,
            &[("kill", 3.0, &[TERM]), ("die", 2.0, &code("1"))],
            (Itself, NoRequest, false),
        ),
        (
            "a thread dump, and an error",
            usual,
            &[("kill", 3.0, &sent("3")), ("die", 2.0, &code("1"))],
            (Itself, NoRequest, false),
        ),
        ("137 of its own accord", usual, &[("die", 2.0, &code("137"))], (Itself, NoRequest, false)),
        (
            "killed for lack of memory",
            usual,
            &[("oom", 2.2, &[]), ("die", 2.0, &code("137"))],
            (OutOfMemory, OomEvent, false),
        ),
        (
            "a process inside was killed, and it gave up",
            usual,
            &[("oom", 2.2, &[]), ("die", 2.0, &code("1"))],
            (Itself, NoRequest, false),
        ),
        (
            "a process inside was killed, and it was stopped by force",
            usual,
            &[("oom", 5.0, &[]), ("kill", 2.1, &[KILL]), ("die", 2.0, &code("137"))],
            (Request, ExitCode, false),
        ),
        (
            "Podman, which sends no signals and reports the stop first",
            usual,
            &[("stop", 2.1, &[]), ("die", 2.0, &code("1"))],
            (Request, StopEvent, false),
        ),
        (
            "Podman's restart policy, which reports a restart before the start",
            usual,
            &[("die", 2.9, &code("5")), ("restart", 2.7, &[]), ("start", 2.5, &[])],
            (Itself, NoRequest, false),
        ),
    ];
    for (what, lifecycle_settings, events, (cause, basis, probable)) in cases {
        assert_eq!(concluded(lifecycle_settings, events), (Some(cause), basis, probable), "{what}");
    }
}

#[test]
fn signals_that_were_sent_are_told_with_an_end() {
    let timeline = Timeline::default();
    timeline.record(&event(1, "kill", 10.0, &[("signal", "1")]));
    timeline.record(&event(1, "die", 2.0, &[("exitCode", "1")]));
    let death = timeline.of(id(1)).remove(1);
    let signals = death.evidence.unwrap().signals;
    assert_eq!(signals.len(), 1);
    assert_eq!((signals[0].signal.as_deref(), death.at.since(signals[0].at)), (Some("SIGHUP"), Duration::from_secs(8)));
    // A day of hourly reloads is not told.
    for minute in 1..100 {
        timeline.record(&event(2, "kill", 60.0 * f64::from(100 - minute), &[("signal", "1")]));
    }
    timeline.record(&event(2, "die", 2.0, &[("exitCode", "1")]));
    assert_eq!(timeline.of(id(2)).pop().unwrap().evidence.unwrap().signals.len(), 3);
}

#[test]
fn what_this_server_was_asked_for_is_a_request() {
    let timeline = Timeline::default();
    let request = timeline.begin_end_request(id(1));
    timeline.record(&event(1, "die", 0.0, &[("exitCode", "1")]));
    drop(request);
    timeline.record(&event(2, "die", 0.0, &[("exitCode", "1")]));
    let end = |number| timeline.of(id(number)).pop().map(|death| (death.cause, death.evidence.unwrap().basis)).unwrap();
    assert_eq!(end(1), (Some(Cause::Request), Basis::Action));
    assert_eq!(end(2), (Some(Cause::Itself), Basis::NoRequest));
}

#[tokio::test]
async fn an_end_that_is_known_better_is_told_again_under_its_id() {
    let timeline = Timeline::default();
    let mut live = timeline.reader(all(), None);
    timeline.record(&event(1, "kill", 40.0, &[("signal", "15")]));
    timeline.record(&event(1, "die", 9.0, &[("exitCode", "1")]));
    let first = live.next().await;
    assert_eq!(first[1].cause, Some(Cause::Itself));
    timeline.record(&event(1, "stop", 8.9, &[]));
    let second = live.next().await;
    assert_eq!(
        second.iter().map(|event| event.kind).collect::<Vec<_>>(),
        [OccurrenceKind::Stopped, OccurrenceKind::Died]
    );
    assert_eq!((&second[1].id, second[1].cause), (&first[1].id, Some(Cause::Request)));
    // One that lists them meets it once, as it is known now.
    let causes: Vec<_> = events(&timeline);
    assert_eq!(causes[1], (OccurrenceKind::Died, Some(Cause::Request)));
    assert_eq!(causes.len(), 3);
    // One that read only the first telling goes on behind that.
    let mut again = timeline.reader(all(), Some(&first[1].id));
    assert_eq!(again.next().await.len(), 2);
    let mut over = timeline.reader(all(), Some(&second[0].id));
    assert_eq!(over.next().await.len(), 1);
}

/// Container `number` with these times in seconds before now.
fn row(number: u8, state: app::model::ContainerState, started: f64, finished: Option<f64>) -> Container {
    let at = |ago: f64| Timestamp::from_millis(LogNanos::now() / 1_000_000 - (ago * 1e3) as u64);
    Container {
        id: id(number),
        started_at: Some(at(started)),
        finished_at: finished.map(at),
        exit_code: finished.map(|_| 137),
        ..crate::store::examples::container(1, state, 0)
    }
}

fn outage(from: f64, until: f64, was_unreachable: bool) -> Outage {
    let at = |ago: f64| Timestamp::from_millis(LogNanos::now() / 1_000_000 - (ago * 1e3) as u64);
    Outage { from: at(from), until: at(until), was_unreachable }
}

#[test]
fn an_engine_that_stops_explains_the_ends_of_its_containers() {
    use app::model::ContainerState::{Exited, Running};
    let timeline = Timeline::default();
    let always = LifecycleSettings { restarts: true, ..LifecycleSettings::default() };
    timeline.set_lifecycle_settings(id(1), always);
    timeline.set_lifecycle_settings(id(2), LifecycleSettings::default());
    // As dockerd 20.10 reports it: asked together, two end at once and one is killed; the
    // connection ends with the last of them. One was stopped by a person a minute before.
    for (number, action, ago, more) in [
        (4, "kill", 90.0, &[("signal", "15")][..]),
        (4, "die", 80.2, &[("exitCode", "0")]),
        (4, "stop", 80.1, &[]),
        (1, "kill", 30.01, &[("signal", "15")]),
        (2, "kill", 30.0, &[("signal", "15")]),
        (2, "die", 29.0, &[("exitCode", "0")]),
        (2, "stop", 28.9, &[]),
        (1, "kill", 20.0, &[("signal", "9")]),
        (1, "die", 19.9, &[("exitCode", "137")]),
        (1, "stop", 19.8, &[]),
        (1, "start", 12.0, &[]),
    ] {
        timeline.record(&event(number, action, ago, more));
    }
    let rows =
        [row(1, Running, 12.0, Some(19.9)), row(2, Exited, 100.0, Some(29.0)), row(4, Exited, 100.0, Some(80.2))];
    timeline.engine_outage(outage(19.0, 10.0, true), &rows);
    let end = |number| {
        let death = timeline.of(id(number)).into_iter().find(|event| event.kind == OccurrenceKind::Died).unwrap();
        (death.cause.unwrap(), death.evidence.unwrap().probable)
    };
    assert_eq!(end(1), (Cause::EngineRestart, true));
    assert_eq!(end(2), (Cause::EngineRestart, true));
    assert_eq!(end(4).0, Cause::Request, "a person stopped it");
    let start = timeline.of(id(1)).into_iter().find(|event| event.kind == OccurrenceKind::Started).unwrap();
    assert_eq!(start.cause, Some(Cause::RestartPolicy));
    assert_eq!(timeline.end_cause(&rows[1]), Some(Cause::EngineRestart));
}

#[test]
fn an_engine_that_was_killed_explains_what_inspect_alone_tells() {
    use app::model::ContainerState::{Exited, Running};
    let timeline = Timeline::default();
    // Ends in the absence: one told by the next engine's events, one by inspect's time.
    timeline.record(&event(1, "kill", 15.0, &[("signal", "15")]));
    timeline.record(&event(1, "die", 14.0, &[("exitCode", "0")]));
    let rows = [row(1, Exited, 100.0, Some(14.0)), row(2, Exited, 100.0, Some(13.0))];
    timeline.recall(&rows);
    let causes = || [1, 2].map(|number| timeline.end_cause(&rows[number - 1]));
    assert_eq!(causes(), [Some(Cause::Request), None]);
    // A link that was cut while others ran on says nothing.
    let survivor = row(3, Running, 100.0, None);
    timeline.engine_outage(outage(20.0, 10.0, true), &[rows[0].clone(), rows[1].clone(), survivor]);
    assert_eq!(causes(), [Some(Cause::Request), None]);
    timeline.engine_outage(outage(20.0, 10.0, true), &rows);
    assert_eq!(causes(), [Some(Cause::EngineRestart); 2]);
    assert!(!timeline.of(id(2)).pop().unwrap().evidence.unwrap().probable);
}

#[test]
fn a_process_killed_inside_is_of_the_run_it_was_killed_in() {
    use app::model::ContainerState::{Exited, Running};
    let timeline = Timeline::default();
    timeline.record(&event(1, "oom", 30.0, &[]));
    let revised_causes = |mut container: Container| {
        timeline.explain(&mut container);
        (container.oom_killed, container.process_oom_killed)
    };
    assert_eq!(revised_causes(row(1, Running, 40.0, None)), (false, true));
    assert_eq!(revised_causes(row(1, Running, 20.0, Some(25.0))), (false, false), "of the run before");
    assert_eq!(revised_causes(row(2, Running, 40.0, None)), (false, false), "of another container");
    // Killed by request, though a process was killed for lack of memory before.
    timeline.record(&event(1, "kill", 10.1, &[("signal", "9")]));
    timeline.record(&event(1, "die", 10.0, &[("exitCode", "137")]));
    let flagged = Container { oom_killed: true, ..row(1, Exited, 40.0, Some(10.0)) };
    assert_eq!(revised_causes(flagged), (false, true));
}

#[test]
fn an_event_stamped_late_is_of_the_end_that_inspect_knows() {
    use app::model::ContainerState::Exited;
    let exited = Container { exit_code: Some(7), ..row(1, Exited, 40.0, Some(34.0)) };
    // The engine was frozen, and stamps its event when it goes on: inspect is read before the event, or after it.
    for event_is_first in [false, true] {
        let timeline = Timeline::default();
        timeline.record(&event(1, "start", 40.0, &[]));
        if !event_is_first {
            timeline.recall(std::slice::from_ref(&exited));
        }
        let die = event(1, "die", 30.0, &[("exitCode", "7")]);
        timeline.record(&die);
        timeline.recall(std::slice::from_ref(&exited));
        // Replayed, as after a link that was lost.
        timeline.record(&die);
        let mut deaths = timeline.of(id(1));
        deaths.retain(|event| event.kind == OccurrenceKind::Died);
        assert_eq!(deaths.len(), 1, "{deaths:?}");
        assert_eq!((deaths[0].at, deaths[0].cause), (exited.finished_at.unwrap(), Some(Cause::Itself)));
        assert_eq!(timeline.end_cause(&exited), Some(Cause::Itself));
    }
}

#[test]
fn ends_of_two_runs_stay_two() {
    let timeline = Timeline::default();
    for (action, ago) in [("start", 40.0), ("die", 35.0), ("start", 34.0), ("die", 30.0)] {
        timeline.record(&event(1, action, ago, &[("exitCode", "7")]));
    }
    timeline
        .recall(&[Container { exit_code: Some(7), ..row(1, app::model::ContainerState::Exited, 34.0, Some(30.0)) }]);
    assert_eq!(timeline.of(id(1)).iter().filter(|event| event.kind == OccurrenceKind::Died).count(), 2);
}

#[test]
fn an_exit_of_its_own_while_the_link_was_lost_is_not_surely_the_engines() {
    use app::model::ContainerState::Exited;
    let exited = Container { exit_code: Some(7), ..row(1, Exited, 40.0, Some(15.0)) };
    let evidence = |was_gone: bool| {
        let timeline = Timeline::default();
        timeline.recall(std::slice::from_ref(&exited));
        timeline.engine_outage(outage(20.0, 10.0, was_gone), std::slice::from_ref(&exited));
        timeline.of(id(1)).pop().unwrap().evidence.map(|evidence| (evidence.basis, evidence.probable))
    };
    assert_eq!(evidence(false), None, "frozen: the engine stopped nothing");
    assert_eq!(evidence(true), Some((Basis::EngineAway, true)));
}
