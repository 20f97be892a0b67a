//! The frames: one type per event name.

use crate::model::{Container, ContainerId, ContainerKey, ContainerStats, Engine, EngineName, Timestamp};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr, sync::Arc};

/// Number of changes since the start of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Revision(pub u64);

/// The `id:` of a server-sent event: `<epoch>.<revision>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameId {
    /// Epoch of the server: an id of its run, new at each start.
    pub epoch: String,
    /// Revision of the state after this frame.
    pub revision: Revision,
}

impl fmt::Display for FrameId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.epoch, self.revision.0)
    }
}

impl FromStr for FrameId {
    type Err = InvalidFrame;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (epoch, revision) = text.rsplit_once('.').ok_or(InvalidFrame::Id)?;
        let revision = revision.parse().map_err(|_| InvalidFrame::Id)?;
        Ok(Self { epoch: epoch.to_owned(), revision: Revision(revision) })
    }
}

/// All containers at one revision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// Epoch of the server: an id of its run, new at each start.
    pub epoch: String,
    /// Revision of this state.
    pub revision: Revision,
    /// Time of the server.
    pub server_time: Timestamp,
    /// All engines.
    pub engines: Vec<Engine>,
    /// All containers, running or not.
    pub containers: Vec<Arc<Container>>,
    /// Newest sample of each container that has processes.
    pub stats: Vec<Arc<ContainerStats>>,
    /// Time of the last sampling round; null before the first.
    pub sampled_at: Option<Timestamp>,
}

/// Changes between two revisions. An omitted field did not change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Delta {
    /// Revision after this change.
    pub revision: Revision,
    /// Time of the server.
    pub server_time: Timestamp,
    /// All engines, if one of them changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(nullable = false))]
    pub engines: Option<Vec<Engine>>,
    /// New and changed containers, each with all fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub upserted: Vec<Arc<Container>>,
    /// Removed containers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<RemovedContainer>,
    /// Samples whose numbers changed; omitted ones had the same numbers at `sampledAt`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stats: Vec<Arc<ContainerStats>>,
    /// Time of the sampling round, if there was one since the last event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(nullable = false))]
    pub sampled_at: Option<Timestamp>,
    /// Time of the earliest engine event that caused this change, on the server's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(nullable = false))]
    pub event_at: Option<Timestamp>,
}

impl Delta {
    /// A delta without changes: the reader is up to date.
    pub fn empty(revision: Revision, server_time: Timestamp) -> Self {
        Self {
            revision,
            server_time,
            engines: None,
            upserted: Vec::new(),
            removed: Vec::new(),
            stats: Vec::new(),
            sampled_at: None,
            event_at: None,
        }
    }
}

/// A removed container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct RemovedContainer {
    /// Name of the container's engine.
    pub engine: EngineName,
    /// Id of the container.
    pub id: ContainerId,
}

impl RemovedContainer {
    /// Identity of the container.
    pub const fn key(&self) -> ContainerKey {
        ContainerKey::new(self.engine, self.id)
    }
}

impl From<ContainerKey> for RemovedContainer {
    fn from(ContainerKey { engine, id }: ContainerKey) -> Self {
        Self { engine, id }
    }
}

/// A heartbeat, sent when nothing else was sent for up to 3 s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Heartbeat {
    /// Current revision of the server.
    pub revision: Revision,
    /// Time of the server.
    pub server_time: Timestamp,
}

/// One server-sent event.
#[derive(Debug, Clone, PartialEq)]
pub enum Frame {
    /// `event: snapshot`
    Snapshot(Snapshot),
    /// `event: delta`
    Delta(Delta),
    /// `event: heartbeat`
    Heartbeat(Heartbeat),
}

/// Error: an event cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum InvalidFrame {
    /// The id is not `<epoch>.<revision>`.
    #[error("a frame id must be <epoch>.<revision>")]
    Id,
    /// Unknown event name.
    #[error("unknown event {0:?}")]
    Event(String),
    /// Compact data that is malformed.
    #[error("the data of a {0} event is malformed")]
    Malformed(String),
    /// JSON data that is malformed.
    #[error("cannot read the data of a {event} event")]
    Data {
        /// Name of the event.
        event: &'static str,
        /// The error of serde.
        source: serde_json::Error,
    },
}

impl Frame {
    /// Event names, in the order of the variants.
    pub const EVENTS: [&'static str; 3] = ["snapshot", "delta", "heartbeat"];

    /// Reads an event by its name.
    ///
    /// # Errors
    /// [`InvalidFrame`] for an unknown name or malformed data.
    pub fn parse(event: &str, data: &str) -> Result<Self, InvalidFrame> {
        let [snapshot, delta, heartbeat] = Self::EVENTS;
        match event {
            "snapshot" => read(snapshot, data).map(Self::Snapshot),
            "delta" => read(delta, data).map(Self::Delta),
            // Read as a delta: a separate deserializer would add 0.5 kB to the browser's module.
            "heartbeat" => read(heartbeat, data)
                .map(|Delta { revision, server_time, .. }| Self::Heartbeat(Heartbeat { revision, server_time })),
            other => Err(InvalidFrame::Event(other.to_owned())),
        }
    }

    /// Time of the server.
    pub fn server_time(&self) -> Timestamp {
        match self {
            Self::Snapshot(snapshot) => snapshot.server_time,
            Self::Delta(delta) => delta.server_time,
            Self::Heartbeat(heartbeat) => heartbeat.server_time,
        }
    }
}

fn read<'de, T: Deserialize<'de>>(event: &'static str, data: &'de str) -> Result<T, InvalidFrame> {
    serde_json::from_str(data).map_err(|source| InvalidFrame::Data { event, source })
}

#[cfg(test)]
mod tests;
