//! Containers that need attention now; the page's title shows their number.

use crate::model::{Cause, Container, ContainerState, Health, Timestamp};

/// Time in seconds for which a container that failed needs attention; older failures are known by
/// then.
const FAILURE_RELEVANCE_SECS: u64 = 3_600;

/// Run time in seconds below which a restarted container may still fail again, so that a crash loop
/// counts without interruption.
const MIN_STABLE_SECS: u64 = 60;

/// True if the container needs attention: a failing health check, a crash loop, or an unrequested
/// failure within the last hour.
pub fn needs_attention(container: &Container, now: Timestamp) -> bool {
    let within = |then: Option<Timestamp>, secs| then.is_some_and(|then| now.since(then).as_secs() < secs);
    match container.state {
        ContainerState::Running | ContainerState::Paused => {
            let is_unstable = container.restart_count > 0 && within(container.started_at, MIN_STABLE_SECS);
            container.health == Some(Health::Unhealthy) || is_unstable
        }
        ContainerState::Restarting | ContainerState::Dead => true,
        ContainerState::Exited => {
            has_exited_unexpectedly(container) && within(container.finished_at, FAILURE_RELEVANCE_SECS)
        }
        ContainerState::Created | ContainerState::Removing => false,
    }
}

/// True if the last run failed without a request to stop. If the cause is unknown, exit code 137
/// (SIGKILL) counts as a request, as 130 (SIGINT) and 143 (SIGTERM) always do.
pub fn has_exited_unexpectedly(container: &Container) -> bool {
    match container.end_cause {
        Some(Cause::Request) => false,
        Some(Cause::OutOfMemory) => true,
        Some(Cause::Itself | Cause::RestartPolicy | Cause::EngineRestart) => {
            container.oom_killed || !matches!(container.exit_code, None | Some(0 | 130 | 143))
        }
        None => container.oom_killed || !matches!(container.exit_code, None | Some(0 | 130 | 137 | 143)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{MADE_AT, container};

    fn example(state: ContainerState, exit_code: Option<i64>) -> Container {
        Container { exit_code, started_at: Some(MADE_AT), finished_at: Some(MADE_AT), ..container(1, "web-1", state) }
    }

    fn after(secs: u64) -> Timestamp {
        Timestamp::from_millis(MADE_AT.as_millis() + secs * 1_000)
    }

    #[test]
    fn an_unrequested_failure_counts_for_an_hour() {
        for (code, counts) in [(Some(1), true), (Some(139), true), (Some(0), false), (Some(137), false), (None, false)]
        {
            assert_eq!(needs_attention(&example(ContainerState::Exited, code), after(60)), counts, "{code:?}");
        }
        assert!(!needs_attention(&example(ContainerState::Exited, Some(1)), after(FAILURE_RELEVANCE_SECS)));
        let starved = Container { oom_killed: true, ..example(ContainerState::Exited, Some(137)) };
        assert!(needs_attention(&starved, after(60)));
    }

    #[test]
    fn a_requested_stop_does_not_count_with_any_exit_code() {
        let ended = |code, cause| Container { end_cause: Some(cause), ..example(ContainerState::Exited, Some(code)) };
        for (code, cause, counts) in [
            (137, Cause::Request, false),
            (1, Cause::Request, false),
            (137, Cause::Itself, true),
            (143, Cause::Itself, false),
            (137, Cause::EngineRestart, true),
            (0, Cause::EngineRestart, false),
            (137, Cause::OutOfMemory, true),
        ] {
            assert_eq!(has_exited_unexpectedly(&ended(code, cause)), counts, "{code} {cause:?}");
        }
    }

    #[test]
    fn a_crash_loop_counts_while_it_runs_and_while_it_waits() {
        assert!(needs_attention(&example(ContainerState::Restarting, Some(1)), after(FAILURE_RELEVANCE_SECS * 2)));
        let again = Container { restart_count: 3, ..example(ContainerState::Running, Some(1)) };
        assert!(needs_attention(&again, after(5)));
        assert!(!needs_attention(&again, after(MIN_STABLE_SECS)), "stable again");
    }

    #[test]
    fn a_failing_health_check_counts_and_a_pending_one_does_not() {
        for (health, counts) in [(Health::Unhealthy, true), (Health::Healthy, false), (Health::Starting, false)] {
            let checked = Container { health: Some(health), ..example(ContainerState::Running, None) };
            assert_eq!(needs_attention(&checked, after(600)), counts, "{health:?}");
        }
    }
}
