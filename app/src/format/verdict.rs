//! Why a container is not running, or not well, in a sentence. For the pages that explain it only.

use super::{exit_reason, is_crash_looping};
use crate::model::{Cause, Container, ContainerState, Health, LastEnd, Timestamp};

/// The answer to "why?", by the row and, once that is known, by how the last run ended.
pub fn verdict(container: &Container, end: Option<&LastEnd>, now: Timestamp) -> String {
    let runs = container.state.has_processes();
    if runs && container.health == Some(Health::Unhealthy) {
        return "It runs, but its health check fails.".to_owned();
    }
    let looping = is_crash_looping(container, now) || end.is_some_and(|end| end.crash_looping);
    let why = match container.state {
        ContainerState::Created if container.error.is_some() => "It could not be started.".to_owned(),
        ContainerState::Created => "It was never started.".to_owned(),
        ContainerState::Removing => "The engine is removing it.".to_owned(),
        _ if runs && end.is_none() && container.restart_count == 0 => well(container).to_owned(),
        _ => ended(container, end, runs),
    };
    if looping { format!("Crash loop: it is started again and again, and ends each time. {why}") } else { why }
}

/// Of a container that runs, and of which no end is known.
fn well(container: &Container) -> &'static str {
    match (container.state, container.health) {
        (ContainerState::Paused, _) => "It is paused, and no run of it has ended as far as is known.",
        (_, Some(Health::Healthy)) => "It runs and its health check passes; no run of it has ended as far as is known.",
        _ => "It runs, and no run of it has ended as far as is known.",
    }
}

fn ended(container: &Container, end: Option<&LastEnd>, runs: bool) -> String {
    // Of a container that runs again, the row's code is that of no run.
    let told = container.exit_code.filter(|_| !runs);
    let code = end.and_then(|end| end.exit_code).or(told);
    let out_of_memory = end.is_some_and(|end| end.oom_killed) || !runs && container.oom_killed;
    let (it, cause) = (if runs { "Its last run" } else { "It" }, end.and_then(|end| end.cause));
    let Some(code) = code else {
        return if out_of_memory {
            format!("{it} ran out of memory.")
        } else {
            format!("{it} ended; nobody knows with which code.")
        };
    };
    match (cause, code) {
        _ if out_of_memory => format!("{it} ran out of memory, and the kernel killed it."),
        (Some(Cause::Request), 0 | 143) => format!("{it} was stopped by request, and ended as asked."),
        (Some(Cause::Request), 137) => {
            format!("{it} was killed by request, or because it did not end in time when it was asked to stop.")
        }
        (Some(Cause::Request), _) => format!("{it} was stopped by request, and {}.", exit_reason(code, false)),
        (Some(_), 0) => format!("{it} finished by itself."),
        (Some(_), 137) => {
            format!("{it} was killed (SIGKILL), and not through the engine: by the kernel or by somebody on its host.")
        }
        (Some(_), 125..=127) => format!("{it} could not go on: {}.", exit_reason(code, false)),
        (Some(_), 129..) => format!("{it} ended by itself: {}.", exit_reason(code, false)),
        (Some(_), _) => format!("{it} ended by itself, with {}.", ending(code)),
        (None, _) => format!("{it} {}. What led to it is not known.", past(code)),
    }
}

fn ending(code: i64) -> String {
    if code == 1 { "an error (exit code 1)".to_owned() } else { format!("exit code {code}") }
}

/// The reason as the end of a sentence that begins with "It".
fn past(code: i64) -> String {
    let reason = exit_reason(code, false);
    match code {
        0 | 1 => reason.into_owned(),
        137 | 143 => format!("was {reason}"),
        _ if reason.starts_with("ended") => reason.into_owned(),
        _ => format!("ended: {reason}"),
    }
}

/// Why a run ended, in few words.
pub fn cause_words(cause: Option<Cause>) -> &'static str {
    match cause {
        Some(Cause::Request) => "by request",
        Some(Cause::Itself) => "by itself",
        Some(Cause::OutOfMemory) => "out of memory",
        Some(Cause::RestartPolicy) | None => "not known: nobody was listening",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::examples::{MADE_AT, container};

    fn end(cause: Option<Cause>, exit_code: Option<i64>) -> LastEnd {
        LastEnd {
            exit_code,
            oom_killed: cause == Some(Cause::OutOfMemory),
            signal: None,
            cause,
            started_at: None,
            finished_at: MADE_AT,
            ran_for_secs: None,
            restarts_last_hour: 0,
            crash_looping: false,
        }
    }

    #[test]
    fn each_end_has_its_sentence() {
        let stopped = container(1, "web-1", ContainerState::Exited);
        for (cause, code, words) in [
            (Some(Cause::OutOfMemory), Some(137), "It ran out of memory, and the kernel killed it."),
            (Some(Cause::Request), Some(143), "It was stopped by request, and ended as asked."),
            (Some(Cause::Request), Some(2), "It was stopped by request, and ended with code 2."),
            (Some(Cause::Itself), Some(0), "It finished by itself."),
            (Some(Cause::Itself), Some(1), "It ended by itself, with an error (exit code 1)."),
            (Some(Cause::Itself), Some(3), "It ended by itself, with exit code 3."),
            (Some(Cause::Itself), Some(127), "It could not go on: its command was not found."),
            (Some(Cause::Itself), Some(139), "It ended by itself: segmentation fault (SIGSEGV)."),
            (None, Some(137), "It was killed (SIGKILL). What led to it is not known."),
            (None, Some(139), "It ended: segmentation fault (SIGSEGV). What led to it is not known."),
            (None, Some(3), "It ended with code 3. What led to it is not known."),
            (None, None, "It ended; nobody knows with which code."),
        ] {
            assert_eq!(verdict(&stopped, Some(&end(cause, code)), MADE_AT), words, "{cause:?} {code:?}");
        }
        let killed = verdict(&stopped, Some(&end(Some(Cause::Request), Some(137))), MADE_AT);
        assert!(killed.contains("killed by request"), "{killed}");
        let from_outside = verdict(&stopped, Some(&end(Some(Cause::Itself), Some(137))), MADE_AT);
        assert!(from_outside.contains("not through the engine"), "{from_outside}");
    }

    #[test]
    fn the_row_alone_answers_until_more_is_known() {
        let row = Container { exit_code: Some(137), oom_killed: true, ..container(1, "db", ContainerState::Exited) };
        assert_eq!(verdict(&row, None, MADE_AT), "It ran out of memory, and the kernel killed it.");
        let sick = Container { health: Some(Health::Unhealthy), ..container(1, "db", ContainerState::Running) };
        assert_eq!(verdict(&sick, None, MADE_AT), "It runs, but its health check fails.");
        let refused = Container { error: Some("no".to_owned()), ..container(1, "db", ContainerState::Created) };
        assert_eq!(verdict(&refused, None, MADE_AT), "It could not be started.");
        let well = verdict(&container(1, "db", ContainerState::Running), None, MADE_AT);
        assert!(well.starts_with("It runs"), "{well}");
    }

    #[test]
    fn a_crash_loop_comes_first_and_tells_of_the_last_run() {
        let row = container(1, "db", ContainerState::Running);
        let looping = LastEnd { crash_looping: true, ..end(Some(Cause::Itself), Some(1)) };
        let words = verdict(&row, Some(&looping), MADE_AT);
        assert!(
            words.starts_with("Crash loop: ")
                && words.ends_with("Its last run ended by itself, with an error (exit code 1)."),
            "{words}"
        );
    }
}
