//! Status of a container in one line.

use super::{age, ago, exit_reason, has_exited_unexpectedly};
use crate::model::{Cause, Container, ContainerState, Health, Timestamp};
use std::time::Duration;

/// Minimum number of restarts in a crash loop. `last_end` applies the same limits to events; here
/// only the container is known.
const MIN_LOOP_RESTARTS: i64 = 3;
/// Minimum duration of a run after which the container has left the loop: twice the engine's
/// longest delay between two runs.
const MIN_STABLE_RUN: Duration = Duration::from_secs(120);

/// Details after the state, as of `now` on the engine's clock: `(137) 2 min ago` after "Stopped",
/// `up 3 h` after "Running".
pub fn status_detail(container: &Container, now: Timestamp) -> String {
    let looping = is_crash_looping(container, now).then(|| "crash loop".to_owned());
    join([looping, Some(plain_detail(container, now)).filter(|detail| !detail.is_empty())], ", ")
}

fn plain_detail(container: &Container, now: Timestamp) -> String {
    match container.state {
        ContainerState::Running | ContainerState::Paused => match container.started_at {
            Some(started) => format!("up {}", age(now.since(started))),
            None => String::new(),
        },
        ContainerState::Created | ContainerState::Removing => {
            container.created_at.map(|created| ago(now, created)).unwrap_or_default()
        }
        ContainerState::Exited | ContainerState::Dead | ContainerState::Restarting => {
            let code = container.exit_code.map(|code| format!("({code})"));
            let when = container.finished_at.map(|finished| ago(now, finished));
            join([code, when], " ")
        }
    }
}

/// The reason why a container has no samples, shown in their place: the exit code and its meaning.
pub fn status_reason(container: &Container) -> String {
    match container.state {
        ContainerState::Running | ContainerState::Paused => String::new(),
        ContainerState::Created => "Never started".to_owned(),
        ContainerState::Removing => "The engine is removing it".to_owned(),
        ContainerState::Exited | ContainerState::Dead | ContainerState::Restarting => {
            let reason = container.exit_code.map(|code| exit_words(code, container.oom_killed));
            let reason = match container.end_cause {
                Some(Cause::Request) => join([Some("Stopped by request".to_owned()), reason], ". "),
                Some(Cause::EngineRestart) => join([Some("Stopped with the engine".to_owned()), reason], ". "),
                _ => reason.unwrap_or_default(),
            };
            join([Some(reason).filter(|reason| !reason.is_empty()), last_run(container).map(age)], ", after ")
        }
    }
}

/// `Exit code 137: killed (SIGKILL)`; `Exit code 3` if the code has no special meaning.
pub fn exit_words(code: i64, oom_killed: bool) -> String {
    match &*exit_reason(code, oom_killed) {
        reason if reason.starts_with("exited with code") => format!("Exit code {code}"),
        reason => format!("Exit code {code}: {reason}"),
    }
}

/// Duration of the last run that ended; `None` if the times belong to different runs.
fn last_run(container: &Container) -> Option<Duration> {
    let (started, finished) = container.started_at.zip(container.finished_at)?;
    (finished >= started).then(|| finished.since(started))
}

/// True if the container keeps restarting and exiting, judging by its current data.
pub fn is_crash_looping(container: &Container, now: Timestamp) -> bool {
    crash_loop(container).is_some_and(|found| found.is_one(now))
}

/// A container that its restart policy has restarted several times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrashLoop {
    /// Waiting for the next run, after a short one.
    Waiting,
    /// Running since this time; in a loop until the run is long enough.
    RunningSince(Timestamp),
}

impl CrashLoop {
    /// True if the container is still in a crash loop.
    pub fn is_one(self, now: Timestamp) -> bool {
        match self {
            Self::Waiting => true,
            Self::RunningSince(since) => now.since(since) < MIN_STABLE_RUN,
        }
    }
}

/// The part of [`is_crash_looping`] that does not need the time.
pub fn crash_loop(container: &Container) -> Option<CrashLoop> {
    if container.restart_count < MIN_LOOP_RESTARTS {
        return None;
    }
    match container.state {
        ContainerState::Restarting => {
            last_run(container).is_none_or(|run| run < MIN_STABLE_RUN).then_some(CrashLoop::Waiting)
        }
        ContainerState::Running => {
            let (started, finished) = container.started_at.zip(container.finished_at)?;
            Some(CrashLoop::RunningSince(started.min(finished)))
        }
        _ => None,
    }
}

/// True if the container's state needs an explanation: it is not running, has restarted, or is
/// unhealthy.
pub fn needs_explanation(container: &Container) -> bool {
    match container.state {
        ContainerState::Exited | ContainerState::Dead | ContainerState::Restarting => true,
        ContainerState::Created => container.error.is_some(),
        ContainerState::Running => {
            container.restart_count > 0 || container.health == Some(Health::Unhealthy) || container.process_oom_killed
        }
        ContainerState::Paused | ContainerState::Removing => false,
    }
}

/// Explanation of a state: the reason, and the exact time as formatted by `date_time`.
pub fn status_explanation(container: &Container, date_time: &dyn Fn(Timestamp) -> String) -> String {
    let dated =
        |words: &str, at: Option<Timestamp>| at.map(|at| [words, " ", &date_time(at)].concat()).unwrap_or_default();
    match container.state {
        ContainerState::Running | ContainerState::Paused => dated("Up since", container.started_at),
        ContainerState::Created => dated("Never started; created", container.created_at),
        ContainerState::Removing => status_reason(container),
        ContainerState::Exited | ContainerState::Dead | ContainerState::Restarting => {
            let reason = Some(status_reason(container)).filter(|reason| !reason.is_empty());
            join([reason, container.finished_at.map(date_time)], ", ")
        }
    }
}

/// True if the last run failed.
pub fn has_failed(container: &Container) -> bool {
    match container.state {
        ContainerState::Exited => has_exited_unexpectedly(container),
        ContainerState::Dead => true,
        ContainerState::Created
        | ContainerState::Running
        | ContainerState::Paused
        | ContainerState::Restarting
        | ContainerState::Removing => false,
    }
}

fn join(parts: [Option<String>; 2], separator: &str) -> String {
    match parts {
        [Some(mut first), Some(second)] => {
            first.push_str(separator);
            first.push_str(&second);
            first
        }
        [first, second] => first.or(second).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{format::date_time, samples::container};

    const fn at(seconds: u64) -> Timestamp {
        Timestamp::from_millis(1_795_426_200_000 + seconds * 1_000)
    }

    fn example(state: ContainerState, exit_code: Option<i64>) -> Container {
        Container {
            created_at: Some(at(0)),
            started_at: Some(at(60)),
            finished_at: exit_code.map(|_| at(10_740)),
            exit_code,
            ..container(1, "web-1", state)
        }
    }

    #[test]
    fn details_follow_the_state() {
        for (state, code, detail) in [
            (ContainerState::Running, None, "up 3 h"),
            (ContainerState::Paused, Some(1), "up 3 h"),
            (ContainerState::Created, None, "3 h ago"),
            (ContainerState::Exited, Some(137), "(137) 2 min ago"),
            (ContainerState::Restarting, Some(1), "(1) 2 min ago"),
            (ContainerState::Dead, None, ""),
        ] {
            assert_eq!(status_detail(&example(state, code), at(10_860)), detail, "{state}");
        }
    }

    #[test]
    fn the_explanation_has_the_exit_code_and_the_exact_time() {
        let stopped = example(ContainerState::Exited, Some(137));
        let explained = |container: &Container| status_explanation(container, &date_time);
        assert_eq!(explained(&stopped), "Exit code 137: killed (SIGKILL), after 2 h, 2026-11-23 12:29:00 UTC");
        assert_eq!(explained(&example(ContainerState::Running, None)), "Up since 2026-11-23 09:31:00 UTC");
        let requested = Container { end_cause: Some(Cause::Request), ..stopped };
        assert_eq!(status_reason(&requested), "Stopped by request. Exit code 137: killed (SIGKILL), after 2 h");
    }

    #[test]
    fn a_crash_loop_is_recognized_from_the_container_alone() {
        use ContainerState::{Exited, Restarting, Running};
        // Restarts, start and end of the last known run, and whether that is a loop at second 1000.
        for (state, restarts, started, finished, looping) in [
            (Restarting, 3, 990, 995, true),
            (Restarting, 2, 990, 995, false),
            (Restarting, 9, 100, 995, false), // it had run for a quarter of an hour
            (Running, 7, 998, 940, true),
            (Running, 7, 998, 10, false),  // started by hand, long after
            (Running, 7, 700, 690, false), // stable again
            (Exited, 7, 990, 995, false),
        ] {
            let (started_at, finished_at) = (Some(at(started)), Some(at(finished)));
            let row = Container { restart_count: restarts, started_at, finished_at, ..example(state, Some(1)) };
            assert_eq!(is_crash_looping(&row, at(1_000)), looping, "{state} {restarts} {started} {finished}");
        }
    }

    #[test]
    fn the_duration_of_a_run_is_shown_once_it_is_over() {
        let row = |state, started| Container { started_at: Some(at(started)), ..example(state, Some(1)) };
        assert_eq!(
            status_reason(&row(ContainerState::Exited, 10_700)),
            "Exit code 1: exited with an error, after 40 s"
        );
        assert_eq!(status_reason(&row(ContainerState::Restarting, 10_750)), "Exit code 1: exited with an error");
    }

    #[test]
    fn everything_but_plain_running_needs_an_explanation() {
        let unhealthy = Container { health: Some(Health::Unhealthy), ..example(ContainerState::Running, None) };
        let refused = Container { error: Some("no such file".to_owned()), ..example(ContainerState::Created, None) };
        assert!(
            needs_explanation(&unhealthy)
                && needs_explanation(&refused)
                && needs_explanation(&example(ContainerState::Exited, Some(0)))
        );
        assert!(
            !needs_explanation(&example(ContainerState::Running, None))
                && !needs_explanation(&example(ContainerState::Created, None))
        );
    }

    #[test]
    fn a_container_that_stopped_as_requested_has_not_failed() {
        for (code, failed) in [(0, false), (143, false), (137, false), (1, true)] {
            assert_eq!(has_failed(&example(ContainerState::Exited, Some(code))), failed, "{code}");
            assert!(!has_failed(&example(ContainerState::Running, Some(code))), "former runs do not count");
        }
        assert!(has_failed(&Container { oom_killed: true, ..example(ContainerState::Exited, Some(0)) }));
        let ended = |cause| Container { end_cause: Some(cause), ..example(ContainerState::Exited, Some(137)) };
        assert!(has_failed(&ended(Cause::Itself)) && !has_failed(&ended(Cause::Request)));
    }
}
