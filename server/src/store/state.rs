//! The state itself: plain data, no I/O. Every row remembers the revision that last changed it, so what happened since any
//! revision can be told without keeping a log of changes; only removals are logged.

use crate::{
    details::without_ids,
    watcher::{Observation, Sample},
};
use app::{
    model::{Container, ContainerId, ContainerStats, Engine, Timestamp},
    protocol::{Delta, RemovedContainer, Revision, Snapshot},
};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

/// Removals remembered for readers that come back. At a churn of 20 containers a second this covers 200 s; who comes later
/// gets a snapshot.
const REMOVALS_KEPT: usize = if cfg!(test) { 8 } else { 4096 };

/// What the server holds at one revision.
#[derive(Debug, Clone)]
pub struct State {
    epoch: Arc<str>,
    revision: Revision,
    engines: Vec<Engine>,
    engines_changed: Revision,
    rows: BTreeMap<ContainerId, Row>,
    removals: VecDeque<(Revision, RemovedContainer)>,
    /// The oldest revision whose later removals are all remembered.
    floor: Revision,
    sampled_at: Option<Timestamp>,
    sampled: Revision,
    event_at: Option<Timestamp>,
}

#[derive(Debug, Clone)]
struct Row {
    container: Arc<Container>,
    changed: Revision,
    /// There is one exactly while the container has processes; all unknown until the first is taken.
    sample: Option<Arc<ContainerStats>>,
    sample_changed: Revision,
    /// Not on the wire: it changes with every sample.
    cpu_nanos: Option<u64>,
}

/// A container and what was measured of it.
#[derive(Debug)]
pub struct Measured {
    /// Who it is.
    pub container: Arc<Container>,
    /// Its newest sample, while it has processes.
    pub stats: Option<Arc<ContainerStats>>,
    /// Processor time used by this run, in nanoseconds.
    pub cpu_nanos: Option<u64>,
}

/// How a reader is brought to the present.
#[derive(Debug)]
pub enum Catchup {
    /// It has it.
    Nothing,
    /// By what changed.
    Delta(Box<Delta>),
    /// Only by everything.
    Snapshot,
}

impl State {
    /// Empty, at revision 0.
    pub fn new(epoch: impl Into<Arc<str>>) -> Self {
        Self {
            epoch: epoch.into(),
            revision: Revision::default(),
            engines: Vec::new(),
            engines_changed: Revision::default(),
            rows: BTreeMap::new(),
            removals: VecDeque::new(),
            floor: Revision::default(),
            sampled_at: None,
            sampled: Revision::default(),
            event_at: None,
        }
    }

    /// The server run.
    pub fn epoch(&self) -> &str {
        &self.epoch
    }

    /// What this is the state of.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// Every engine.
    pub fn engines(&self) -> &[Engine] {
        &self.engines
    }

    /// One container.
    pub fn container(&self, id: ContainerId) -> Option<&Arc<Container>> {
        self.rows.get(&id).map(|row| &row.container)
    }

    /// Every container.
    pub fn containers(&self) -> impl Iterator<Item = &Arc<Container>> {
        self.rows.values().map(|row| &row.container)
    }

    /// Every container with what was measured of it.
    pub fn measured(&self) -> impl Iterator<Item = Measured> {
        let measured = |row: &Row| Measured {
            container: Arc::clone(&row.container),
            stats: row.sample.clone(),
            cpu_nanos: row.cpu_nanos,
        };
        self.rows.values().map(measured)
    }

    /// When the newest sweep was over.
    pub fn sampled_at(&self) -> Option<Timestamp> {
        self.sampled_at
    }

    /// The revision the changes being applied will lead to.
    fn next(&self) -> Revision {
        Revision(self.revision.0 + 1)
    }

    /// Takes an observation in; true when it told anything new. [`State::seal`] makes the changes a revision.
    pub fn apply(&mut self, observation: Observation, now: Timestamp) -> bool {
        match observation {
            Observation::Engine(engine) => self.set_engine(*engine),
            Observation::Widened(interval) => self.set_stats_interval(interval),
            Observation::Containers { upserted, removed, event_at } => {
                let mut changed = false;
                for id in removed {
                    changed |= self.remove(id);
                }
                for container in upserted {
                    changed |= self.upsert(container, now);
                }
                if changed && let Some(event_at) = event_at {
                    self.event_at = Some(self.event_at.map_or(event_at, |earlier| earlier.min(event_at)));
                }
                changed
            }
            Observation::Samples { samples, taken_at } => {
                for sample in samples {
                    self.set_sample(sample);
                }
                self.sampled_at = Some(taken_at);
                self.sampled = self.next();
                true
            }
        }
    }

    /// Ends a revision: what was applied since the last one is now held. Returns when its earliest event happened.
    pub fn seal(&mut self) -> Option<Timestamp> {
        self.revision = self.next();
        self.event_at.take()
    }

    fn set_engine(&mut self, mut engine: Engine) -> bool {
        let known = self.engines.iter().find(|known| known.id == engine.id);
        // Whoever tells of the link does not know of the sampling.
        engine.stats_interval_millis = known.and_then(|known| known.stats_interval_millis);
        match self.engines.iter_mut().find(|known| known.id == engine.id) {
            Some(known) if *known == engine => return false,
            Some(known) => *known = engine,
            None => self.engines.push(engine),
        }
        self.engines_changed = self.next();
        true
    }

    fn set_stats_interval(&mut self, interval: Option<Duration>) -> bool {
        let millis = interval.and_then(|interval| u64::try_from(interval.as_millis()).ok());
        let mut changed = false;
        for engine in &mut self.engines {
            changed |= std::mem::replace(&mut engine.stats_interval_millis, millis) != millis;
        }
        if changed {
            self.engines_changed = self.next();
        }
        changed
    }

    fn upsert(&mut self, container: Arc<Container>, now: Timestamp) -> bool {
        let next = self.next();
        let old = self.rows.get(&container.id);
        if old.is_some_and(|row| row.container == container) {
            return false;
        }
        let same_run = |row: &&Row| row.sample.is_some() && row.container.started_at == container.started_at;
        let (sample, sample_changed, cpu_nanos) = if !container.state.has_processes() {
            (None, next, None)
        } else if let Some(row) = old.filter(same_run) {
            (row.sample.clone(), row.sample_changed, row.cpu_nanos)
        } else {
            let unknown = ContainerStats::unknown(container.id, container.name.clone(), now);
            (Some(Arc::new(unknown)), next, None)
        };
        let row = Row { container, changed: next, sample, sample_changed, cpu_nanos };
        self.rows.insert(row.container.id, row);
        true
    }

    fn remove(&mut self, id: ContainerId) -> bool {
        let Some(row) = self.rows.remove(&id) else { return false };
        let gone = RemovedContainer { engine: row.container.engine.clone(), id };
        self.removals.push_back((self.next(), gone));
        if self.removals.len() > REMOVALS_KEPT
            && let Some((revision, _)) = self.removals.pop_front()
        {
            self.floor = revision;
        }
        true
    }

    fn set_sample(&mut self, Sample { started_at, stats, cpu_nanos }: Sample) {
        let next = self.next();
        let Some(row) = self.rows.get_mut(&stats.container_id) else { return };
        if row.container.started_at != started_at || !row.container.state.has_processes() {
            return;
        }
        row.cpu_nanos = cpu_nanos;
        if row.sample.as_deref().is_some_and(|held| held.same_numbers(&stats)) {
            return;
        }
        row.sample = Some(Arc::new(stats));
        row.sample_changed = next;
    }

    /// Everything.
    pub fn snapshot(&self, server_time: Timestamp) -> Snapshot {
        Snapshot {
            epoch: self.epoch.to_string(),
            revision: self.revision,
            server_time,
            engines: self.engines.clone(),
            containers: self.rows.values().map(|row| Arc::clone(&row.container)).collect(),
            stats: self.rows.values().filter_map(|row| row.sample.clone()).collect(),
            sampled_at: self.sampled_at,
        }
    }

    /// The same of some containers, as another epoch at the same revision. `seen`: which of those that are gone were among them.
    pub fn narrowed(
        &self,
        epoch: Arc<str>,
        sees: impl Fn(&Container) -> bool,
        seen: impl Fn(ContainerId) -> bool,
    ) -> Self {
        let rows = self.rows.iter().filter(|(_, row)| sees(&row.container));
        let rows = rows.map(|(id, row)| (*id, self.without_others(row, &seen)));
        let removals = self.removals.iter().filter(|(_, gone)| seen(gone.id));
        Self {
            epoch,
            revision: self.revision,
            engines: self.engines.clone(),
            engines_changed: self.engines_changed,
            rows: rows.collect(),
            removals: removals.cloned().collect(),
            floor: self.floor,
            sampled_at: self.sampled_at,
            sampled: self.sampled,
            event_at: None,
        }
    }

    /// A row that names no container of those that are not `seen`. One that names another changes with it: from then on it may be named.
    fn without_others(&self, row: &Row, seen: impl Fn(ContainerId) -> bool) -> Row {
        let container = &row.container;
        let error = container.error.as_deref().map(|error| {
            without_ids(error, |id| id.parse().is_ok_and(|id: ContainerId| id == container.id || seen(id)))
        });
        let hides_network = container.network_of.is_some_and(|id| !seen(id));
        let other = container.network_of.and_then(|id| self.rows.get(&id)).map_or(row.changed, |row| row.changed);
        if !hides_network && error == container.error {
            return Row { changed: row.changed.max(other), ..row.clone() };
        }
        let network_of = container.network_of.filter(|_| !hides_network);
        let container = Arc::new(Container { network_of, error, ..Container::clone(container) });
        Row { container, changed: row.changed.max(other), ..row.clone() }
    }

    /// What a reader at `revision` of this epoch needs to come to the present.
    pub fn since(&self, revision: Revision, server_time: Timestamp) -> Catchup {
        if revision == self.revision {
            return Catchup::Nothing;
        }
        if revision < self.floor || revision > self.revision {
            return Catchup::Snapshot;
        }
        let gone = self.removals.iter().rev().take_while(|(at, _)| *at > revision);
        let changed = self.rows.values().filter(|row| row.changed > revision);
        let sampled = self.rows.values().filter(|row| row.sample_changed > revision);
        Catchup::Delta(Box::new(Delta {
            engines: (self.engines_changed > revision).then(|| self.engines.clone()),
            upserted: changed.map(|row| Arc::clone(&row.container)).collect(),
            removed: gone.filter(|(_, gone)| !self.rows.contains_key(&gone.id)).map(|(_, gone)| gone.clone()).collect(),
            stats: sampled.filter_map(|row| row.sample.clone()).collect(),
            sampled_at: self.sampled_at.filter(|_| self.sampled > revision),
            ..Delta::empty(self.revision, server_time)
        }))
    }
}

#[cfg(test)]
pub(crate) mod examples;
#[cfg(test)]
mod tests;
