//! One Docker Engine and how the link to it is doing.

use super::{EngineId, Timestamp};
use serde::{Deserialize, Serialize};

/// An engine as this server sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Engine {
    /// Its id here.
    pub id: EngineId,
    /// The host's name as the engine gives it; the endpoint until it has answered.
    pub name: String,
    /// Where it is reached: `unix:///var/run/docker.sock`, `tcp://10.0.0.5:2376`.
    pub endpoint: String,
    /// Whether this is the embedded simulated engine.
    #[serde(default)]
    pub demo: bool,
    /// How the link is doing.
    pub link: EngineLink,
    /// Since when it has been doing so.
    pub since: Timestamp,
    /// What is wrong, while something is.
    pub error: Option<EngineProblem>,
    /// Engine version, such as `28.5.2`.
    pub version: Option<String>,
    /// Highest API version it speaks, such as `1.51`.
    pub api_version: Option<String>,
    /// Operating system.
    pub os: Option<String>,
    /// Processor architecture.
    pub arch: Option<String>,
    /// Logical processors.
    pub cpus: Option<u32>,
    /// Memory in bytes.
    pub memory_total: Option<u64>,
    /// Where its containers' numbers come from; left out until there is a container to tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stats_source: Option<StatsSource>,
    /// How far apart samples are, while that is more than was asked for because taking them takes too long; left out otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stats_interval_millis: Option<u64>,
}

/// Where numbers come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StatsSource {
    /// The kernel's own files, beside the engine; the engine is asked for single containers whose files cannot be read.
    Files,
    /// The engine.
    Api,
}

impl StatsSource {
    /// The words on the page.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Files => "cgroup files",
            Self::Api => "Engine API",
        }
    }
}

/// How the link between server and engine is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EngineLink {
    /// First try, no answer yet.
    Connecting,
    /// Events flow and the list is complete.
    Up,
    /// It was up, or the first try failed; tries go on.
    Lost,
}

impl EngineLink {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Up => "up",
            Self::Lost => "lost",
        }
    }
}

/// What is wrong with the link, in words a person can act on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineProblem {
    /// Stable word for programs: `permission_denied`, `no_socket`, `connection_refused`, `not_answering` …
    pub code: String,
    /// What happened.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}
