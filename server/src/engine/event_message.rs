//! An event, as engines write it.
//!
//! Read here and not by bollard, to whom a type is one of a closed list: one event of a kind that a later engine tells of would end
//! the stream.

use serde::Deserialize;
use std::collections::HashMap;

/// What happened to something. All may be missing: what is needed, its reader says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct EventMessage {
    /// Of what kind it is: `container`, `network` and others.
    #[serde(rename = "Type")]
    pub kind: Option<String>,
    /// What happened.
    #[serde(rename = "Action")]
    pub action: Option<String>,
    /// To what.
    #[serde(rename = "Actor")]
    pub actor: Option<EventActor>,
    /// Seconds since 1970, on the engine's clock.
    pub time: Option<i64>,
    /// The same in nanoseconds.
    #[serde(rename = "timeNano")]
    pub time_nano: Option<i64>,
}

/// What it happened to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct EventActor {
    /// Its id.
    #[serde(rename = "ID")]
    pub id: Option<String>,
    /// Its name, its labels and what the event says beside.
    #[serde(rename = "Attributes")]
    pub attributes: Option<HashMap<String, String>>,
}

impl EventMessage {
    /// Whether it is about a container.
    pub fn is_of_container(&self) -> bool {
        self.kind.as_deref() == Some("container")
    }

    /// Whether it is about a network.
    pub fn is_of_network(&self) -> bool {
        self.kind.as_deref() == Some("network")
    }

    /// When it happened, in nanoseconds since 1970 on the engine's clock.
    pub fn nanos(&self) -> Option<i64> {
        self.time_nano.or_else(|| self.time.map(|secs| secs.saturating_mul(1_000_000_000)))
    }
}
