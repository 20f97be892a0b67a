//! Recognizes container exits that were caused by a stop or restart of the engine. Pure.
//!
//! In: the log and an [`Outage`]. Out: revised events.
//!
//! A stopping engine signals all containers, waits, kills the rest and closes its connections. An
//! engine that was killed does the same at its next start. Some of these exits have events, others
//! only inspect's times, and all look like requests or kills. They are detected if the link was
//! lost, no container from before is still running, and the times of the exits fit.

use super::{
    LifecycleSettings,
    log::{Log, Recorded},
};
use app::model::{Basis, Cause, Container, ContainerKey, Evidence, Occurrence, OccurrenceKind as Kind, Timestamp};
use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

const SIGKILL: u8 = 9;
/// Maximum time from the last exit until the engine closes its connections.
const MAX_CLOSE_DELAY: Duration = Duration::from_secs(5);
/// Maximum time in which an engine signals all containers.
const MAX_SIGNAL_SPREAD: Duration = Duration::from_secs(2);
/// Maximum time that an engine waits for containers to stop.
const MAX_STOP_DURATION: Duration = Duration::from_secs(120);
/// Maximum delay of an event's timestamp.
const MAX_TIMESTAMP_DELAY: Duration = Duration::from_secs(2);
/// Maximum time in which a restarted engine starts containers.
const MAX_START_DELAY: Duration = Duration::from_secs(120);
/// Minimum duration of an engine outage. A shorter loss of the link was caused by something between
/// server and engine.
const MIN_OUTAGE: Duration = Duration::from_secs(1);

/// An outage of the engine, on the engine's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outage {
    /// Loss of the link.
    pub from: Timestamp,
    /// Return of the link.
    pub until: Timestamp,
    /// True if nothing accepted connections meanwhile.
    pub was_unreachable: bool,
}

/// Returns the exits caused by the engine and the starts after them, with revised causes.
pub(super) fn revised_causes(
    log: &Log,
    lifecycle_settings: &HashMap<ContainerKey, LifecycleSettings>,
    outage: Outage,
    containers: &[Container],
) -> Vec<Occurrence> {
    let lives_on = |container: &Container| {
        container.state.has_processes() && container.started_at.is_some_and(|at| at < outage.from)
    };
    if containers.iter().any(lives_on) {
        return Vec::new();
    }
    let present: HashSet<_> = containers.iter().map(|container| container.key()).collect();
    let mut of_engine = deaths(log, outage, &present);
    // An engine that kept its socket open was frozen or cut off: only the exits show whether it
    // stopped containers.
    if !outage.was_unreachable {
        of_engine.retain(|exit| was_stopped(exit, lifecycle_settings.get(&exit.occurrence.key())));
    }
    let is_sure = outage.was_unreachable || outage.until.since(outage.from) >= MIN_OUTAGE || of_engine.len() > 1;
    if !is_sure {
        return Vec::new();
    }
    let mut revised = Vec::new();
    for death in of_engine {
        let key = death.occurrence.key();
        let start = log.of(key).find(|later| {
            later.occurrence.kind == Kind::Started
                && later.occurrence.at >= death.occurrence.at
                && later.occurrence.at.since(outage.until) <= MAX_START_DELAY
        });
        let is_by_policy = lifecycle_settings.get(&key).is_none_or(|lifecycle_settings| lifecycle_settings.restarts);
        if let Some(start) = start.filter(|_| is_by_policy) {
            revised.push(Occurrence { cause: Some(Cause::RestartPolicy), ..start.to_occurrence() });
        }
        let exit = death.to_occurrence();
        // A container signaled before the outage could have been stopped by a user, and one that
        // exited with another code could have exited without a stop.
        let probable = exit.at < outage.from || !was_stopped(death, lifecycle_settings.get(&key));
        let signals = exit.evidence.as_ref().map(|evidence| evidence.signals.clone()).unwrap_or_default();
        let evidence = Evidence { basis: Basis::EngineAway, probable, signals };
        revised.push(Occurrence { cause: Some(Cause::EngineRestart), evidence: Some(evidence), ..exit });
    }
    revised
}

/// The last exit of each existing container, if the engine may have caused it.
fn deaths<'a>(log: &'a Log, outage: Outage, present: &HashSet<ContainerKey>) -> Vec<&'a Recorded> {
    let mut last: HashMap<ContainerKey, &Recorded> = HashMap::new();
    for recorded in log.iter().filter(|recorded| present.contains(&recorded.occurrence.key())) {
        let Occurrence { kind, at, .. } = &recorded.occurrence;
        let is_near = outage.from.since(*at) <= MAX_STOP_DURATION && at.since(outage.until) <= MAX_TIMESTAMP_DELAY;
        if *kind == Kind::Died && is_near && !was_action(recorded) {
            let newest = last.entry(recorded.occurrence.key()).or_insert(recorded);
            if newest.occurrence.at <= *at {
                *newest = recorded;
            }
        }
    }
    let (before, meanwhile): (Vec<_>, Vec<_>) = last.into_values().partition(|death| death.occurrence.at < outage.from);
    let mut of_engine = meanwhile;
    of_engine.extend(closing(before, outage.from));
    of_engine.sort_by_key(|death| death.occurrence.at);
    of_engine
}

/// The exits before the outage that the engine caused: signaled together, with the last one right
/// before the outage.
fn closing(before: Vec<&Recorded>, lost_at: Timestamp) -> Vec<&Recorded> {
    let signaled_at = |death: &Recorded| death.occurrence.evidence.as_ref()?.signals.first().map(|sent| sent.at);
    let Some(newest) = before.iter().max_by_key(|death| death.occurrence.at) else { return Vec::new() };
    let Some(signaled) = signaled_at(newest).filter(|_| lost_at.since(newest.occurrence.at) <= MAX_CLOSE_DELAY) else {
        return Vec::new();
    };
    let together = |death: &&Recorded| {
        signaled_at(death).is_some_and(|at| at.since(signaled).max(signaled.since(at)) <= MAX_SIGNAL_SPREAD)
    };
    before.into_iter().filter(together).collect()
}

/// True if the exit shows a stop: a signal was sent, or the exit code is that of a signal.
fn was_stopped(exit: &Recorded, settings: Option<&LifecycleSettings>) -> bool {
    let was_signaled = exit.occurrence.evidence.as_ref().is_some_and(|evidence| !evidence.signals.is_empty());
    let stop_signal = settings.copied().unwrap_or_default().stop_signal;
    let is_of_signal = |code: i64| [SIGKILL, stop_signal].into_iter().any(|signal| code == 128 + i64::from(signal));
    was_signaled || exit.occurrence.exit_code.is_none_or(is_of_signal)
}

fn was_action(death: &Recorded) -> bool {
    death.occurrence.evidence.as_ref().is_some_and(|evidence| evidence.basis == Basis::Action)
}
