//! The signals that views read, several per row.
//!
//! In: valid frames, through `Rows::apply`, the only writer. Out: the keys, which change with
//! membership only, and for each row a signal of the container and one of its sample, set only if
//! their value changes: one sample updates one row.

mod host;
mod paths;

pub use host::Host;
use paths::id_path;
pub use paths::{MIN_ID_DIGITS, api_path, page_path};

use super::Trend;
use crate::prelude::*;
use crate::{
    format::to_tenths,
    model::{Container, ContainerId, ContainerKey, ContainerStats, Engine, EngineName, Timestamp},
    protocol::{Applied, ByKey, Frame, Picture, Revision, Snapshot},
};
use std::sync::Arc;

/// The signals of all rows. `Copy`.
#[derive(Debug, Clone, Copy)]
pub struct Rows {
    store: StoredValue<Store>,
    keys: RwSignal<Arc<[ContainerKey]>>,
    revision: RwSignal<Revision>,
    container_revision: RwSignal<Revision>,
    engines: RwSignal<Vec<Engine>>,
    hosts: Memo<Vec<Host>>,
    several_engines: Memo<bool>,
    sampled_at: RwSignal<Option<Timestamp>>,
}

/// The signals of one container.
#[derive(Debug, Clone)]
pub struct Row {
    /// Identity of the container.
    pub key: ContainerKey,
    /// The container with its state.
    pub container: ArcReadSignal<Arc<Container>>,
    /// Newest sample; `None` while the container has no processes, and before the first sample.
    pub stats: ArcReadSignal<Option<Arc<ContainerStats>>>,
    /// Newest CPU samples since this page was loaded.
    pub trend: ArcReadSignal<Trend>,
}

type ContainerSignal = ArcRwSignal<Arc<Container>>;
type Sample = Option<Arc<ContainerStats>>;
type StatsSignal = ArcRwSignal<Sample>;

#[derive(Debug)]
struct Store {
    picture: Picture,
    cells: ByKey<Cells>,
}

#[derive(Debug)]
struct Cells {
    container: ContainerSignal,
    stats: StatsSignal,
    trend: ArcRwSignal<Trend>,
}

impl Rows {
    /// The rows of a rendered page.
    pub(super) fn new(snapshot: Snapshot) -> Self {
        let mut store = Store { picture: Picture::default(), cells: ByKey::new() };
        store.apply(Frame::Snapshot(snapshot));
        let engines = RwSignal::new(store.picture.engines.clone());
        Self {
            keys: RwSignal::new(store.keys()),
            revision: RwSignal::new(store.picture.revision),
            container_revision: RwSignal::new(store.picture.revision),
            engines,
            hosts: Memo::new(move |_| engines.read().iter().map(Host::of).collect()),
            several_engines: Memo::new(move |_| engines.read().len() > 1),
            sampled_at: RwSignal::new(store.picture.sampled_at),
            store: StoredValue::new(store),
        }
    }

    /// Keys of all rows, ordered; changes only if a container is added or removed.
    pub fn keys(&self) -> ReadSignal<Arc<[ContainerKey]>> {
        self.keys.read_only()
    }

    /// The container with this id; if several engines have it, that of the first one. Untracked.
    pub fn find(&self, id: ContainerId) -> Option<ContainerKey> {
        self.store.try_with_value(|store| store.cells.keys().find(|key| key.id == id).copied()).flatten()
    }

    /// The signals of one row; `None` if it was removed.
    pub fn get(&self, key: ContainerKey) -> Option<Row> {
        self.store.try_with_value(|store| store.cells.get(&key).map(|cells| cells.row(key))).flatten()
    }

    /// True if containers of several engines are shown, so that each row shows its engine.
    pub fn has_several_engines(&self) -> bool {
        self.several_engines.try_get().unwrap_or_default()
    }

    /// Facts about the engine with this name, for its rows.
    pub fn host(&self, engine: EngineName) -> Option<Host> {
        self.hosts.try_with(|hosts| hosts.iter().find(|host| host.engine == engine).copied()).flatten()
    }

    /// Converts a time on the server's clock to the clock of an engine, which the times of its
    /// containers are on.
    pub fn engine_time(&self, engine: EngineName, at: Timestamp) -> Timestamp {
        let offset = self.host(engine).map_or(0, |host| host.clock_offset_millis);
        Timestamp::from_millis(at.as_millis().saturating_add_signed(offset))
    }

    /// Path of a container's page: with its name, unless the container was removed.
    pub fn page_path(&self, key: ContainerKey) -> String {
        let several = self.has_several_engines();
        self.with_picture(|picture| {
            let name = picture.containers.get(&key).map_or("", |container| &container.name);
            page_path(key, name, several)
        })
        .unwrap_or_default()
    }

    /// Path of a container's page with its id, for a container whose name now belongs to another
    /// one.
    pub fn id_path(&self, key: ContainerKey) -> String {
        id_path(key, self.has_several_engines())
    }

    /// Path of a container in the API. Untracked: the path without an engine stays valid.
    pub fn api_path(&self, key: ContainerKey) -> String {
        api_path(key, self.several_engines.try_get_untracked().unwrap_or_default())
    }

    /// The last revision that changed a container, a sample or an engine. To search, filter and
    /// sort, track it and call [`Rows::with_picture`].
    pub fn revision(&self) -> ReadSignal<Revision> {
        self.revision.read_only()
    }

    /// The last revision that changed a container or an engine, not counting samples. Views that do
    /// not depend on samples track this one.
    pub fn container_revision(&self) -> ReadSignal<Revision> {
        self.container_revision.read_only()
    }

    /// Reads the whole state, untracked. Do not write in the closure.
    pub fn with_picture<T>(&self, read: impl FnOnce(&Picture) -> T) -> Option<T> {
        self.store.try_with_value(|store| read(&store.picture))
    }

    pub(super) fn engines(&self) -> ReadSignal<Vec<Engine>> {
        self.engines.read_only()
    }

    pub(super) fn sampled_at(&self) -> ReadSignal<Option<Timestamp>> {
        self.sampled_at.read_only()
    }

    /// Applies a frame to all rows and returns the number of changes.
    ///
    /// Signals are set after the store is released, and all before the first effect runs.
    pub(super) fn apply(&self, frame: Frame) -> usize {
        let Some(changes) = self.store.try_update_value(|store| store.apply(frame)) else {
            return 0;
        };
        let count = changes.count;
        self.publish(changes);
        count
    }

    fn publish(&self, changes: Changes) {
        let Changes { containers, stats, trends, keys, engines, sampled_at, revision, count } = changes;
        let containers_changed = !containers.is_empty() || keys.is_some() || engines.is_some();
        for (signal, container) in containers {
            signal.set(container);
        }
        for (signal, sample) in stats {
            signal.set(sample);
        }
        for (signal, tenths) in trends {
            signal.update(|trend| trend.push(tenths));
        }
        if let Some(engines) = engines {
            self.engines.try_set(engines);
        }
        if self.sampled_at.try_get_untracked() != Some(sampled_at) {
            self.sampled_at.try_set(sampled_at);
        }
        if let Some(keys) = keys {
            self.keys.try_set(keys);
        }
        if containers_changed {
            self.container_revision.try_set(revision);
        }
        if count > 0 {
            self.revision.try_set(revision);
        }
    }
}

/// Changes that `Store::apply` leaves to be published.
struct Changes {
    containers: Vec<(ContainerSignal, Arc<Container>)>,
    stats: Vec<(StatsSignal, Sample)>,
    trends: Vec<(ArcRwSignal<Trend>, Option<u64>)>,
    keys: Option<Arc<[ContainerKey]>>,
    engines: Option<Vec<Engine>>,
    sampled_at: Option<Timestamp>,
    revision: Revision,
    count: usize,
}

impl Store {
    fn apply(&mut self, frame: Frame) -> Changes {
        let sampled_before = self.picture.sampled_at;
        let applied = self.picture.apply(frame);
        let membership = self.add_cells(&applied) | self.remove_cells(&applied);
        Changes {
            containers: self.changed_containers(&applied),
            stats: self.changed_stats(&applied),
            trends: if self.picture.sampled_at == sampled_before { Vec::new() } else { self.trends() },
            keys: membership.then(|| self.keys()),
            engines: applied.engines.then(|| self.picture.engines.clone()),
            sampled_at: self.picture.sampled_at,
            revision: self.picture.revision,
            count: usize::from(applied.engines)
                + applied.containers.len()
                + applied.removed.len()
                + applied.stats.len(),
        }
    }

    /// Adds cells for new containers; returns true if there were any.
    fn add_cells(&mut self, applied: &Applied) -> bool {
        let before = self.cells.len();
        for key in &applied.containers {
            if let Some(container) = self.picture.containers.get(key) {
                self.cells.entry(*key).or_insert_with(|| Cells {
                    container: ArcRwSignal::new(Arc::clone(container)),
                    stats: ArcRwSignal::new(self.picture.stats.get(key).cloned()),
                    trend: ArcRwSignal::default(),
                });
            }
        }
        self.cells.len() != before
    }

    /// Drops the cells of removed containers; returns true if there were any.
    fn remove_cells(&mut self, applied: &Applied) -> bool {
        let before = self.cells.len();
        for key in applied.removed.iter().filter(|key| !self.picture.containers.contains_key(key)) {
            self.cells.remove(key);
        }
        self.cells.len() != before
    }

    fn changed_containers(&self, applied: &Applied) -> Vec<(ContainerSignal, Arc<Container>)> {
        let current = |key| Some((&self.cells.get(key)?.container, self.picture.containers.get(key)?));
        applied
            .containers
            .iter()
            .filter_map(current)
            .filter(|(signal, container)| *signal.read_untracked() != **container)
            .map(|(signal, container)| (signal.clone(), Arc::clone(container)))
            .collect()
    }

    fn changed_stats(&self, applied: &Applied) -> Vec<(StatsSignal, Sample)> {
        applied
            .stats
            .iter()
            .filter_map(|key| Some((&self.cells.get(key)?.stats, self.picture.stats.get(key).cloned())))
            .filter(|(signal, sample)| *signal.read_untracked() != *sample)
            .map(|(signal, sample)| (signal.clone(), sample))
            .collect()
    }

    /// The next point of every trend. A sample that did not change is not sent, but still counts.
    fn trends(&self) -> Vec<(ArcRwSignal<Trend>, Option<u64>)> {
        let tenths = |key| self.picture.stats.get(key)?.cpu_percent.map(to_tenths);
        let has_trend = |key, cells: &Cells| {
            self.picture.stats.contains_key(key) || *cells.trend.read_untracked() != Trend::default()
        };
        let cells = self.cells.iter().filter(|(key, cells)| has_trend(*key, cells));
        cells.map(|(key, cells)| (cells.trend.clone(), tenths(key))).collect()
    }

    fn keys(&self) -> Arc<[ContainerKey]> {
        self.cells.keys().copied().collect()
    }
}

impl Cells {
    fn row(&self, key: ContainerKey) -> Row {
        Row { key, container: self.container.read_only(), stats: self.stats.read_only(), trend: self.trend.read_only() }
    }
}

#[cfg(test)]
mod tests;
