//! Causes of exits, and their evidence.

use super::*;

const TERM: (&str, &str) = ("signal", "15");
const KILL: (&str, &str) = ("signal", "9");

/// Actions, seconds ago, and attributes.
type Events<'a> = &'a [(&'a str, f64, &'a [(&'a str, &'a str)])];

/// Description, stop settings, events, and the cause with its basis and whether that
/// is only probable.
type Case<'a> = (&'a str, LifecycleSettings, Events<'a>, (Cause, Basis, bool));

/// Records one run of container 1 with events in seconds before now. Returns the derived cause.
fn concluded(lifecycle_settings: LifecycleSettings, events: Events<'_>) -> (Option<Cause>, Basis, bool) {
    let timeline = Timeline::default();
    timeline.set_lifecycle_settings(key(1), lifecycle_settings);
    timeline.record(LOCAL, &event(1, "start", 900.0, &[]));
    for (action, ago, more) in events {
        timeline.record(LOCAL, &event(1, action, *ago, more));
    }
    let death = timeline.of(key(1)).into_iter().find(|event| event.kind == OccurrenceKind::Died).unwrap();
    let evidence = death.evidence.unwrap();
    (death.cause, evidence.basis, evidence.probable)
}

#[test]
fn the_cause_of_an_exit_follows_from_evidence_and_guesses_are_marked() {
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
            "asked to stop, exited 100 s later with an error",
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
            "asked to stop, exited 100 s later with code 0",
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
fn an_exit_has_the_signals_that_were_sent() {
    let timeline = Timeline::default();
    timeline.record(LOCAL, &event(1, "kill", 10.0, &[("signal", "1")]));
    timeline.record(LOCAL, &event(1, "die", 2.0, &[("exitCode", "1")]));
    let death = timeline.of(key(1)).remove(1);
    let signals = death.evidence.unwrap().signals;
    assert_eq!(signals.len(), 1);
    assert_eq!((signals[0].signal.as_deref(), death.at.since(signals[0].at)), (Some("SIGHUP"), Duration::from_secs(8)));
    // A day of hourly reloads is not shown.
    for minute in 1..100 {
        timeline.record(LOCAL, &event(2, "kill", 60.0 * f64::from(100 - minute), &[("signal", "1")]));
    }
    timeline.record(LOCAL, &event(2, "die", 2.0, &[("exitCode", "1")]));
    assert_eq!(timeline.of(key(2)).pop().unwrap().evidence.unwrap().signals.len(), 3);
}

#[test]
fn actions_of_this_server_are_requests() {
    let timeline = Timeline::default();
    let request = timeline.begin_end_request(key(1));
    timeline.record(LOCAL, &event(1, "die", 0.0, &[("exitCode", "1")]));
    drop(request);
    timeline.record(LOCAL, &event(2, "die", 0.0, &[("exitCode", "1")]));
    let end =
        |number| timeline.of(key(number)).pop().map(|death| (death.cause, death.evidence.unwrap().basis)).unwrap();
    assert_eq!(end(1), (Some(Cause::Request), Basis::Action));
    assert_eq!(end(2), (Some(Cause::Itself), Basis::NoRequest));
}

#[tokio::test]
async fn a_revised_exit_is_sent_again_with_the_same_id() {
    let timeline = Timeline::default();
    let mut live = timeline.reader(all(), None);
    timeline.record(LOCAL, &event(1, "kill", 40.0, &[("signal", "15")]));
    timeline.record(LOCAL, &event(1, "die", 9.0, &[("exitCode", "1")]));
    let first = live.next().await;
    assert_eq!(first[1].cause, Some(Cause::Itself));
    timeline.record(LOCAL, &event(1, "stop", 8.9, &[]));
    let second = live.next().await;
    assert_eq!(
        second.iter().map(|event| event.kind).collect::<Vec<_>>(),
        [OccurrenceKind::Stopped, OccurrenceKind::Died]
    );
    assert_eq!((&second[1].id, second[1].cause), (&first[1].id, Some(Cause::Request)));
    // A list has it once, in its latest version.
    let causes: Vec<_> = events(&timeline);
    assert_eq!(causes[1], (OccurrenceKind::Died, Some(Cause::Request)));
    assert_eq!(causes.len(), 3);
    // A reader of the first version resumes after that.
    let mut again = timeline.reader(all(), Some(&first[1].id));
    assert_eq!(again.next().await.len(), 2);
    let mut over = timeline.reader(all(), Some(&second[0].id));
    assert_eq!(over.next().await.len(), 1);
}
