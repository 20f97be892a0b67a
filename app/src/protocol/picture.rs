//! The state a reader holds, and the only place that applies frames to it.
//!
//! Owned by the reader of a stream (the browser's rows, a test, another program). After the frames
//! up to revision R it equals the server's state at R.

use super::{Delta, Frame, Revision, Snapshot};
use crate::model::{Container, ContainerKey, ContainerStats, Engine, Timestamp};
use litemap::LiteMap;
use std::sync::Arc;

/// Values by container, ordered.
pub type ByKey<T> = LiteMap<ContainerKey, T>;

/// The state at one revision.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Picture {
    /// Epoch of the server; empty before the first snapshot.
    pub epoch: String,
    /// Revision of this state.
    pub revision: Revision,
    /// All engines.
    pub engines: Vec<Engine>,
    /// All containers.
    pub containers: ByKey<Arc<Container>>,
    /// Newest sample of each container that has processes.
    pub stats: ByKey<Arc<ContainerStats>>,
    /// Time of the last sampling round, which gives the age of every sample in this state, whatever
    /// its own `timestamp`.
    pub sampled_at: Option<Timestamp>,
}

/// Changes made by one frame, for incremental updates.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// True if the engines changed.
    pub engines: bool,
    /// New and changed containers.
    pub containers: Vec<ContainerKey>,
    /// Removed containers.
    pub removed: Vec<ContainerKey>,
    /// Containers whose sample changed, appeared or was removed.
    pub stats: Vec<ContainerKey>,
}

impl Picture {
    /// Applies a frame.
    pub fn apply(&mut self, frame: Frame) -> Applied {
        match frame {
            Frame::Snapshot(snapshot) => self.replace(snapshot),
            Frame::Delta(delta) => self.advance(delta),
            Frame::Heartbeat(_) => Applied::default(),
        }
    }

    fn replace(&mut self, snapshot: Snapshot) -> Applied {
        let Snapshot { epoch, revision, server_time: _, engines, containers, stats, sampled_at } = snapshot;
        let containers = by_key(containers, Container::key);
        let stats = by_key(stats, ContainerStats::key);
        let applied = Applied {
            engines: self.engines != engines,
            containers: differing(&self.containers, &containers),
            removed: self.containers.keys().filter(|key| !containers.contains_key(key)).copied().collect(),
            stats: differing(&self.stats, &stats)
                .into_iter()
                .chain(self.stats.keys().filter(|key| !stats.contains_key(key)).copied())
                .collect(),
        };
        *self = Self { epoch, revision, engines, containers, stats, sampled_at };
        applied
    }

    fn advance(&mut self, delta: Delta) -> Applied {
        let Delta { revision, server_time: _, engines, upserted, removed, stats, sampled_at, event_at: _ } = delta;
        let mut applied = Applied { engines: engines.is_some(), ..Applied::default() };
        self.revision = revision;
        self.engines = engines.unwrap_or_else(|| std::mem::take(&mut self.engines));
        self.sampled_at = sampled_at.or(self.sampled_at);
        for gone in removed {
            let key = gone.key();
            self.containers.remove(&key);
            self.stats.remove(&key);
            applied.removed.push(key);
        }
        for container in upserted {
            let key = container.key();
            if !container.state.has_processes() && self.stats.remove(&key).is_some() {
                applied.stats.push(key);
            }
            applied.containers.push(key);
            self.containers.insert(key, container);
        }
        for sample in stats {
            applied.stats.push(sample.key());
            self.stats.insert(sample.key(), sample);
        }
        applied
    }
}

/// Creates the map, inserting one value at a time: `collect` would sort first, and add 2 kB to the
/// browser's module.
fn by_key<T>(values: Vec<Arc<T>>, key: fn(&T) -> ContainerKey) -> ByKey<Arc<T>> {
    let mut map = ByKey::with_capacity(values.len());
    for value in values {
        map.insert(key(&value), value);
    }
    map
}

fn differing<T: PartialEq>(old: &ByKey<Arc<T>>, new: &ByKey<Arc<T>>) -> Vec<ContainerKey> {
    new.iter().filter(|(key, value)| old.get(key) != Some(value)).map(|(key, _)| *key).collect()
}
