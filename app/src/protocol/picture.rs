//! What a reader holds: the one place that says how frames add up.
//!
//! Owned by whoever reads the stream (the browser's rows, a test, another program). After any frames up to revision R it
//! equals what the server held at R.

use super::{Delta, Frame, Revision, Snapshot};
use crate::model::{Container, ContainerId, ContainerStats, Engine, Timestamp};
use litemap::LiteMap;
use std::sync::Arc;

/// Values by container, in the order of ids.
pub type ById<T> = LiteMap<ContainerId, T>;

/// Everything known as of `revision`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Picture {
    /// The server run the revision counts in; empty before the first snapshot.
    pub epoch: String,
    /// What this is the state of.
    pub revision: Revision,
    /// Every engine.
    pub engines: Vec<Engine>,
    /// Every container.
    pub containers: ById<Arc<Container>>,
    /// The newest sample of each container that has processes.
    pub stats: ById<Arc<ContainerStats>>,
    /// When samples were last taken: the age of every sample here, whatever its own `timestamp`.
    pub sampled_at: Option<Timestamp>,
}

/// What one frame changed, for those who redraw only that.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// The engines differ.
    pub engines: bool,
    /// Containers that are new or differ.
    pub containers: Vec<ContainerId>,
    /// Containers that are gone.
    pub removed: Vec<ContainerId>,
    /// Containers whose sample differs, is new or is gone.
    pub stats: Vec<ContainerId>,
}

impl Picture {
    /// Brings the picture up to the frame's revision.
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

/// Inserted one by one, as deltas are: collecting would sort them first, with code that weighs 2 kB in the page's module.
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
