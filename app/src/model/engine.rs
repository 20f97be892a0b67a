//! A container engine and the state of the connection to it.

use super::{EngineName, Labels, Timestamp};
use serde::{Deserialize, Serialize};

/// A container engine and the state of the connection to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Engine {
    /// Name of the engine in the configuration; `local` for a single engine without a name.
    pub id: EngineName,
    /// Name in the configuration; without one, the host name that the engine reports, or the
    /// endpoint until the engine has responded.
    pub name: String,
    /// Kind of engine; `docker` until the engine has responded.
    #[serde(default)]
    #[cfg_attr(feature = "ssr", schema(required = true))]
    pub kind: EngineKind,
    /// Labels in the configuration.
    #[serde(default)]
    #[cfg_attr(feature = "ssr", schema(required = true))]
    pub labels: Labels,
    /// Endpoint: `unix:///var/run/docker.sock`, `tcp://10.0.0.5:2376`.
    pub endpoint: String,
    /// True for the built-in demo engine.
    #[serde(default)]
    #[cfg_attr(feature = "ssr", schema(required = true))]
    pub demo: bool,
    /// State of the connection.
    pub link: EngineLink,
    /// Time since which the connection has this state.
    pub since: Timestamp,
    /// Error of the connection; null while there is none.
    pub error: Option<EngineProblem>,
    /// The step on the way to the engine that failed; null while there is no error.
    pub hop: Option<EngineHop>,
    /// For the kind `quaylight`: the other server's own connection to the engine. Omitted while
    /// that server does not respond.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(nullable = false))]
    pub engine_link: Option<EngineLink>,
    /// With the kind `quaylight`: what people should know about the other server, such as a different
    /// version. Left out if there is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(nullable = false))]
    pub notice: Option<String>,
    /// Duration in milliseconds of a request that needs no work of the engine, measured when the
    /// connection began; null until then.
    pub round_trip_millis: Option<u64>,
    /// Milliseconds by which the engine's clock is ahead of this server's, from the time in the
    /// engine's `/info` when the connection began; null if unknown.
    pub clock_offset_millis: Option<i64>,
    /// Maximum error of `clockOffsetMillis` in milliseconds: half of the time that the response
    /// took; null if unknown.
    pub clock_error_millis: Option<u64>,
    /// Names of other engines with the same engine id: the same engine under several names, or
    /// cloned machines.
    #[serde(default)]
    #[cfg_attr(feature = "ssr", schema(required = true))]
    pub same_engine_as: Vec<EngineName>,
    /// Id that the engine reports. Kept on the server; never sent.
    #[serde(skip)]
    pub engine_id: Option<String>,
    /// Engine version, such as `28.5.2`.
    pub version: Option<String>,
    /// Highest supported API version, such as `1.51`.
    pub api_version: Option<String>,
    /// Operating system.
    pub os: Option<String>,
    /// Processor architecture.
    pub arch: Option<String>,
    /// Number of logical CPUs.
    pub cpus: Option<u32>,
    /// Memory in bytes.
    pub memory_total: Option<u64>,
    /// Source of the samples; omitted until the first sample.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(nullable = false))]
    pub stats_source: Option<StatsSource>,
    /// Actual interval between samples in milliseconds. Omitted unless it is longer than
    /// configured, because sampling takes too long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(nullable = false))]
    pub stats_interval_millis: Option<u64>,
}

/// Kind of engine. `quaylight`: another Quaylight server, which watches the engine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum EngineKind {
    /// Docker Engine, or a compatible engine.
    #[default]
    Docker,
    /// Podman.
    Podman,
    /// The built-in demo engine.
    Demo,
    /// Another Quaylight server, which watches the engine.
    Quaylight,
}

impl EngineKind {
    /// Every kind, in the order of the compact form.
    pub const ALL: [Self; 4] = [Self::Docker, Self::Podman, Self::Demo, Self::Quaylight];
}

/// A step on the way to an engine. `dns`: the host name is resolved. `connect`: the connection is
/// opened. `tls`: certificates are checked. `ssh`: the ssh session begins. `auth`: the host accepts
/// this server. `http`: the responses are readable. `engine`: the engine itself responds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum EngineHop {
    /// The host name is resolved.
    Dns,
    /// The connection is opened.
    Connect,
    /// Certificates are checked.
    Tls,
    /// The ssh session begins.
    Ssh,
    /// The host accepts this server.
    Auth,
    /// The responses are readable.
    Http,
    /// The engine itself responds.
    Engine,
}

impl EngineHop {
    /// Every step, in order; also the order of the compact form.
    pub const ALL: [Self; 7] = [Self::Dns, Self::Connect, Self::Tls, Self::Ssh, Self::Auth, Self::Http, Self::Engine];
}

/// Source of samples. `files`: the kernel's cgroup files. `api`: the Engine API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum StatsSource {
    /// The kernel's cgroup files; the Engine API for single containers whose files cannot be read.
    Files,
    /// The Engine API.
    Api,
}

impl StatsSource {
    /// Label in the UI.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Files => "cgroup files",
            Self::Api => "Engine API",
        }
    }
}

/// State of the connection to an engine. `connecting`: no response yet. `up`: events are received
/// and the list is complete. `lost`: retrying.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum EngineLink {
    /// First attempt, no response yet.
    Connecting,
    /// Events are received and the list is complete.
    Up,
    /// The connection was lost, or the first attempt failed; retrying.
    Lost,
}

impl EngineLink {
    /// Value on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Up => "up",
            Self::Lost => "lost",
        }
    }
}

/// An error from the engine, and a suggested action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct EngineProblem {
    /// Stable code: `permission_denied`, `no_socket`, `connection_refused`, `not_answering` …
    pub code: String,
    /// Error message.
    pub message: String,
    /// Suggested action.
    pub hint: String,
}
