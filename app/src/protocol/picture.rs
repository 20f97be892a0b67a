//! The state a reader holds, and the only place that applies frames to it.
//!
//! Owned by the reader of a stream (the browser's rows, a test, another program). After the frames
//! up to revision R it equals the server's state at R.

use super::{Delta, Frame, Revision, Snapshot};
use crate::model::{Container, ContainerId, ContainerStats, Engine, Timestamp};
use litemap::LiteMap;
use std::sync::Arc;

/// Values by container id, ordered.
pub type ById<T> = LiteMap<ContainerId, T>;

/// The state at `revision`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Picture {
    /// Server run of the revision; empty before the first snapshot.
    pub epoch: String,
    /// Revision of this state.
    pub revision: Revision,
    /// All engines.
    pub engines: Vec<Engine>,
    /// All containers.
    pub containers: ById<Arc<Container>>,
    /// Newest sample of each container that has processes.
    pub stats: ById<Arc<ContainerStats>>,
    /// Time of the last sampling round: the age of every sample here, whatever its own `timestamp`.
    pub sampled_at: Option<Timestamp>,
}

/// Changes made by one frame, for incremental updates.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// True if the engines changed.
    pub engines: bool,
    /// New and changed containers.
    pub containers: Vec<ContainerId>,
    /// Removed containers.
    pub removed: Vec<ContainerId>,
    /// Containers whose sample changed, appeared or was removed.
    pub stats: Vec<ContainerId>,
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
        let containers = by_id(containers, |container| container.id);
        let stats = by_id(stats, |sample| sample.container_id);
        let applied = Applied {
            engines: self.engines != engines,
            containers: differing(&self.containers, &containers),
            removed: self.containers.keys().filter(|id| !containers.contains_key(id)).copied().collect(),
            stats: differing(&self.stats, &stats)
                .into_iter()
                .chain(self.stats.keys().filter(|id| !stats.contains_key(id)).copied())
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
            self.containers.remove(&gone.id);
            self.stats.remove(&gone.id);
            applied.removed.push(gone.id);
        }
        for container in upserted {
            if !container.state.has_processes() && self.stats.remove(&container.id).is_some() {
                applied.stats.push(container.id);
            }
            applied.containers.push(container.id);
            self.containers.insert(container.id, container);
        }
        for sample in stats {
            applied.stats.push(sample.container_id);
            self.stats.insert(sample.container_id, sample);
        }
        applied
    }
}

/// Inserts one by one: `collect` would sort first, and add 2 kB to the browser's module.
fn by_id<T>(values: Vec<Arc<T>>, id: impl Fn(&T) -> ContainerId) -> ById<Arc<T>> {
    let mut map = ById::with_capacity(values.len());
    for value in values {
        map.insert(id(&value), value);
    }
    map
}

fn differing<T: PartialEq>(old: &ById<Arc<T>>, new: &ById<Arc<T>>) -> Vec<ContainerId> {
    new.iter().filter(|(id, value)| old.get(id) != Some(value)).map(|(id, _)| *id).collect()
}
