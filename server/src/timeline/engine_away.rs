//! What an engine's own end did to its containers. Pure.
//!
//! An engine that stops asks all containers to stop, waits, kills what is left, and closes its connections; one that was killed does the same
//! to what it finds when it starts again. Some of that is told by events, some by inspect's times alone, and all of it looks like requests
//! or like kills. It is known by three things: the link was lost meanwhile, no container that ran before runs on, and the ends
//! stand where an engine's own would.

use super::{
    Terms,
    log::{Log, Recorded},
};
use app::model::{Basis, Cause, Container, ContainerId, Evidence, Occurrence, OccurrenceKind as Kind, Timestamp};
use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

const SIGKILL: u8 = 9;
/// An engine is gone this long after its last container ended.
const CLOSES_WITHIN: Duration = Duration::from_secs(5);
/// An engine asks all its containers to stop within this.
const ASKS_WITHIN: Duration = Duration::from_secs(2);
/// The longest that an engine waits for a container to stop.
const LONGEST_STOP: Duration = Duration::from_secs(120);
/// An event is stamped a little after what it is about.
const SLACK: Duration = Duration::from_secs(2);
/// After it is back, an engine starts containers for this long.
const STARTS_WITHIN: Duration = Duration::from_secs(120);
/// A link that is lost for less was cut by something in between.
const SHORT: Duration = Duration::from_secs(1);

/// The time in which an engine did not answer, on its own clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Absence {
    /// When the link was lost.
    pub from: Timestamp,
    /// When it was back.
    pub until: Timestamp,
    /// Whether nothing was there to connect to meanwhile.
    pub was_gone: bool,
}

/// The ends that the engine itself brought about, and the starts that followed, as they are known now.
pub(super) fn explained(
    log: &Log,
    terms: &HashMap<ContainerId, Terms>,
    absence: Absence,
    containers: &[Container],
) -> Vec<Occurrence> {
    let lives_on = |container: &Container| {
        container.state.has_processes() && container.started_at.is_some_and(|at| at < absence.from)
    };
    if containers.iter().any(lives_on) {
        return Vec::new();
    }
    let present: HashSet<_> = containers.iter().map(|container| container.id).collect();
    let mut of_engine = deaths(log, absence, &present);
    // An engine that kept its socket open was frozen or cut off: it stopped nothing unless the ends say so.
    if !absence.was_gone {
        of_engine.retain(|death| is_of_a_stop(death, terms.get(&death.occurrence.container_id)));
    }
    let is_sure = absence.was_gone || absence.until.since(absence.from) >= SHORT || of_engine.len() > 1;
    if !is_sure {
        return Vec::new();
    }
    let mut revised = Vec::new();
    for death in of_engine {
        let id = death.occurrence.container_id;
        let start = log.of(id).find(|later| {
            later.occurrence.kind == Kind::Started
                && later.occurrence.at >= death.occurrence.at
                && later.occurrence.at.since(absence.until) <= STARTS_WITHIN
        });
        let is_by_policy = terms.get(&id).is_none_or(|terms| terms.restarts);
        if let Some(start) = start.filter(|_| is_by_policy) {
            revised.push(Occurrence { cause: Some(Cause::RestartPolicy), ..start.told() });
        }
        let told = death.told();
        let signals = told.evidence.as_ref().map(|evidence| evidence.signals.clone()).unwrap_or_default();
        // A stop requested before the engine went may have been a person's, and an exit code of the container's own may
        // have come without a stop: a lost link hides both alike.
        let probable = told.at < absence.from || !is_of_a_stop(death, terms.get(&id));
        let evidence = Evidence { basis: Basis::EngineAway, probable, signals };
        revised.push(Occurrence { cause: Some(Cause::EngineRestart), evidence: Some(evidence), ..told });
    }
    revised
}

/// The last end of each container that is still there, where it is one of those that an engine brings about.
fn deaths<'a>(log: &'a Log, absence: Absence, present: &HashSet<ContainerId>) -> Vec<&'a Recorded> {
    let mut last: HashMap<ContainerId, &Recorded> = HashMap::new();
    for recorded in log.iter().filter(|recorded| present.contains(&recorded.occurrence.container_id)) {
        let Occurrence { kind, at, container_id, .. } = &recorded.occurrence;
        let is_near = absence.from.since(*at) <= LONGEST_STOP && at.since(absence.until) <= SLACK;
        if *kind == Kind::Died && is_near && !is_asked_for_here(recorded) {
            let newest = last.entry(*container_id).or_insert(recorded);
            if newest.occurrence.at <= *at {
                *newest = recorded;
            }
        }
    }
    let (before, meanwhile): (Vec<_>, Vec<_>) =
        last.into_values().partition(|death| death.occurrence.at < absence.from);
    let mut of_engine = meanwhile;
    of_engine.extend(closing(before, absence.from));
    of_engine.sort_by_key(|death| death.occurrence.at);
    of_engine
}

/// Of the ends before the link was lost, those that belong to the engine's own: asked for together, the last of them right before.
fn closing(before: Vec<&Recorded>, lost_at: Timestamp) -> Vec<&Recorded> {
    let asked_at = |death: &Recorded| death.occurrence.evidence.as_ref()?.signals.first().map(|sent| sent.at);
    let Some(newest) = before.iter().max_by_key(|death| death.occurrence.at) else { return Vec::new() };
    let Some(asked) = asked_at(newest).filter(|_| lost_at.since(newest.occurrence.at) <= CLOSES_WITHIN) else {
        return Vec::new();
    };
    let together =
        |death: &&Recorded| asked_at(death).is_some_and(|at| at.since(asked).max(asked.since(at)) <= ASKS_WITHIN);
    before.into_iter().filter(together).collect()
}

/// True if the end shows a stop: a signal that was sent, or the exit code of one.
fn is_of_a_stop(death: &Recorded, terms: Option<&Terms>) -> bool {
    let was_signalled = death.occurrence.evidence.as_ref().is_some_and(|evidence| !evidence.signals.is_empty());
    let stop_signal = terms.copied().unwrap_or_default().stop_signal;
    let is_of_signal = |code: i64| [SIGKILL, stop_signal].into_iter().any(|signal| code == 128 + i64::from(signal));
    was_signalled || death.occurrence.exit_code.is_none_or(is_of_signal)
}

fn is_asked_for_here(death: &Recorded) -> bool {
    death.occurrence.evidence.as_ref().is_some_and(|evidence| evidence.basis == Basis::Action)
}
