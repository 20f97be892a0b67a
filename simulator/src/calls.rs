//! Counts calls by endpoint, and open streams, so that tests can check how many requests are made.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A kind of call, as faults and counts name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Endpoint {
    /// `/_ping`
    Ping,
    /// `/version`
    Version,
    /// `/info`
    Info,
    /// `/containers/json`
    List,
    /// `/containers/{id}/json`
    Inspect,
    /// `/events`
    Events,
    /// `/containers/{id}/stats`
    Stats,
    /// `/containers/{id}/top`
    Top,
    /// `/containers/{id}/logs`
    Logs,
    /// `/containers/create`
    Create,
    /// `/containers/{id}/start`
    Start,
    /// `/containers/{id}/stop`
    Stop,
    /// `/containers/{id}/restart`
    Restart,
    /// `/containers/{id}/pause`
    Pause,
    /// `/containers/{id}/unpause`
    Unpause,
    /// `/containers/{id}/kill`
    Kill,
    /// `/containers/{id}/rename`
    Rename,
    /// `DELETE /containers/{id}`
    Remove,
    /// `/containers/{id}/wait`
    Wait,
    /// `/containers/{id}/update`
    Update,
    /// `/images/…`
    Images,
    /// `/nodes`, `/services`, `/tasks` and what is below.
    Swarm,
    /// Any other call.
    Other,
}

/// Every endpoint with its name.
const WORDS: [(Endpoint, &str); 23] = [
    (Endpoint::Ping, "ping"),
    (Endpoint::Version, "version"),
    (Endpoint::Info, "info"),
    (Endpoint::List, "list"),
    (Endpoint::Inspect, "inspect"),
    (Endpoint::Events, "events"),
    (Endpoint::Stats, "stats"),
    (Endpoint::Top, "top"),
    (Endpoint::Logs, "logs"),
    (Endpoint::Create, "create"),
    (Endpoint::Start, "start"),
    (Endpoint::Stop, "stop"),
    (Endpoint::Restart, "restart"),
    (Endpoint::Pause, "pause"),
    (Endpoint::Unpause, "unpause"),
    (Endpoint::Kill, "kill"),
    (Endpoint::Rename, "rename"),
    (Endpoint::Remove, "remove"),
    (Endpoint::Wait, "wait"),
    (Endpoint::Update, "update"),
    (Endpoint::Images, "images"),
    (Endpoint::Swarm, "swarm"),
    (Endpoint::Other, "other"),
];

impl Endpoint {
    /// Name of the endpoint.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        WORDS.iter().find(|(endpoint, _)| *endpoint == self).map_or("other", |(_, word)| word)
    }

    /// The endpoint of a request; `path` is without a version prefix.
    #[must_use]
    pub fn of_request(is_delete: bool, path: &str) -> Self {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        match parts.as_slice() {
            ["_ping"] => Self::Ping,
            ["version"] => Self::Version,
            ["info"] => Self::Info,
            ["events"] => Self::Events,
            ["images", ..] => Self::Images,
            ["nodes" | "services" | "tasks", ..] => Self::Swarm,
            ["containers", "json"] => Self::List,
            ["containers", "create"] => Self::Create,
            ["containers", _] if is_delete => Self::Remove,
            ["containers", _, "json"] => Self::Inspect,
            ["containers", _, word] => word.parse().unwrap_or(Self::Other),
            _ => Self::Other,
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An unknown endpoint name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown endpoint {0:?}")]
pub struct UnknownEndpoint(String);

impl FromStr for Endpoint {
    type Err = UnknownEndpoint;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = WORDS.iter().find(|(_, word)| *word == text);
        found.map(|(endpoint, _)| *endpoint).ok_or_else(|| UnknownEndpoint(text.to_owned()))
    }
}

impl Serialize for Endpoint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Endpoint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Counts of calls since the start, and of streams that are open now. Clones share the counts.
#[derive(Clone, Debug, Default)]
pub struct Calls(Arc<Mutex<Counts>>);

/// The counts at a point in time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Number of calls since the start, by endpoint; endpoints without calls are omitted.
    pub calls: BTreeMap<Endpoint, u64>,
    /// Number of streams (events, stats, logs, wait) that are open now, by endpoint.
    pub open: BTreeMap<Endpoint, u64>,
}

impl Calls {
    /// Number of calls of `endpoint` since the start.
    #[must_use]
    pub fn count(&self, endpoint: Endpoint) -> u64 {
        self.with(|counts| counts.calls.get(&endpoint).copied().unwrap_or(0))
    }

    /// Number of streams of `endpoint` that are open now.
    #[must_use]
    pub fn open(&self, endpoint: Endpoint) -> u64 {
        self.with(|counts| counts.open.get(&endpoint).copied().unwrap_or(0))
    }

    /// All counts.
    #[must_use]
    pub fn snapshot(&self) -> Counts {
        self.with(|counts| counts.clone())
    }

    pub(crate) fn record(&self, endpoint: Endpoint) {
        self.with(|counts| *counts.calls.entry(endpoint).or_default() += 1);
    }

    /// Counts a stream as open until the guard is dropped.
    pub(crate) fn opened(&self, endpoint: Endpoint) -> OpenStream {
        self.with(|counts| *counts.open.entry(endpoint).or_default() += 1);
        OpenStream { calls: self.clone(), endpoint }
    }

    fn with<T>(&self, action: impl FnOnce(&mut Counts) -> T) -> T {
        action(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// An open stream, which is counted until this is dropped.
#[derive(Debug)]
pub(crate) struct OpenStream {
    calls: Calls,
    endpoint: Endpoint,
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.calls.with(|counts| {
            if let Some(open) = counts.open.get_mut(&self.endpoint) {
                *open = open.saturating_sub(1);
            }
        });
    }
}
