//! End of a container's last run, and detection of crash loops, computed from inspect and
//! from events. Pure, and the same on server and browser; only pages that show it include it.

use super::{
    Basis, Cause, Container, ContainerState, Evidence, LastEnd, Occurrence, OccurrenceKind as Kind, Timestamp, signals,
};
use std::time::Duration;

/// Maximum difference between the times of an event and of inspect for the same end.
const MAX_TIME_DIFFERENCE: Duration = Duration::from_secs(2);
/// Evidence of an end that only inspect attributes to lack of memory, without the process that was
/// killed.
const FLAG: Evidence = Evidence { basis: Basis::OomFlag, probable: true, signals: Vec::new() };
const HOUR: Duration = Duration::from_secs(3600);
/// Minimum number of restarts in a crash loop, and the time within which they happen. Docker's
/// delays double up to a minute, so a program that exits immediately restarts seven times in the
/// first minute, and once a minute later on.
const MIN_LOOP_RESTARTS: usize = 3;
const LOOP_WINDOW: Duration = Duration::from_secs(10 * 60);
/// Minimum duration of a run after which the container has left the loop: twice the longest delay
/// between two runs.
const MIN_STABLE_RUN: Duration = Duration::from_secs(120);

/// The end of the last run; `None` if no run has ended. `events` are the known events of this
/// container, oldest first; they may start anywhere.
pub fn last_end(container: &Container, events: &[Occurrence], now: Timestamp) -> Option<LastEnd> {
    let died = events.iter().rposition(|event| event.kind == Kind::Died);
    let died_at = died.map(|death| events[death].at);
    // The later one counts; if both report the same end, inspect's time.
    let inspected =
        container.finished_at.filter(|at| died_at.is_none_or(|died| died.since(*at) <= MAX_TIME_DIFFERENCE));
    let finished_at = inspected.or(died_at)?;
    let death = died
        .filter(|death| difference(events[*death].at, finished_at) <= MAX_TIME_DIFFERENCE)
        .map(|death| &events[..=death]);
    let has_ended = !container.state.has_processes();
    let exit_code = match death.and_then(|before| before.last()?.exit_code) {
        Some(code) => Some(code),
        // While it runs, inspect's exit code belongs to no run.
        None => container.exit_code.filter(|_| has_ended),
    };
    let started_at = if has_ended && container.started_at.is_some_and(|at| at <= finished_at) {
        container.started_at
    } else {
        start_of(death.unwrap_or_default())
    };
    let (cause, evidence) = death.and_then(<[_]>::last).map(|death| (death.cause, death.evidence.clone())).unzip();
    let (cause, evidence) = (cause.flatten(), evidence.flatten());
    // Any process inside sets inspect's flag: a request that explains the end is better evidence.
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
    let restarts = events.iter().filter(|event| event.cause == Some(Cause::RestartPolicy));
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
        crash_looping: is_looping(container, recent(LOOP_WINDOW), now),
    })
}

fn difference(a: Timestamp, b: Timestamp) -> Duration {
    a.since(b).max(b.since(a))
}

/// True if the engine reported an out-of-memory kill in the run that ended with the last of these
/// events.
fn ran_out_of_memory(before: &[Occurrence]) -> bool {
    let Some((_, before)) = before.split_last() else { return false };
    let run = before.iter().rev().take_while(|event| !matches!(event.kind, Kind::Started | Kind::Died));
    run.into_iter().any(|event| event.kind == Kind::Oom)
}

/// Start of the run that ended with the last of these events.
fn start_of(before: &[Occurrence]) -> Option<Timestamp> {
    let (_, before) = before.split_last()?;
    let begins = |event: &&Occurrence| matches!(event.kind, Kind::Started | Kind::Died);
    before.iter().rev().find(begins).filter(|event| event.kind == Kind::Started).map(|event| event.at)
}

/// Number of restarts in the last hour. The container's own count includes restarts before events
/// were recorded, but not their times.
fn restarts_last_hour(container: &Container, recorded: usize, now: Timestamp) -> u64 {
    let is_young = container.created_at.is_some_and(|at| now.since(at) <= HOUR);
    let counted = u64::try_from(container.restart_count).unwrap_or_default();
    let recorded = recorded as u64;
    if is_young { recorded.max(counted) } else { recorded }
}

fn is_looping(container: &Container, restarts: usize, now: Timestamp) -> bool {
    let counted = usize::try_from(container.restart_count).unwrap_or_default();
    match container.state {
        ContainerState::Restarting => restarts.max(counted) >= MIN_LOOP_RESTARTS,
        ContainerState::Running => {
            restarts >= MIN_LOOP_RESTARTS && container.started_at.is_some_and(|at| now.since(at) < MIN_STABLE_RUN)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
