//! Exits found by inspect, during an outage and next to events.

use super::*;

/// Container `number` with these times in seconds before now.
fn row(number: u8, state: app::model::ContainerState, started: f64, finished: Option<f64>) -> Container {
    let at = |ago: f64| Timestamp::from_millis(LogNanos::now() / 1_000_000 - (ago * 1e3) as u64);
    Container {
        id: id(number),
        started_at: Some(at(started)),
        finished_at: finished.map(at),
        exit_code: finished.map(|_| 137),
        ..crate::store::examples::container(2, state, 0)
    }
}

fn outage(from: f64, until: f64, was_unreachable: bool) -> Outage {
    let at = |ago: f64| Timestamp::from_millis(LogNanos::now() / 1_000_000 - (ago * 1e3) as u64);
    Outage { from: at(from), until: at(until), was_unreachable }
}

#[test]
fn an_engine_stop_is_the_cause_of_its_containers_exits() {
    use app::model::ContainerState::{Exited, Running};
    let timeline = Timeline::default();
    let always = LifecycleSettings { restarts: true, ..LifecycleSettings::default() };
    timeline.set_lifecycle_settings(key(1), always);
    timeline.set_lifecycle_settings(key(2), LifecycleSettings::default());
    // As dockerd 20.10 reports it: of three containers asked to stop, two exit immediately and one
    // is killed; the connection ends with the last of them. Another was stopped by a user a minute
    // before.
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
        timeline.record(LOCAL, &event(number, action, ago, more));
    }
    let rows =
        [row(1, Running, 12.0, Some(19.9)), row(2, Exited, 100.0, Some(29.0)), row(4, Exited, 100.0, Some(80.2))];
    timeline.engine_outage(outage(19.0, 10.0, true), &rows);
    let end = |number| {
        let death = timeline.of(key(number)).into_iter().find(|event| event.kind == OccurrenceKind::Died).unwrap();
        (death.cause.unwrap(), death.evidence.unwrap().probable)
    };
    assert_eq!(end(1), (Cause::EngineRestart, true));
    assert_eq!(end(2), (Cause::EngineRestart, true));
    assert_eq!(end(4).0, Cause::Request, "a person stopped it");
    let start = timeline.of(key(1)).into_iter().find(|event| event.kind == OccurrenceKind::Started).unwrap();
    assert_eq!(start.cause, Some(Cause::RestartPolicy));
    assert_eq!(timeline.end_cause(&rows[1]), Some(Cause::EngineRestart));
}

#[test]
fn a_killed_engine_is_the_cause_of_exits_found_by_inspect() {
    use app::model::ContainerState::{Exited, Running};
    let timeline = Timeline::default();
    // Ends during the outage: one reported by the next engine's events, one by the time in inspect.
    timeline.record(LOCAL, &event(1, "kill", 15.0, &[("signal", "15")]));
    timeline.record(LOCAL, &event(1, "die", 14.0, &[("exitCode", "0")]));
    let rows = [row(1, Exited, 100.0, Some(14.0)), row(2, Exited, 100.0, Some(13.0))];
    timeline.recall(LOCAL, &rows);
    let causes = || [1, 2].map(|number| timeline.end_cause(&rows[number - 1]));
    assert_eq!(causes(), [Some(Cause::Request), None]);
    // A lost link is not evidence if other containers kept running.
    let survivor = row(3, Running, 100.0, None);
    timeline.engine_outage(outage(20.0, 10.0, true), &[rows[0].clone(), rows[1].clone(), survivor]);
    assert_eq!(causes(), [Some(Cause::Request), None]);
    timeline.engine_outage(outage(20.0, 10.0, true), &rows);
    assert_eq!(causes(), [Some(Cause::EngineRestart); 2]);
    assert!(!timeline.of(key(2)).pop().unwrap().evidence.unwrap().probable);
}

#[test]
fn an_oom_kill_inside_belongs_to_its_run() {
    use app::model::ContainerState::{Exited, Running};
    let timeline = Timeline::default();
    timeline.record(LOCAL, &event(1, "oom", 30.0, &[]));
    let revised_causes = |mut container: Container| {
        timeline.explain(&mut container);
        (container.oom_killed, container.process_oom_killed)
    };
    assert_eq!(revised_causes(row(1, Running, 40.0, None)), (false, true));
    assert_eq!(revised_causes(row(1, Running, 20.0, Some(25.0))), (false, false), "of the run before");
    assert_eq!(revised_causes(row(2, Running, 40.0, None)), (false, false), "of another container");
    // Killed by request, although a process was killed for lack of memory before.
    timeline.record(LOCAL, &event(1, "kill", 10.1, &[("signal", "9")]));
    timeline.record(LOCAL, &event(1, "die", 10.0, &[("exitCode", "137")]));
    let flagged = Container { oom_killed: true, ..row(1, Exited, 40.0, Some(10.0)) };
    assert_eq!(revised_causes(flagged), (false, true));
}

#[test]
fn a_late_exit_event_is_merged_with_the_exit_in_inspect() {
    use app::model::ContainerState::Exited;
    let exited = Container { exit_code: Some(7), ..row(1, Exited, 40.0, Some(34.0)) };
    // The engine was frozen and stamps its event when it continues: inspect is read before or after
    // the event.
    for event_is_first in [false, true] {
        let timeline = Timeline::default();
        timeline.record(LOCAL, &event(1, "start", 40.0, &[]));
        if !event_is_first {
            timeline.recall(LOCAL, std::slice::from_ref(&exited));
        }
        let die = event(1, "die", 30.0, &[("exitCode", "7")]);
        timeline.record(LOCAL, &die);
        timeline.recall(LOCAL, std::slice::from_ref(&exited));
        // Replayed, as after a lost link.
        timeline.record(LOCAL, &die);
        let mut deaths = timeline.of(key(1));
        deaths.retain(|event| event.kind == OccurrenceKind::Died);
        assert_eq!(deaths.len(), 1, "{deaths:?}");
        assert_eq!((deaths[0].at, deaths[0].cause), (exited.finished_at.unwrap(), Some(Cause::Itself)));
        assert_eq!(timeline.end_cause(&exited), Some(Cause::Itself));
    }
}

#[test]
fn exits_of_two_runs_are_not_merged() {
    let timeline = Timeline::default();
    for (action, ago) in [("start", 40.0), ("die", 35.0), ("start", 34.0), ("die", 30.0)] {
        timeline.record(LOCAL, &event(1, action, ago, &[("exitCode", "7")]));
    }
    timeline.recall(
        LOCAL,
        &[Container { exit_code: Some(7), ..row(1, app::model::ContainerState::Exited, 34.0, Some(30.0)) }],
    );
    assert_eq!(timeline.of(key(1)).iter().filter(|event| event.kind == OccurrenceKind::Died).count(), 2);
}

#[test]
fn an_exit_during_an_outage_is_only_probably_caused_by_the_engine() {
    use app::model::ContainerState::Exited;
    let exited = Container { exit_code: Some(7), ..row(1, Exited, 40.0, Some(15.0)) };
    let evidence = |was_gone: bool| {
        let timeline = Timeline::default();
        timeline.recall(LOCAL, std::slice::from_ref(&exited));
        timeline.engine_outage(outage(20.0, 10.0, was_gone), std::slice::from_ref(&exited));
        timeline.of(key(1)).pop().unwrap().evidence.map(|evidence| (evidence.basis, evidence.probable))
    };
    assert_eq!(evidence(false), None, "frozen: the engine stopped nothing");
    assert_eq!(evidence(true), Some((Basis::EngineAway, true)));
}
