//! How a container's last run ended, and whether it is in a crash loop: computed of what inspect says and of what happened. Pure, and the
//! same on the server and in the browser; only the pages that tell it carry it.

use super::{
    Basis, Cause, Container, ContainerState, Evidence, LastEnd, Occurrence, OccurrenceKind as Kind, Timestamp, signals,
};
use std::time::Duration;

/// An event and inspect tell of the same end within this.
const SAME: Duration = Duration::from_secs(2);
/// Of an end that inspect alone puts down to lack of memory. It does not say which process was killed.
const FLAG: Evidence = Evidence { basis: Basis::OomFlag, probable: true, signals: Vec::new() };
const HOUR: Duration = Duration::from_secs(3600);
/// Restarts that make a loop, and the time they come in: Docker's waits double up to a minute, so that a program which ends at once
/// has seven in the first minute and one a minute later on.
const LOOP: usize = 3;
const LOOP_SPAN: Duration = Duration::from_secs(10 * 60);
/// A run that lasts this long has left the loop: twice the longest wait between two runs.
const STEADY: Duration = Duration::from_secs(120);

/// `None` when no run of it has ended. `happened` is what is known of this container, oldest first; it may begin anywhere.
pub fn last_end(container: &Container, happened: &[Occurrence], now: Timestamp) -> Option<LastEnd> {
    let told = happened.iter().rposition(|event| event.kind == Kind::Died);
    let told_at = told.map(|death| happened[death].at);
    // The later word counts, and inspect's where both tell of the same.
    let inspected = container.finished_at.filter(|at| told_at.is_none_or(|told| told.since(*at) <= SAME));
    let finished_at = inspected.or(told_at)?;
    let death = told.filter(|death| apart(happened[*death].at, finished_at) <= SAME).map(|death| &happened[..=death]);
    let has_ended = !container.state.has_processes();
    let exit_code = match death.and_then(|before| before.last()?.exit_code) {
        Some(code) => Some(code),
        // While it runs, inspect's code is that of no run.
        None => container.exit_code.filter(|_| has_ended),
    };
    let started_at = if has_ended && container.started_at.is_some_and(|at| at <= finished_at) {
        container.started_at
    } else {
        start_of(death.unwrap_or_default())
    };
    let (cause, evidence) = death.and_then(<[_]>::last).map(|death| (death.cause, death.evidence.clone())).unzip();
    let (cause, evidence) = (cause.flatten(), evidence.flatten());
    // Inspect's flag is of any process inside: a request that explains the end is the better witness.
    let flagged = has_ended && container.oom_killed && inspected.is_some();
    let oom_killed = match cause {
        Some(Cause::OutOfMemory) => true,
        Some(Cause::Request | Cause::EngineRestart) => false,
        Some(Cause::Itself | Cause::RestartPolicy) | None => flagged,
    };
    let by_flag = oom_killed && cause != Some(Cause::OutOfMemory);
    let (cause, evidence) = if by_flag { (Some(Cause::OutOfMemory), Some(FLAG)) } else { (cause, evidence) };
    let killed_inside = has_ended && inspected.is_some() && (container.process_oom_killed || container.oom_killed)
        || death.is_some_and(ran_out_of_memory);
    let restarts = happened.iter().filter(|event| event.cause == Some(Cause::RestartPolicy));
    let recent = |span: Duration| restarts.clone().filter(|event| now.since(event.at) <= span).count();
    Some(LastEnd {
        exit_code,
        oom_killed,
        process_oom_killed: killed_inside && !oom_killed,
        signal: exit_code.and_then(signals::of_exit).map(str::to_owned),
        cause,
        evidence,
        started_at,
        finished_at,
        ran_for_secs: started_at.map(|at| finished_at.since(at).as_secs()),
        restarts_last_hour: restarts_last_hour(container, recent(HOUR), now),
        crash_looping: is_looping(container, recent(LOOP_SPAN), now),
    })
}

fn apart(a: Timestamp, b: Timestamp) -> Duration {
    a.since(b).max(b.since(a))
}

/// Whether the engine reported lack of memory in the run that ended with the last of these.
fn ran_out_of_memory(before: &[Occurrence]) -> bool {
    let Some((_, before)) = before.split_last() else { return false };
    let run = before.iter().rev().take_while(|event| !matches!(event.kind, Kind::Started | Kind::Died));
    run.into_iter().any(|event| event.kind == Kind::Oom)
}

/// When the run began that ended with the last of these.
fn start_of(before: &[Occurrence]) -> Option<Timestamp> {
    let (_, before) = before.split_last()?;
    let begins = |event: &&Occurrence| matches!(event.kind, Kind::Started | Kind::Died);
    before.iter().rev().find(begins).filter(|event| event.kind == Kind::Started).map(|event| event.at)
}

/// A container's own count knows of restarts before anybody listened, but not when they were.
fn restarts_last_hour(container: &Container, told: usize, now: Timestamp) -> u64 {
    let is_young = container.created_at.is_some_and(|at| now.since(at) <= HOUR);
    let counted = u64::try_from(container.restart_count).unwrap_or_default();
    let told = told as u64;
    if is_young { told.max(counted) } else { told }
}

fn is_looping(container: &Container, restarts: usize, now: Timestamp) -> bool {
    let counted = usize::try_from(container.restart_count).unwrap_or_default();
    match container.state {
        ContainerState::Restarting => restarts.max(counted) >= LOOP,
        ContainerState::Running => restarts >= LOOP && container.started_at.is_some_and(|at| now.since(at) < STEADY),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
