//! What happened to containers in the last 24 hours.
//!
//! In: every event of the engine, from the watcher, also those of before this server listened: an engine's own memory fills the gap after
//! each loss of the link, and at the start ([`crate::watcher`]). What no event tells of any more is taken from inspect's
//! times ([`Timeline::recall`]). Out: [`Occurrence`]s, by query or one after another as they are recorded. Bounded by age, number
//! and bytes ([`log`]). Each is known by the engine's time of it, in nanoseconds, so that nothing is recorded twice, and a reader can go on after
//! this server was restarted. [`app::last_end`] makes of them why a container stopped.

mod cause;
mod engine_away;
mod log;
mod query;
mod reader;
mod reading;
mod seen;

pub use engine_away::Absence;
pub use log::MOST_AGE;
pub use query::{EventQuery, EventQueryText};
pub use reader::Reader;
pub use seen::Seen;

use crate::{
    engine::{EventMessage, Terms},
    now,
};
use app::model::{
    Basis, Cause, Container, ContainerId, EngineId, Evidence, Occurrence, OccurrenceKind, Occurrences, Timestamp,
};
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
/// An end of the same container and exit code this close to another, without a start between them, is the same.
const SAME_RUN: Duration = Duration::from_secs(60);

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
    /// How a container stops and is started again; as many as there are containers.
    terms: HashMap<ContainerId, Terms>,
    /// Requests to end a container that this server passes on: `None` while one is under way, else when it was over.
    requests: HashMap<ContainerId, Option<Timestamp>>,
    /// When and why the last run of each container ended, where the cause is known.
    ends: HashMap<ContainerId, (Timestamp, Cause)>,
    /// When the kernel last killed in each container for lack of memory.
    kills: HashMap<ContainerId, Timestamp>,
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
        let mut state = self.lock();
        state.terms.retain(|id, _| present.contains(id));
        state.ends.retain(|id, _| present.contains(id));
        state.kills.retain(|id, _| present.contains(id));
        drop(state);
        let mut recalled: Vec<_> = containers.iter().flat_map(past).collect();
        recalled.sort_by_key(|(nanos, _)| *nanos);
        self.add(recalled, false);
    }

    /// Learns how a container stops, and whether it is started again.
    pub fn knows_terms(&self, id: ContainerId, terms: Terms) {
        self.lock().terms.insert(id, terms);
    }

    /// Notes that this server asks the engine to end a container, until the returned guard is dropped.
    #[must_use]
    pub fn requests_end(&self, id: ContainerId) -> EndRequest {
        let mut state = self.lock();
        let now = now();
        state.requests.retain(|_, over| over.is_none_or(|at| now.since(at) <= SAME));
        state.requests.insert(id, None);
        drop(state);
        EndRequest { timeline: self.clone(), id }
    }

    /// The engine is back after it was away: says why runs ended meanwhile. Called after [`Timeline::recall`].
    pub fn engine_was_away(&self, absence: Absence, containers: &[Container]) {
        let mut state = self.lock();
        let revised = engine_away::explained(&state.log, &state.terms, absence, containers);
        for occurrence in revised {
            state.revise(occurrence);
        }
        self.announce(state);
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
            let known = state.same_death(&occurrence, told);
            if told {
                state.explain(&mut occurrence);
            }
            if let Some(known) = known {
                state.merge(known, occurrence, told);
                state.log.hold(key);
                continue;
            }
            if occurrence.kind == OccurrenceKind::Destroyed {
                state.terms.remove(&occurrence.container_id);
                state.ends.remove(&occurrence.container_id);
                state.kills.remove(&occurrence.container_id);
            }
            state.ended(&occurrence);
            let revised = state.stopped(&occurrence).filter(|_| told);
            state.log.push(key, occurrence, oldest);
            if let Some(revised) = revised {
                state.revise(revised);
            }
        }
        self.announce(state);
    }

    /// Wakes those who wait for more.
    fn announce(&self, state: MutexGuard<'_, State>) {
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
        let mut wanted: Vec<_> = state.log.iter().filter(told).collect();
        // The newest count, and what was recalled or revised stands where it was recorded.
        wanted.sort_by_key(|recorded| recorded.key.nanos);
        let mut events: Vec<_> = wanted.into_iter().map(Recorded::told).collect();
        drop(state);
        events.drain(..events.len().saturating_sub(query.limit));
        Occurrences { events, recorded_since: self.shared.since }
    }

    /// What is known of one container, oldest first.
    pub fn of(&self, id: ContainerId) -> Vec<Occurrence> {
        let state = self.lock();
        let of_one = state.log.of(id).filter(|_| self.tells_of(id));
        let mut of_one: Vec<_> = of_one.collect();
        of_one.sort_by_key(|recorded| recorded.key.nanos);
        let events = of_one.into_iter().map(Recorded::told).collect();
        drop(state);
        events
    }

    /// Completes what inspect says of a container by what events told: why its last run ended, and whether a process inside was killed
    /// for lack of memory in the run that goes on. The engine's flag is of any process, so that evidence of another cause makes it a
    /// fact beside the end.
    pub fn explain(&self, container: &mut Container) {
        container.end_cause = self.end_cause(container);
        match container.end_cause {
            Some(Cause::OutOfMemory) => container.oom_killed = true,
            Some(Cause::Request | Cause::EngineRestart) => {
                container.process_oom_killed |= std::mem::take(&mut container.oom_killed);
            }
            // The event of a kernel's kill can come too late, or not at all.
            Some(Cause::Itself | Cause::RestartPolicy) | None if container.oom_killed => {
                container.end_cause = Some(Cause::OutOfMemory);
            }
            Some(Cause::Itself | Cause::RestartPolicy) | None => {}
        }
        if container.state.has_processes() {
            let killed_at = self.lock().kills.get(&container.id).copied();
            container.process_oom_killed = killed_at >= container.started_at && killed_at.is_some();
        }
    }

    /// Why the last run of a container ended, if it has, and if that is known.
    pub fn end_cause(&self, container: &Container) -> Option<Cause> {
        let finished_at = container.finished_at.filter(|_| !container.state.has_processes())?;
        self.cause_of_end(container.id, finished_at)
    }

    /// Why the run ended that ended at that time.
    pub fn cause_of_end(&self, id: ContainerId, finished_at: Timestamp) -> Option<Cause> {
        let (at, cause) = self.lock().ends.get(&id).copied()?;
        // An event is stamped when the engine sends it, which may be late.
        (at.since(finished_at) <= SAME_RUN && finished_at.since(at) <= SAME).then_some(cause)
    }

    /// Reads on behind the event with this id, or from the query's beginning in time, or only what is new.
    pub fn reader(&self, query: EventQuery, behind: Option<&str>) -> Reader {
        Reader::new(self.clone(), query, behind)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Concludes why a run ended or began.
    fn explain(&self, occurrence: &mut Occurrence) {
        let id = occurrence.container_id;
        let terms = self.terms.get(&id).copied();
        match occurrence.kind {
            OccurrenceKind::Died => {
                let requested =
                    self.requests.get(&id).is_some_and(|over| over.is_none_or(|at| now().since(at) <= SAME));
                let (cause, evidence) = cause::of_death(occurrence, self.log.of(id), terms, requested);
                (occurrence.cause, occurrence.evidence) = (Some(cause), Some(evidence));
            }
            OccurrenceKind::Started => occurrence.cause = Some(cause::of_start(occurrence, self.log.of(id), terms)),
            _ => {}
        }
    }

    /// The end that a `stop` or a `restart` is about, with what it says of it, where that is more than was known.
    fn stopped(&self, stop: &Occurrence) -> Option<Occurrence> {
        if !matches!(stop.kind, OccurrenceKind::Stopped | OccurrenceKind::Restarted) {
            return None;
        }
        let death = cause::of_stop(stop, self.log.of(stop.container_id))?.told();
        let evidence = death.evidence.clone().unwrap_or_default();
        let is_open = match death.cause {
            Some(Cause::Request) => evidence.probable,
            Some(Cause::OutOfMemory | Cause::EngineRestart) => false,
            Some(Cause::Itself | Cause::RestartPolicy) | None => true,
        };
        let evidence = Evidence { basis: Basis::StopEvent, probable: false, ..evidence };
        is_open.then_some(Occurrence { cause: Some(Cause::Request), evidence: Some(evidence), ..death })
    }

    /// The recorded end of the same run: an engine that was frozen stamps its event when it goes on, seconds after the time
    /// that inspect has.
    fn same_death(&self, death: &Occurrence, is_event: bool) -> Option<Occurrence> {
        if death.kind != OccurrenceKind::Died {
            return None;
        }
        let known = self.log.of(death.container_id).rfind(|one| one.occurrence.kind == OccurrenceKind::Died)?.told();
        let is_of_inspect = known.evidence.as_ref().is_none_or(|evidence| evidence.basis == Basis::OomFlag);
        let (inspect, event) = if is_event { (known.at, death.at) } else { (death.at, known.at) };
        let is_new_run = self.log.of(death.container_id).any(|one| {
            one.occurrence.kind == OccurrenceKind::Started && one.occurrence.at > inspect && one.occurrence.at <= event
        });
        let is_same = is_event == is_of_inspect
            && inspect <= event
            && event.since(inspect) <= SAME_RUN
            && !is_new_run
            && known.exit_code.is_none_or(|code| death.exit_code.is_none_or(|other| code == other));
        is_same.then_some(known)
    }

    /// Completes a recorded end: the time is inspect's, the cause the event's.
    fn merge(&mut self, known: Occurrence, death: Occurrence, is_event: bool) {
        let merged = if is_event {
            Occurrence { id: known.id, at: known.at, ..death }
        } else {
            Occurrence { at: death.at, exit_code: death.exit_code.or(known.exit_code), ..known }
        };
        if let Some(cause) = merged.cause {
            self.ends.insert(merged.container_id, (merged.at, cause));
        }
        self.revise(merged);
    }

    /// Puts what is known better now in the place of what was recorded; those who read on are told of it again, under the same id.
    fn revise(&mut self, occurrence: Occurrence) {
        self.ended(&occurrence);
        self.log.revise(occurrence);
    }

    /// Notes why a run ended, and that memory ran out in it.
    fn ended(&mut self, death: &Occurrence) {
        if death.kind == OccurrenceKind::Oom {
            self.kills.insert(death.container_id, death.at);
        }
        if let (OccurrenceKind::Died, Some(cause)) = (death.kind, death.cause) {
            let last = self.ends.entry(death.container_id).or_insert((death.at, cause));
            if last.0 <= death.at {
                *last = (death.at, cause);
            }
        }
    }
}

/// A request to end a container, while it is under way.
#[derive(Debug)]
pub struct EndRequest {
    timeline: Timeline,
    id: ContainerId,
}

impl Drop for EndRequest {
    fn drop(&mut self) {
        self.timeline.lock().requests.insert(self.id, Some(now()));
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
        let killed = died && container.oom_killed;
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
            cause: killed.then_some(Cause::OutOfMemory),
            // An engine's flag does not say which process was killed.
            evidence: killed.then(|| Evidence { basis: Basis::OomFlag, probable: true, signals: Vec::new() }),
        };
        Some((at.as_millis().saturating_mul(1_000_000), occurrence))
    };
    facts.into_iter().filter_map(occurrence).collect()
}

#[cfg(test)]
mod tests;
