//! Events of containers in the last 24 hours.
//!
//! In: all engine events from the watcher, including those that the engine kept from before the
//! server or the link was up, and inspect's times where events are missing ([`Timeline::recall`]).
//! Out: [`Occurrence`]s, by query or as a stream. Shared by the watcher, which writes, and
//! [`crate::http`], which reads.
//!
//! Limited by age, number and bytes ([`log`]). Events are identified by the engine's time in
//! nanoseconds, so that none is recorded twice and a reader can continue after a restart of this
//! server. [`app::model::last_end`] derives from them why a container stopped. Read next:
//! [`cause`].

mod cause;
mod engine_outage;
mod from_event;
mod log;
mod query;
mod reader;
mod recalled;
mod seen;

pub use engine_outage::Outage;
pub use log::MAX_AGE;
pub use query::{EventQuery, EventQueryText};
pub use reader::Reader;
pub use seen::Seen;

use crate::{
    engine::{EventMessage, LifecycleSettings},
    now,
};
use app::model::{
    Basis, Cause, Container, ContainerKey, EngineName, Evidence, Occurrence, OccurrenceKind, Occurrences, Timestamp,
};
use log::{Key, Log, Recorded};
use recalled::{Times, past};
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::watch;

/// Maximum difference between the times of an event and of inspect for the same change.
const SAME_EVENT_TOLERANCE: Duration = Duration::from_secs(2);
/// Maximum time between two records of the same exit, if the container was not started in between.
const SAME_EXIT_TOLERANCE: Duration = Duration::from_secs(60);

/// Recorded events; clones share them.
#[derive(Debug, Clone)]
pub struct Timeline {
    shared: Arc<Shared>,
    /// Visible containers; `None` means all.
    seen: Option<Seen>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// Number of recorded events, which wakes waiting readers.
    recorded: watch::Sender<u64>,
    since: Timestamp,
}

#[derive(Debug, Default)]
struct State {
    log: Log,
    /// Stop and restart settings of each container.
    lifecycle_settings: HashMap<ContainerKey, LifecycleSettings>,
    /// Actions of this server that end a container: `None` while in flight, otherwise the time of
    /// completion.
    requests: HashMap<ContainerKey, Option<Timestamp>>,
    /// Time and cause of each container's last exit, if known.
    ends: HashMap<ContainerKey, (Timestamp, Cause)>,
    /// Time of each container's last OOM kill.
    kills: HashMap<ContainerKey, Timestamp>,
}

impl Default for Timeline {
    fn default() -> Self {
        let shared = Shared { state: Mutex::default(), recorded: watch::Sender::new(0), since: now() };
        Self { shared: Arc::new(shared), seen: None }
    }
}

#[cfg(any(test, feature = "fuzzing"))]
/// True if a text is an event id.
pub(crate) fn is_id(text: &str) -> bool {
    text.parse::<Key>().is_ok()
}

impl Timeline {
    /// Limits the timeline to visible containers; `None` means all.
    pub fn visible_to(&self, seen: Option<Seen>) -> Self {
        Self { shared: Arc::clone(&self.shared), seen }
    }

    fn shows(&self, key: ContainerKey) -> bool {
        self.seen.as_ref().is_none_or(|seen| seen.contains(key))
    }

    /// Records an event of an engine; ignores events that are not part of a container's life cycle.
    pub fn record(&self, engine: EngineName, message: &EventMessage) {
        let Some((nanos, occurrence)) = from_event::read(engine, message) else { return };
        self.add(vec![(nanos, occurrence)], true);
    }

    /// Records an event from the timeline of another server, with its cause and under the engine's
    /// name on this server. A revised event replaces the recorded one.
    pub fn adopt(&self, occurrence: Occurrence) {
        let Ok(Key { nanos, .. }) = occurrence.id.parse::<Key>() else { return };
        let oldest = oldest_nanos();
        let key = Key::of(nanos, &occurrence);
        let mut state = self.lock();
        if state.log.contains(key) {
            state.log.revise(Occurrence { id: key.to_string(), ..occurrence });
        } else if nanos >= oldest {
            state.log.push(key, Occurrence { id: String::new(), ..occurrence }, oldest);
        }
        self.announce(state);
    }

    /// Records creations, starts and exits from the times in inspect where events are missing.
    /// `containers` are all existing containers of the engine; data about other ones is dropped.
    pub fn recall(&self, engine: EngineName, containers: &[Container]) {
        let present: HashSet<_> = containers.iter().map(Container::key).collect();
        let is_kept = |key: &ContainerKey| key.engine != engine || present.contains(key);
        let mut state = self.lock();
        state.lifecycle_settings.retain(|key, _| is_kept(key));
        state.ends.retain(|key, _| is_kept(key));
        state.kills.retain(|key, _| is_kept(key));
        drop(state);
        let mut recalled: Vec<_> = containers.iter().flat_map(past).collect();
        recalled.sort_by_key(|(nanos, _)| *nanos);
        self.add(recalled, false);
    }

    /// Sets the stop and restart settings of a container.
    pub fn set_lifecycle_settings(&self, key: ContainerKey, lifecycle_settings: LifecycleSettings) {
        self.lock().lifecycle_settings.insert(key, lifecycle_settings);
    }

    /// Marks an action of this server that ends a container, until the guard is dropped.
    #[must_use]
    pub fn begin_end_request(&self, key: ContainerKey) -> EndRequest {
        let mut state = self.lock();
        let now = now();
        state.requests.retain(|_, over| over.is_none_or(|at| now.since(at) <= SAME_EVENT_TOLERANCE));
        state.requests.insert(key, None);
        drop(state);
        EndRequest { timeline: self.clone(), key }
    }

    /// Determines the causes of exits during an engine outage. Called after [`Timeline::recall`].
    pub fn engine_outage(&self, outage: Outage, containers: &[Container]) {
        let mut state = self.lock();
        let revised = engine_outage::revised_causes(&state.log, &state.lifecycle_settings, outage, containers);
        for occurrence in revised {
            state.revise(occurrence);
        }
        self.announce(state);
    }

    fn add(&self, occurrences: Vec<(u64, Occurrence)>, from_event: bool) {
        let oldest = oldest_nanos();
        let mut state = self.lock();
        let times = if from_event { Times::default() } else { Times::of(&state.log, &occurrences) };
        for (nanos, mut occurrence) in occurrences {
            let key = Key::of(nanos, &occurrence);
            if nanos < oldest || state.log.contains(key) || times.contains(&occurrence) {
                continue;
            }
            let known = state.same_exit(&occurrence, from_event);
            if from_event {
                state.explain(&mut occurrence);
            }
            if let Some(known) = known {
                state.merge(known, occurrence, from_event);
                state.log.hold(key);
                continue;
            }
            if occurrence.kind == OccurrenceKind::Destroyed {
                state.lifecycle_settings.remove(&occurrence.key());
                state.ends.remove(&occurrence.key());
                state.kills.remove(&occurrence.key());
            }
            state.ended(&occurrence);
            let revised = state.stopped(&occurrence).filter(|_| from_event);
            state.log.push(key, occurrence, oldest);
            if let Some(revised) = revised {
                state.revise(revised);
            }
        }
        self.announce(state);
    }

    /// Wakes waiting readers.
    fn announce(&self, state: MutexGuard<'_, State>) {
        let count = state.log.end();
        drop(state);
        self.shared.recorded.send_if_modified(|recorded| std::mem::replace(recorded, count) != count);
    }

    /// Time of an engine's latest event, where a gap may begin, in nanoseconds since 1970.
    pub fn newest(&self, engine: EngineName) -> Option<u64> {
        self.lock().log.newest(engine)
    }

    /// Returns the matching events, oldest first.
    pub fn occurrences(&self, query: &EventQuery) -> Occurrences {
        let state = self.lock();
        let matches = |recorded: &&Recorded| query.matches(recorded) && self.shows(recorded.occurrence.key());
        let mut matching: Vec<_> = state.log.iter().filter(matches).collect();
        // Sorted, because recalled and revised events are stored out of order.
        matching.sort_by_key(|recorded| recorded.key.nanos);
        let mut events: Vec<_> = matching.into_iter().map(Recorded::to_occurrence).collect();
        drop(state);
        events.drain(..events.len().saturating_sub(query.limit));
        Occurrences { events, recorded_since: self.shared.since }
    }

    /// Returns the events of one container, oldest first.
    pub fn of(&self, key: ContainerKey) -> Vec<Occurrence> {
        let state = self.lock();
        let of_one = state.log.of(key).filter(|_| self.shows(key));
        let mut of_one: Vec<_> = of_one.collect();
        of_one.sort_by_key(|recorded| recorded.key.nanos);
        let events = of_one.into_iter().map(Recorded::to_occurrence).collect();
        drop(state);
        events
    }

    /// Completes an inspected container with the cause of its last exit and OOM kills in its
    /// current run. The engine sets its OOM flag for any process, so the flag is shown separately
    /// if another cause is known.
    pub fn explain(&self, container: &mut Container) {
        container.end_cause = self.end_cause(container);
        match container.end_cause {
            Some(Cause::OutOfMemory) => container.oom_killed = true,
            Some(Cause::Request | Cause::EngineRestart) => {
                container.process_oom_killed |= std::mem::take(&mut container.oom_killed);
            }
            // The event of an OOM kill can be late or missing.
            Some(Cause::Itself | Cause::RestartPolicy) | None if container.oom_killed => {
                container.end_cause = Some(Cause::OutOfMemory);
            }
            Some(Cause::Itself | Cause::RestartPolicy) | None => {}
        }
        if container.state.has_processes() {
            let killed_at = self.lock().kills.get(&container.key()).copied();
            container.process_oom_killed = killed_at >= container.started_at && killed_at.is_some();
        }
    }

    /// Cause of a container's last exit, if known.
    pub fn end_cause(&self, container: &Container) -> Option<Cause> {
        let finished_at = container.finished_at.filter(|_| !container.state.has_processes())?;
        self.cause_of_end(container.key(), finished_at)
    }

    /// Cause of the exit at this time, if known.
    pub fn cause_of_end(&self, key: ContainerKey, finished_at: Timestamp) -> Option<Cause> {
        let (at, cause) = self.lock().ends.get(&key).copied()?;
        // The engine stamps an event when it sends it, which may be late.
        (at.since(finished_at) <= SAME_EXIT_TOLERANCE && finished_at.since(at) <= SAME_EVENT_TOLERANCE).then_some(cause)
    }

    /// Creates a reader that starts after this event id, or at the start of the query, or with new
    /// events.
    pub fn reader(&self, query: EventQuery, after: Option<&str>) -> Reader {
        Reader::new(self.clone(), query, after)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Time of the oldest event that is kept, in nanoseconds since 1970.
fn oldest_nanos() -> u64 {
    now().as_millis().saturating_sub(MAX_AGE.as_millis() as u64) * 1_000_000
}

impl State {
    /// Determines the cause of an exit or a start.
    fn explain(&self, occurrence: &mut Occurrence) {
        let key = occurrence.key();
        let lifecycle_settings = self.lifecycle_settings.get(&key).copied();
        match occurrence.kind {
            OccurrenceKind::Died => {
                let requested = self
                    .requests
                    .get(&key)
                    .is_some_and(|over| over.is_none_or(|at| now().since(at) <= SAME_EVENT_TOLERANCE));
                let (cause, evidence) = cause::of_death(occurrence, self.log.of(key), lifecycle_settings, requested);
                (occurrence.cause, occurrence.evidence) = (Some(cause), Some(evidence));
            }
            OccurrenceKind::Started => {
                occurrence.cause = Some(cause::of_start(occurrence, self.log.of(key), lifecycle_settings));
            }
            _ => {}
        }
    }

    /// The exit that belongs to a `stop` or `restart` event, if the event changes its cause.
    fn stopped(&self, stop: &Occurrence) -> Option<Occurrence> {
        if !matches!(stop.kind, OccurrenceKind::Stopped | OccurrenceKind::Restarted) {
            return None;
        }
        let death = cause::of_stop(stop, self.log.of(stop.key()))?.to_occurrence();
        let evidence = death.evidence.clone().unwrap_or_default();
        let is_open = match death.cause {
            Some(Cause::Request) => evidence.probable,
            Some(Cause::OutOfMemory | Cause::EngineRestart) => false,
            Some(Cause::Itself | Cause::RestartPolicy) | None => true,
        };
        let evidence = Evidence { basis: Basis::StopEvent, probable: false, ..evidence };
        is_open.then_some(Occurrence { cause: Some(Cause::Request), evidence: Some(evidence), ..death })
    }

    /// Returns the recorded exit of the same run. The event of a frozen engine has the time at
    /// which the engine continues, seconds after the time in inspect.
    fn same_exit(&self, exit: &Occurrence, is_event: bool) -> Option<Occurrence> {
        if exit.kind != OccurrenceKind::Died {
            return None;
        }
        let known = self.log.of(exit.key()).rfind(|one| one.occurrence.kind == OccurrenceKind::Died)?.to_occurrence();
        let is_of_inspect = known.evidence.as_ref().is_none_or(|evidence| evidence.basis == Basis::OomFlag);
        let (inspect, event) = if is_event { (known.at, exit.at) } else { (exit.at, known.at) };
        let is_new_run = self.log.of(exit.key()).any(|one| {
            one.occurrence.kind == OccurrenceKind::Started && one.occurrence.at > inspect && one.occurrence.at <= event
        });
        let is_same = is_event == is_of_inspect
            && inspect <= event
            && event.since(inspect) <= SAME_EXIT_TOLERANCE
            && !is_new_run
            && known.exit_code.is_none_or(|code| exit.exit_code.is_none_or(|other| code == other));
        is_same.then_some(known)
    }

    /// Completes a recorded exit: with the time from inspect and the cause from the event.
    fn merge(&mut self, known: Occurrence, exit: Occurrence, is_event: bool) {
        let merged = if is_event {
            Occurrence { id: known.id, at: known.at, ..exit }
        } else {
            Occurrence { at: exit.at, exit_code: exit.exit_code.or(known.exit_code), ..known }
        };
        if let Some(cause) = merged.cause {
            self.ends.insert(merged.key(), (merged.at, cause));
        }
        self.revise(merged);
    }

    /// Replaces an event with a revised one, which readers get under the same id.
    fn revise(&mut self, occurrence: Occurrence) {
        self.ended(&occurrence);
        self.log.revise(occurrence);
    }

    /// Records the cause of an exit, and OOM kills.
    fn ended(&mut self, death: &Occurrence) {
        if death.kind == OccurrenceKind::Oom {
            self.kills.insert(death.key(), death.at);
        }
        if let (OccurrenceKind::Died, Some(cause)) = (death.kind, death.cause) {
            let last = self.ends.entry(death.key()).or_insert((death.at, cause));
            if last.0 <= death.at {
                *last = (death.at, cause);
            }
        }
    }
}

/// Guard of an action that ends a container.
#[derive(Debug)]
pub struct EndRequest {
    timeline: Timeline,
    key: ContainerKey,
}

impl Drop for EndRequest {
    fn drop(&mut self) {
        self.timeline.lock().requests.insert(self.key, Some(now()));
    }
}

#[cfg(test)]
mod tests;
