//! The state: plain data, no I/O.
//!
//! Every row has the revision of its last change, so the changes since any revision can be found
//! without a log. Only removals are logged.

use crate::{
    details::without_ids,
    watcher::{Observation, Sample},
};
use app::{
    model::{Container, ContainerId, ContainerKey, ContainerStats, Engine, EngineName, Timestamp},
    protocol::{Delta, RemovedContainer, Revision, Snapshot},
};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

/// Maximum number of removals kept for clients that reconnect: at 20 removals a second, enough for
/// 200 s. Later clients get a snapshot.
const MAX_REMOVALS: usize = if cfg!(test) { 8 } else { 4096 };

/// The server's state at one revision.
#[derive(Debug, Clone)]
pub struct State {
    epoch: Arc<str>,
    revision: Revision,
    engines: Vec<Engine>,
    engines_changed: Revision,
    rows: BTreeMap<ContainerKey, Row>,
    removals: VecDeque<(Revision, RemovedContainer)>,
    /// Revision from which on removals are complete.
    floor: Revision,
    sampled_at: Option<Timestamp>,
    /// Time of the latest sampling round of each engine.
    sampled_by: BTreeMap<EngineName, Timestamp>,
    sampled: Revision,
    event_at: Option<Timestamp>,
}

#[derive(Debug, Clone)]
struct Row {
    container: Arc<Container>,
    changed: Revision,
    /// Latest sample. Present while the container has processes; its values are unknown before the
    /// first sample.
    sample: Option<Arc<ContainerStats>>,
    sample_changed: Revision,
    /// CPU time of the run in nanoseconds. Not sent to viewers, because it changes with every
    /// sample.
    cpu_nanos: Option<u64>,
}

/// A container with its measurements.
#[derive(Debug)]
pub struct Measured {
    /// Identity and state of the container.
    pub container: Arc<Container>,
    /// Latest sample of the container, while it has processes.
    pub stats: Option<Arc<ContainerStats>>,
    /// CPU time of this run, in nanoseconds.
    pub cpu_nanos: Option<u64>,
}

/// Data that brings a client up to date.
#[derive(Debug)]
pub enum Catchup {
    /// None needed.
    UpToDate,
    /// The changes since the client's revision.
    Delta(Box<Delta>),
    /// A full snapshot is needed.
    Snapshot,
}

impl State {
    /// Creates an empty state at revision 0.
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
            sampled_by: BTreeMap::new(),
            sampled: Revision::default(),
            event_at: None,
        }
    }

    /// Identifies this run of the server.
    pub fn epoch(&self) -> &str {
        &self.epoch
    }

    /// The current revision.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// Looks up a container.
    pub fn container(&self, key: ContainerKey) -> Option<&Arc<Container>> {
        self.rows.get(&key).map(|row| &row.container)
    }

    /// The containers with this id, at most one on each engine.
    pub fn with_id(&self, id: ContainerId) -> impl Iterator<Item = ContainerKey> {
        let keys = self.engines.iter().map(move |engine| ContainerKey::new(engine.id, id));
        keys.filter(|key| self.rows.contains_key(key))
    }

    /// All containers.
    pub fn containers(&self) -> impl Iterator<Item = &Arc<Container>> {
        self.rows.values().map(|row| &row.container)
    }

    /// All containers with their measurements.
    pub fn measured(&self) -> impl Iterator<Item = Measured> {
        let measured = |row: &Row| Measured {
            container: Arc::clone(&row.container),
            stats: row.sample.clone(),
            cpu_nanos: row.cpu_nanos,
        };
        self.rows.values().map(measured)
    }

    /// Time of the latest sampling round.
    pub fn sampled_at(&self) -> Option<Timestamp> {
        self.sampled_at
    }

    /// Time of the latest sampling round of an engine.
    pub fn sampled_at_of(&self, engine: EngineName) -> Option<Timestamp> {
        self.sampled_by.get(&engine).copied()
    }

    /// The revision of the changes that are being applied.
    fn next(&self) -> Revision {
        Revision(self.revision.0 + 1)
    }

    /// Applies an observation. Returns true if anything changed. [`State::commit`] completes the
    /// revision.
    pub fn apply(&mut self, observation: Observation, now: Timestamp) -> bool {
        match observation {
            Observation::Engine(engine) => self.set_engine(*engine),
            Observation::EngineRemoved(engine) => self.remove_engine(engine),
            Observation::StatsInterval(engine, interval) => self.set_stats_interval(engine, interval),
            Observation::Containers { upserted, removed, event_at } => {
                let mut changed = false;
                for key in removed {
                    changed |= self.remove(key);
                }
                for container in upserted {
                    changed |= self.upsert(container, now);
                }
                if changed && let Some(event_at) = event_at {
                    self.event_at = Some(self.event_at.map_or(event_at, |earlier| earlier.min(event_at)));
                }
                changed
            }
            Observation::Samples { engine, samples, taken_at } => {
                for sample in samples {
                    self.set_sample(sample);
                }
                self.sampled_at = Some(taken_at);
                self.sampled_by.insert(engine, taken_at);
                self.sampled = self.next();
                true
            }
        }
    }

    /// Completes a revision. Returns the time of its earliest event.
    pub fn commit(&mut self) -> Option<Timestamp> {
        self.revision = self.next();
        self.event_at.take()
    }

    fn upsert(&mut self, container: Arc<Container>, now: Timestamp) -> bool {
        let next = self.next();
        let old = self.rows.get(&container.key());
        if old.is_some_and(|row| row.container == container) {
            return false;
        }
        let same_run = |row: &&Row| row.sample.is_some() && row.container.started_at == container.started_at;
        let (sample, sample_changed, cpu_nanos) = if !container.state.has_processes() {
            (None, next, None)
        } else if let Some(row) = old.filter(same_run) {
            (row.sample.clone(), row.sample_changed, row.cpu_nanos)
        } else {
            let unknown = ContainerStats::unknown(container.key(), container.name.clone(), now);
            (Some(Arc::new(unknown)), next, None)
        };
        let row = Row { container, changed: next, sample, sample_changed, cpu_nanos };
        self.rows.insert(row.container.key(), row);
        true
    }

    fn remove(&mut self, key: ContainerKey) -> bool {
        if self.rows.remove(&key).is_none() {
            return false;
        }
        self.removals.push_back((self.next(), key.into()));
        if self.removals.len() > MAX_REMOVALS
            && let Some((revision, _)) = self.removals.pop_front()
        {
            self.floor = revision;
        }
        true
    }

    fn set_sample(&mut self, Sample { started_at, stats, cpu_nanos }: Sample) {
        let next = self.next();
        let Some(row) = self.rows.get_mut(&stats.key()) else { return };
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

    /// Returns the whole state.
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

    /// Copies the state with only some engines and containers, under another epoch. `seen` selects
    /// keys, including removed ones.
    pub fn filtered(
        &self,
        epoch: Arc<str>,
        has: impl Fn(EngineName) -> bool,
        sees: impl Fn(&Container) -> bool,
        seen: impl Fn(ContainerKey) -> bool,
    ) -> Self {
        let rows = self.rows.iter().filter(|(key, row)| has(key.engine) && sees(&row.container));
        let rows = rows.map(|(key, row)| (*key, self.redacted(row, &seen)));
        let removals = self.removals.iter().filter(|(_, gone)| seen(gone.key()));
        Self {
            epoch,
            revision: self.revision,
            engines: self.engines.iter().filter(|engine| has(engine.id)).cloned().collect(),
            engines_changed: self.engines_changed,
            rows: rows.collect(),
            removals: removals.cloned().collect(),
            floor: self.floor,
            sampled_at: self.sampled_at,
            sampled_by: self.sampled_by.clone(),
            sampled: self.sampled,
            event_at: None,
        }
    }

    /// A row without references to containers that are not `seen`. The row counts as changed
    /// whenever the referenced container changed, because its visibility may have changed.
    fn redacted(&self, row: &Row, seen: impl Fn(ContainerKey) -> bool) -> Row {
        let container = &row.container;
        let beside = |id| ContainerKey::new(container.engine, id);
        let seen = |id| seen(beside(id));
        let error = container.error.as_deref().map(|error| {
            without_ids(error, |id| id.parse().is_ok_and(|id: ContainerId| id == container.id || seen(id)))
        });
        let hides_network = container.network_of.is_some_and(|id| !seen(id));
        let other =
            container.network_of.and_then(|id| self.rows.get(&beside(id))).map_or(row.changed, |row| row.changed);
        if !hides_network && error == container.error {
            return Row { changed: row.changed.max(other), ..row.clone() };
        }
        let network_of = container.network_of.filter(|_| !hides_network);
        let container = Arc::new(Container { network_of, error, ..Container::clone(container) });
        Row { container, changed: row.changed.max(other), ..row.clone() }
    }

    /// Returns the changes since `revision` of this epoch.
    pub fn since(&self, revision: Revision, server_time: Timestamp) -> Catchup {
        if revision == self.revision {
            return Catchup::UpToDate;
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
            removed: gone
                .filter(|(_, gone)| !self.rows.contains_key(&gone.key()))
                .map(|(_, gone)| gone.clone())
                .collect(),
            stats: sampled.filter_map(|row| row.sample.clone()).collect(),
            sampled_at: self.sampled_at.filter(|_| self.sampled > revision),
            ..Delta::empty(self.revision, server_time)
        }))
    }
}

mod engines;
#[cfg(test)]
pub(crate) mod examples;
#[cfg(test)]
mod tests;
