//! Histories of containers, in seconds, and the ends computed from them.

#![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]

use super::*;
use crate::model::{ContainerKey, EngineName};

const NOW: u64 = 100_000;

fn at(secs: u64) -> Timestamp {
    Timestamp::from_millis(secs * 1_000)
}

fn container(state: ContainerState, started: Option<u64>, finished: Option<u64>, exit_code: Option<i64>) -> Container {
    Container {
        state,
        exit_code,
        created_at: Some(at(1)),
        started_at: started.map(at),
        finished_at: finished.map(at),
        ..Container::unknown(ContainerKey::new(EngineName::LOCAL, "ab".repeat(32).parse().unwrap()))
    }
}

fn history(events: &[(u64, Kind, Option<i64>, Option<Cause>)]) -> Vec<Occurrence> {
    let event = |(secs, kind, exit_code, cause): &(u64, Kind, Option<i64>, Option<Cause>)| Occurrence {
        id: secs.to_string(),
        at: at(*secs),
        engine: EngineName::LOCAL,
        container_id: "ab".repeat(32).parse().unwrap(),
        container_name: "boat".to_owned(),
        kind: *kind,
        exit_code: *exit_code,
        signal: None,
        detail: None,
        cause: *cause,
        evidence: None,
    };
    events.iter().map(event).collect()
}

#[test]
fn a_container_that_never_stopped_has_no_end() {
    assert_eq!(last_end(&container(ContainerState::Running, Some(50), None, None), &[], at(NOW)), None);
    assert_eq!(last_end(&container(ContainerState::Created, None, None, None), &[], at(NOW)), None);
}

#[test]
fn inspect_alone_describes_the_end_of_a_stopped_container() {
    let stopped = container(ContainerState::Exited, Some(50), Some(80), Some(139));
    let end = last_end(&stopped, &[], at(NOW)).unwrap();
    assert_eq!((end.exit_code, end.signal.as_deref(), end.ran_for_secs), (Some(139), Some("SIGSEGV"), Some(30)));
    assert_eq!((end.started_at, end.finished_at, end.cause), (Some(at(50)), at(80), None));
    let killed = Container { oom_killed: true, exit_code: Some(137), ..stopped };
    let end = last_end(&killed, &[], at(NOW)).unwrap();
    assert!(end.oom_killed && end.cause == Some(Cause::OutOfMemory));
    assert!(end.evidence.unwrap().probable, "the flag does not say which process was killed");
}

#[test]
fn a_process_killed_inside_is_reported_beside_the_cause() {
    let stop = history(&[
        (50, Kind::Started, None, None),
        (60, Kind::Oom, None, None),
        (79, Kind::Killed, None, None),
        (80, Kind::Died, Some(0), Some(Cause::Request)),
    ]);
    let stopped = container(ContainerState::Exited, Some(50), Some(80), Some(0));
    let flagged = Container { process_oom_killed: true, ..stopped.clone() };
    for (row, events) in [(&stopped, &stop[..]), (&flagged, &stop[2..]), (&flagged, &[])] {
        let end = last_end(row, events, at(NOW)).unwrap();
        assert_eq!((end.oom_killed, end.process_oom_killed), (false, true), "{events:?}");
        assert_ne!(end.cause, Some(Cause::OutOfMemory));
    }
    // Killed by request, with the flag set by a process that was killed before.
    let killed = Container { oom_killed: true, exit_code: Some(137), ..stopped };
    let request = history(&[(80, Kind::Died, Some(137), Some(Cause::Request))]);
    let end = last_end(&killed, &request, at(NOW)).unwrap();
    assert_eq!((end.cause, end.oom_killed, end.process_oom_killed), (Some(Cause::Request), false, true));
    // The event of an out-of-memory kill can arrive too late, or not at all.
    let unasked = history(&[(80, Kind::Died, Some(137), Some(Cause::Itself))]);
    let end = last_end(&killed, &unasked, at(NOW)).unwrap();
    assert_eq!((end.cause, end.oom_killed, end.process_oom_killed), (Some(Cause::OutOfMemory), true, false));
    // The next run does not have the flag.
    let again = container(ContainerState::Running, Some(90), Some(80), None);
    let end = last_end(&again, &[], at(NOW)).unwrap();
    assert_eq!((end.oom_killed, end.process_oom_killed), (false, false));
}

#[test]
fn events_add_the_cause_and_the_exit_code_that_inspect_drops_on_restart() {
    let events = history(&[
        (50, Kind::Started, None, Some(Cause::Request)),
        (80, Kind::Died, Some(3), Some(Cause::Itself)),
        (81, Kind::Started, None, Some(Cause::RestartPolicy)),
    ]);
    let runs = container(ContainerState::Running, Some(81), Some(80), Some(0));
    let end = last_end(&runs, &events, at(90)).unwrap();
    assert_eq!((end.exit_code, end.cause, end.started_at), (Some(3), Some(Cause::Itself), Some(at(50))));
    assert_eq!((end.ran_for_secs, end.restarts_last_hour, end.crash_looping), (Some(30), 1, false));
    // Without events the exit code is unknown: inspect's 0 belongs to no run.
    let end = last_end(&runs, &[], at(90)).unwrap();
    assert_eq!((end.exit_code, end.started_at, end.ran_for_secs), (None, None, None));
}

#[test]
fn an_end_known_to_only_one_source_counts() {
    // Inspect is older than the newest event.
    let runs = container(ContainerState::Running, Some(50), Some(40), Some(0));
    let events = history(&[(50, Kind::Started, None, None), (80, Kind::Died, Some(1), None)]);
    assert_eq!(last_end(&runs, &events, at(NOW)).unwrap().finished_at, at(80));
    // The events are older than inspect.
    let stopped = container(ContainerState::Exited, Some(90), Some(95), Some(2));
    let end = last_end(&stopped, &events, at(NOW)).unwrap();
    assert_eq!((end.exit_code, end.finished_at, end.cause), (Some(2), at(95), None));
}

#[test]
fn a_loop_is_three_restarts_in_ten_minutes_and_ends_with_a_long_run() {
    let restart = |secs: u64| {
        [(secs, Kind::Died, Some(1), Some(Cause::Itself)), (secs + 1, Kind::Started, None, Some(Cause::RestartPolicy))]
    };
    let times = [NOW - 4_000, NOW - 500, NOW - 400, NOW - 300];
    let events = history(&times.map(restart).concat());
    let running = |started: u64| container(ContainerState::Running, Some(started), Some(NOW - 300), Some(0));
    let end = last_end(&running(NOW - 60), &events, at(NOW)).unwrap();
    assert!(end.crash_looping);
    assert_eq!(end.restarts_last_hour, 3);
    assert!(!last_end(&running(NOW - 121), &events, at(NOW)).unwrap().crash_looping);
    assert!(!last_end(&running(NOW - 60), &events[..6], at(NOW)).unwrap().crash_looping);
    let waiting = container(ContainerState::Restarting, Some(NOW - 9), Some(NOW - 8), Some(1));
    assert!(last_end(&waiting, &events, at(NOW)).unwrap().crash_looping);
    // Before events were recorded, the container's own count is used.
    let counted = Container { restart_count: 5, ..waiting.clone() };
    assert!(last_end(&counted, &[], at(NOW)).unwrap().crash_looping);
    assert!(!last_end(&waiting, &[], at(NOW)).unwrap().crash_looping);
    let given_up = container(ContainerState::Exited, Some(NOW - 9), Some(NOW - 8), Some(1));
    assert!(!last_end(&given_up, &events, at(NOW)).unwrap().crash_looping);
}
