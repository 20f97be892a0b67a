//! Resource usage of the server and its engines, for `/realtime-test` and the page of an engine.

use super::EngineName;
use serde::{Deserialize, Serialize};

/// Resource usage of this server and its engines. CPU is in percent of one core, averaged since the
/// previous request.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct MonitoringCost {
    /// CPU usage of this server, in percent of one core.
    pub cpu_percent: Option<f64>,
    /// Memory of this server in bytes (PSS).
    pub memory: Option<u64>,
    /// Number of requests to the Engine API per second, over all engines.
    pub engine_calls_per_second: Option<f64>,
    /// Microseconds per sample in the newest sampling round.
    pub time_per_sample_micros: Option<u64>,
    /// Number of open streams.
    #[cfg_attr(feature = "ssr", schema(required = true))]
    pub viewers: u64,
    /// Processes of the engines that run on this machine.
    #[cfg_attr(feature = "ssr", schema(required = true))]
    pub engine: Vec<ProcessCost>,
    /// Traffic with each engine; empty at the first request.
    #[cfg_attr(feature = "ssr", schema(required = true))]
    pub engines: Vec<EngineTraffic>,
}

/// Traffic with one engine since the previous request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct EngineTraffic {
    /// Name of the engine.
    pub engine: EngineName,
    /// Requests per second.
    pub calls_per_second: f64,
    /// Bytes sent per second, without the overhead of TLS or ssh.
    pub sent_bytes_per_second: f64,
    /// Bytes received per second, counted alike.
    pub received_bytes_per_second: f64,
}

/// A process of an engine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ProcessCost {
    /// `dockerd` or `containerd`.
    pub name: String,
    /// CPU usage in percent of one core.
    pub cpu_percent: Option<f64>,
}
