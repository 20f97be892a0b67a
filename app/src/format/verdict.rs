//! Explains in a sentence why a container is not running, or is unhealthy. Used by the pages that
//! show it only.

use super::{age, exit_reason, is_crash_looping};
use crate::model::{
    Basis, Cause, Container, ContainerState, Evidence, Health, HealthOutcome, LastEnd, SentSignal, Timestamp,
};

/// The explanation, from the container and, once loaded, from the end of its last run.
pub fn verdict(container: &Container, end: Option<&LastEnd>, now: Timestamp) -> String {
    let runs = container.state.has_processes();
    if runs && container.health == Some(Health::Unhealthy) {
        return unhealthy_words(None).to_owned();
    }
    let looping = is_crash_looping(container, now) || end.is_some_and(|end| end.crash_looping);
    let why = match container.state {
        ContainerState::Created if container.error.is_some() => "It could not be started.".to_owned(),
        ContainerState::Created => "It was never started.".to_owned(),
        ContainerState::Removing => "The engine is removing it.".to_owned(),
        _ if runs && end.is_none() && container.restart_count == 0 => running(container).to_owned(),
        _ => ended(container, end, runs),
    };
    if looping { format!("Crash loop: it keeps restarting and exiting. {why}") } else { why }
}

/// Explains an unhealthy container by the outcome of its newest failed check.
pub fn unhealthy_words(outcome: Option<HealthOutcome>) -> &'static str {
    match outcome {
        Some(HealthOutcome::NotRun) => "It is running, but its health check could not be run.",
        Some(HealthOutcome::TimedOut) => "It is running, but its health check timed out.",
        Some(HealthOutcome::Passed | HealthOutcome::Failed) | None => "It is running, but its health check is failing.",
    }
}

/// Describes a running container without a known end.
fn running(container: &Container) -> &'static str {
    match (container.state, container.health) {
        _ if container.process_oom_killed => "It is running, but a process in it was killed because memory ran out.",
        (ContainerState::Paused, _) => "It is paused. No earlier runs are recorded.",
        (_, Some(Health::Healthy)) => "It is running and its health check passes. No earlier runs are recorded.",
        _ => "It is running. No earlier runs are recorded.",
    }
}

fn ended(container: &Container, end: Option<&LastEnd>, runs: bool) -> String {
    let it = if runs { "Its last run" } else { "It" };
    let mut words = why(container, end, runs, it);
    let unknown = Evidence::default();
    let evidence = end.and_then(|end| end.evidence.as_ref()).unwrap_or(&unknown);
    // A signal that does not explain the end is shown, too: the user may know why it was sent.
    if let (Some(Cause::Itself), Some(last), Some(end)) = (end.and_then(|end| end.cause), evidence.signals.last(), end)
    {
        words.push_str(&format!(" {} was sent {}.", signal_name(last), time_before(end.finished_at, last.at)));
    }
    if end.map_or(container.process_oom_killed && !runs, |end| end.process_oom_killed) {
        words.push_str(" A process in it was killed because memory ran out.");
    }
    words
}

fn why(container: &Container, end: Option<&LastEnd>, runs: bool, it: &str) -> String {
    // While it runs, the container's exit code belongs to no run.
    let current = container.exit_code.filter(|_| !runs);
    let code = end.and_then(|end| end.exit_code).or(current);
    let cause = end.and_then(|end| end.cause).or(container.end_cause.filter(|_| !runs));
    let evidence = end.and_then(|end| end.evidence.clone()).unwrap_or_default();
    let out_of_memory = end.map_or(!runs && container.oom_killed, |end| end.oom_killed);
    let probably = if evidence.probable { " probably" } else { "" };
    if out_of_memory {
        return if code.is_some() {
            format!("{it}{probably} ran out of memory, and the kernel killed it.")
        } else {
            format!("{it}{probably} ran out of memory.")
        };
    }
    let Some(code) = code else { return format!("{it} exited; exit code unknown.") };
    match (cause, code) {
        (Some(Cause::EngineRestart), _) => {
            let because = if runs { "exited" } else { "was stopped" };
            format!(
                "{it}{probably} {because} because the engine stopped or was restarted: {}.",
                exit_reason(code, false)
            )
        }
        (Some(Cause::Request), _) => requested(it, code, &evidence, end.map(|end| end.finished_at)),
        (Some(_), 0) => format!("{it} finished on its own."),
        (Some(_), 137) => format!(
            "{it} was killed (SIGKILL), but not through the engine: probably by the kernel or by someone on the host, unless the process itself exited with that code."
        ),
        (Some(_), 125..=127) => format!("{it} could not run: {}.", exit_reason(code, false)),
        (Some(_), 129..) => format!("{it} exited on its own: {}.", exit_reason(code, false)),
        (Some(_), _) => format!("{it} exited on its own with {}.", code_words(code)),
        (None, _) => format!("{it} {}. The cause is unknown.", past(code)),
    }
}

/// Explains an end that was requested, or probably was.
fn requested(it: &str, code: i64, evidence: &Evidence, finished_at: Option<Timestamp>) -> String {
    let last = evidence.signals.last();
    if let (true, Some(last), Some(finished_at)) = (evidence.probable, last, finished_at) {
        let (signal, ago) = (signal_name(last), time_before(finished_at, last.at));
        return format!(
            "{it} was probably stopped by request: {signal} was sent {ago}. Result: {}.",
            exit_reason(code, false)
        );
    }
    let is_kill = |sent: &SentSignal| sent.signal.as_deref() == Some("SIGKILL");
    match code {
        0 | 143 => format!("{it} was stopped by request and exited in time."),
        137 if last.is_some_and(is_kill) && evidence.signals.iter().any(|sent| !is_kill(sent)) => {
            format!("{it} was stopped by request, did not exit in time, and was killed (SIGKILL).")
        }
        137 if last.is_some_and(is_kill) => format!("{it} was killed by request (SIGKILL)."),
        137 => format!("{it} was killed by request, or because it did not exit in time after a stop request."),
        _ => format!("{it} was stopped by request and {}.", exit_reason(code, false)),
    }
}

fn signal_name(sent: &SentSignal) -> &str {
    sent.signal.as_deref().unwrap_or("A signal")
}

/// Time between a signal and the exit: `8 s earlier`.
fn time_before(finished_at: Timestamp, sent_at: Timestamp) -> String {
    let ago = finished_at.since(sent_at);
    if ago.as_secs() == 0 { "just before that".to_owned() } else { format!("{} earlier", age(ago)) }
}

/// Evidence for a cause, and its certainty.
pub fn evidence_words(evidence: &Evidence, finished_at: Timestamp) -> String {
    let basis = match evidence.basis {
        Basis::NoRequest => "no stop or kill request was recorded",
        Basis::Action => "requested through Quaylight",
        Basis::StopEvent => "the engine reported a stop",
        Basis::ExitCode => "the exit code matches a signal that was sent",
        Basis::StopSignal => "its stop signal was sent",
        Basis::EndSignal => "a terminating signal was sent",
        Basis::OomEvent => "the engine reported that the kernel killed a process",
        Basis::OomFlag => "the engine's out-of-memory flag, which any process in the container sets",
        Basis::EngineAway => "the engine was down, and no container kept running",
    };
    let mut words = basis.to_owned();
    for sent in &evidence.signals {
        words.push_str(&format!("; {} {}", signal_name(sent), time_before(finished_at, sent.at)));
    }
    if evidence.probable {
        words.push_str(" (probable)");
    }
    words
}

fn code_words(code: i64) -> String {
    if code == 1 { "an error (exit code 1)".to_owned() } else { format!("exit code {code}") }
}

/// The reason for an exit code, as a continuation of "It".
fn past(code: i64) -> String {
    let reason = exit_reason(code, false);
    match code {
        0 | 1 => reason.into_owned(),
        137 | 143 => format!("was {reason}"),
        _ if reason.starts_with("exited") => reason.into_owned(),
        _ if reason.starts_with("terminated") => format!("was {reason}"),
        _ => format!("exited: {reason}"),
    }
}

/// Cause of an end in a few words.
pub fn cause_words(cause: Option<Cause>) -> &'static str {
    match cause {
        Some(Cause::Request) => "stopped by request",
        Some(Cause::Itself) => "exited on its own",
        Some(Cause::OutOfMemory) => "out of memory",
        Some(Cause::EngineRestart) => "the engine stopped or was restarted",
        Some(Cause::RestartPolicy) | None => "unknown: not recorded",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{MADE_AT, container};

    fn end(cause: Option<Cause>, exit_code: Option<i64>) -> LastEnd {
        LastEnd {
            exit_code,
            oom_killed: cause == Some(Cause::OutOfMemory),
            process_oom_killed: false,
            signal: None,
            cause,
            evidence: None,
            started_at: None,
            finished_at: MADE_AT,
            ran_for_secs: None,
            restarts_last_hour: 0,
            crash_looping: false,
        }
    }

    #[test]
    fn each_cause_and_exit_code_has_an_explanation() {
        let stopped = container(1, "web-1", ContainerState::Exited);
        for (cause, code, words) in [
            (Some(Cause::OutOfMemory), Some(137), "It ran out of memory, and the kernel killed it."),
            (Some(Cause::Request), Some(143), "It was stopped by request and exited in time."),
            (Some(Cause::Request), Some(2), "It was stopped by request and exited with code 2."),
            (Some(Cause::Itself), Some(0), "It finished on its own."),
            (Some(Cause::Itself), Some(1), "It exited on its own with an error (exit code 1)."),
            (Some(Cause::Itself), Some(3), "It exited on its own with exit code 3."),
            (Some(Cause::Itself), Some(127), "It could not run: its command was not found."),
            (Some(Cause::Itself), Some(139), "It exited on its own: segmentation fault (SIGSEGV)."),
            (None, Some(137), "It was killed (SIGKILL). The cause is unknown."),
            (None, Some(139), "It exited: segmentation fault (SIGSEGV). The cause is unknown."),
            (None, Some(3), "It exited with code 3. The cause is unknown."),
            (None, None, "It exited; exit code unknown."),
            (
                Some(Cause::EngineRestart),
                Some(137),
                "It was stopped because the engine stopped or was restarted: killed (SIGKILL).",
            ),
        ] {
            assert_eq!(verdict(&stopped, Some(&end(cause, code)), MADE_AT), words, "{cause:?} {code:?}");
        }
        let killed = verdict(&stopped, Some(&end(Some(Cause::Request), Some(137))), MADE_AT);
        assert!(killed.contains("killed by request"), "{killed}");
        let from_outside = verdict(&stopped, Some(&end(Some(Cause::Itself), Some(137))), MADE_AT);
        assert!(from_outside.contains("not through the engine"), "{from_outside}");
    }

    #[test]
    fn the_explanation_follows_the_evidence_and_says_if_it_is_probable() {
        let stopped = container(1, "web-1", ContainerState::Exited);
        let ago = |secs: u64| Timestamp::from_millis(MADE_AT.as_millis() - secs * 1_000);
        let explained = |cause, code, basis, probable, signals: &[(&str, u64)]| {
            let sent = |(signal, secs): &(&str, u64)| SentSignal { signal: Some((*signal).to_owned()), at: ago(*secs) };
            let evidence = Evidence { basis, probable, signals: signals.iter().map(sent).collect() };
            let words = evidence_words(&evidence, MADE_AT);
            let end = LastEnd { evidence: Some(evidence), ..end(Some(cause), Some(code)) };
            (verdict(&stopped, Some(&end), MADE_AT), words)
        };
        let (words, evidence) = explained(Cause::Itself, 1, Basis::NoRequest, false, &[("SIGHUP", 8)]);
        assert_eq!(words, "It exited on its own with an error (exit code 1). SIGHUP was sent 8 s earlier.");
        assert_eq!(evidence, "no stop or kill request was recorded; SIGHUP 8 s earlier");
        let (words, evidence) =
            explained(Cause::Request, 137, Basis::ExitCode, false, &[("SIGTERM", 10), ("SIGKILL", 0)]);
        assert_eq!(words, "It was stopped by request, did not exit in time, and was killed (SIGKILL).");
        assert_eq!(
            evidence,
            "the exit code matches a signal that was sent; SIGTERM 10 s earlier; SIGKILL just before that"
        );
        let (words, _) = explained(Cause::Request, 137, Basis::ExitCode, false, &[("SIGKILL", 0)]);
        assert_eq!(words, "It was killed by request (SIGKILL).");
        let (words, evidence) = explained(Cause::Request, 3, Basis::StopSignal, true, &[("SIGTERM", 2)]);
        assert_eq!(
            words,
            "It was probably stopped by request: SIGTERM was sent 2 s earlier. Result: exited with code 3."
        );
        assert!(evidence.ends_with("(probable)"), "{evidence}");
    }

    #[test]
    fn a_process_killed_inside_is_a_note_beside_the_cause() {
        let stopped = container(1, "web-1", ContainerState::Exited);
        let end = LastEnd { process_oom_killed: true, ..end(Some(Cause::Request), Some(0)) };
        assert_eq!(
            verdict(&stopped, Some(&end), MADE_AT),
            "It was stopped by request and exited in time. A process in it was killed because memory ran out."
        );
        let runs = Container { process_oom_killed: true, ..container(1, "web-1", ContainerState::Running) };
        assert_eq!(
            verdict(&runs, None, MADE_AT),
            "It is running, but a process in it was killed because memory ran out."
        );
    }

    #[test]
    fn the_container_is_explained_before_its_last_end_is_loaded() {
        let row = Container { exit_code: Some(137), oom_killed: true, ..container(1, "db", ContainerState::Exited) };
        assert_eq!(verdict(&row, None, MADE_AT), "It ran out of memory, and the kernel killed it.");
        let unhealthy = Container { health: Some(Health::Unhealthy), ..container(1, "db", ContainerState::Running) };
        assert_eq!(verdict(&unhealthy, None, MADE_AT), "It is running, but its health check is failing.");
        let refused = Container { error: Some("no".to_owned()), ..container(1, "db", ContainerState::Created) };
        assert_eq!(verdict(&refused, None, MADE_AT), "It could not be started.");
        let running = verdict(&container(1, "db", ContainerState::Running), None, MADE_AT);
        assert!(running.starts_with("It is running"), "{running}");
    }

    #[test]
    fn a_crash_loop_comes_first_and_describes_the_last_run() {
        let row = container(1, "db", ContainerState::Running);
        let looping = LastEnd { crash_looping: true, ..end(Some(Cause::Itself), Some(1)) };
        let words = verdict(&row, Some(&looping), MADE_AT);
        assert!(
            words.starts_with("Crash loop: ")
                && words.ends_with("Its last run exited on its own with an error (exit code 1)."),
            "{words}"
        );
    }
}
