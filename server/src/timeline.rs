//! What happened to containers in the last 24 hours.
//!
//! In: every event of the engine, from the watcher, also those of before this server listened: an engine's own memory fills the gap after
//! each loss of the link, and at the start ([`crate::watcher`]). What no event tells of any more is taken from inspect's
//! times ([`Timeline::recall`]). Out: [`Occurrence`]s, by query or one after another as they are recorded. Bounded by age, number
//! and bytes ([`log`]). Each is known by the engine's time of it, in nanoseconds, so that nothing is recorded twice, and a reader can go on after
//! this server was restarted. [`app::last_end`] makes of them why a container stopped.

mod cause;
mod log;
mod query;
mod reader;
mod reading;

pub use log::MOST_AGE;
pub use query::{EventQuery, EventQueryText};
pub use reader::Reader;

use crate::{engine::EventMessage, now, scopes::Seen};
use app::model::{Cause, Container, ContainerId, EngineId, Occurrence, OccurrenceKind, Occurrences, Timestamp};
use app::signals;
use log::{Key, Log, Recorded};
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::watch;

/// What an event says and an inspect says of the same thing are not further apart.
const SAME: Duration = Duration::from_secs(2);

/// Records and tells; clones share it.
#[derive(Debug, Clone)]
pub struct Timeline {
    shared: Arc<Shared>,
    /// Told are these alone; `None`: all.
    seen: Option<Seen>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// How many were recorded, for those who wait for more.
    recorded: watch::Sender<u64>,
    since: Timestamp,
}

#[derive(Debug, Default)]
struct State {
    log: Log,
    /// Whether a container's policy starts it again; as many as there are containers.
    restarts: HashMap<ContainerId, bool>,
}

impl Default for Timeline {
    fn default() -> Self {
        let shared = Shared { state: Mutex::default(), recorded: watch::Sender::new(0), since: now() };
        Self { shared: Arc::new(shared), seen: None }
    }
}

#[cfg(any(test, feature = "fuzzing"))]
/// Whether a text is an event's id.
pub(crate) fn is_id(text: &str) -> bool {
    text.parse::<Key>().is_ok()
}

impl Timeline {
    /// The same for somebody who sees these containers alone; `None`: all.
    pub fn seen_by(&self, seen: Option<Seen>) -> Self {
        Self { shared: Arc::clone(&self.shared), seen }
    }

    fn tells_of(&self, id: ContainerId) -> bool {
        self.seen.as_ref().is_none_or(|seen| seen.holds(id))
    }

    /// Takes an event in; those that say nothing of a container's life are passed over.
    pub fn record(&self, message: &EventMessage) {
        let Some((nanos, occurrence)) = reading::read(message) else { return };
        self.add(vec![(nanos, occurrence)], true);
    }

    /// Takes in what inspect knows of a container's past: when it was created, started and ended, where no event told of it. These are all
    /// containers there are: what was known of others, whose end no event told, goes.
    pub fn recall(&self, containers: &[Container]) {
        let present: HashSet<_> = containers.iter().map(|container| container.id).collect();
        self.lock().restarts.retain(|id, _| present.contains(id));
        let mut recalled: Vec<_> = containers.iter().flat_map(past).collect();
        recalled.sort_by_key(|(nanos, _)| *nanos);
        self.add(recalled, false);
    }

    /// Learns whether a container's restart policy starts it again after it has ended.
    pub fn knows_policy(&self, id: ContainerId, restarts: bool) {
        self.lock().restarts.insert(id, restarts);
    }

    fn add(&self, occurrences: Vec<(u64, Occurrence)>, told: bool) {
        let oldest = now().as_millis().saturating_sub(MOST_AGE.as_millis() as u64) * 1_000_000;
        let mut state = self.lock();
        let times = if told { Times::default() } else { Times::of(&state.log, &occurrences) };
        for (nanos, mut occurrence) in occurrences {
            let key = Key::of(nanos, &occurrence);
            if nanos < oldest || state.log.holds(key) || times.tell(&occurrence) {
                continue;
            }
            if told {
                let restarts = state.restarts.get(&occurrence.container_id).copied();
                occurrence.cause = cause::of(&occurrence, state.log.of(occurrence.container_id), restarts);
            }
            if occurrence.kind == OccurrenceKind::Destroyed {
                state.restarts.remove(&occurrence.container_id);
            }
            state.log.push(key, occurrence, oldest);
        }
        let count = state.log.end();
        drop(state);
        self.shared.recorded.send_if_modified(|recorded| std::mem::replace(recorded, count) != count);
    }

    /// The engine's time of the newest event, in nanoseconds: a gap begins there.
    pub fn newest(&self) -> Option<u64> {
        self.lock().log.newest()
    }

    /// Those asked for, oldest first.
    pub fn occurrences(&self, query: &EventQuery) -> Occurrences {
        let state = self.lock();
        let told = |recorded: &&Recorded| query.wants(recorded) && self.tells_of(recorded.occurrence.container_id);
        let wanted = state.log.iter().filter(told);
        let mut events: Vec<_> = wanted.map(Recorded::told).collect();
        drop(state);
        // The newest count, and what was recalled stands where it was recorded.
        events.sort_by_key(|occurrence| occurrence.at);
        events.drain(..events.len().saturating_sub(query.limit));
        Occurrences { events, recorded_since: self.shared.since }
    }

    /// What is known of one container, oldest first.
    pub fn of(&self, id: ContainerId) -> Vec<Occurrence> {
        let state = self.lock();
        let of_one = state.log.of(id).filter(|_| self.tells_of(id));
        let mut events: Vec<_> = of_one.map(Recorded::told).collect();
        drop(state);
        events.sort_by_key(|occurrence| occurrence.at);
        events
    }

    /// Reads on behind the event with this id, or from the query's beginning in time, or only what is new.
    pub fn reader(&self, query: EventQuery, behind: Option<&str>) -> Reader {
        Reader::new(self.clone(), query, behind)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// When what is known to have happened, to look up what may be the same.
#[derive(Default)]
struct Times(HashMap<(ContainerId, OccurrenceKind), Vec<Timestamp>>);

impl Times {
    /// Of what happened to the same containers.
    fn of(log: &Log, occurrences: &[(u64, Occurrence)]) -> Self {
        let asked: HashSet<_> = occurrences.iter().map(|(_, occurrence)| occurrence.container_id).collect();
        let mut times: HashMap<_, Vec<_>> = HashMap::new();
        for Recorded { occurrence, .. } in log.iter().filter(|one| asked.contains(&one.occurrence.container_id)) {
            times.entry((occurrence.container_id, occurrence.kind)).or_default().push(occurrence.at);
        }
        Self(times)
    }

    /// Whether something of the same kind happened to the same container at about the same time.
    fn tell(&self, occurrence: &Occurrence) -> bool {
        let known = self.0.get(&(occurrence.container_id, occurrence.kind));
        let apart = |at: &Timestamp| at.since(occurrence.at).max(occurrence.at.since(*at));
        known.into_iter().flatten().any(|at| apart(at) <= SAME)
    }
}

/// What a container's times tell.
fn past(container: &Container) -> Vec<(u64, Occurrence)> {
    use OccurrenceKind::{Created, Died, Started};
    let ended = !container.state.has_processes();
    let facts = [(Created, container.created_at), (Started, container.started_at), (Died, container.finished_at)];
    let occurrence = |(kind, at): (OccurrenceKind, Option<Timestamp>)| {
        let at = at?;
        let died = kind == Died && ended;
        let exit_code = container.exit_code.filter(|_| died);
        let occurrence = Occurrence {
            id: String::new(),
            at,
            engine: EngineId::local(),
            container_id: container.id,
            container_name: container.name.clone(),
            kind,
            exit_code,
            signal: exit_code.and_then(signals::of_exit).map(str::to_owned),
            detail: (kind == Created).then(|| container.image.clone()),
            cause: (died && container.oom_killed).then_some(Cause::OutOfMemory),
        };
        Some((at.as_millis().saturating_mul(1_000_000), occurrence))
    };
    facts.into_iter().filter_map(occurrence).collect()
}

#[cfg(test)]
mod tests;
