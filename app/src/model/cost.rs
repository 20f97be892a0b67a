//! Resource usage of the server and the engine, for the meter on `/realtime-test`.

use serde::{Deserialize, Serialize};

/// Resource usage of this server and of the engine. CPU is in percent of one core, averaged since
/// the previous request.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct MonitoringCost {
    /// CPU usage of this server, in percent of one core.
    pub cpu_percent: Option<f64>,
    /// Memory of this server in bytes (PSS).
    pub memory: Option<u64>,
    /// Number of requests to the Engine API per second.
    pub engine_calls_per_second: Option<f64>,
    /// Microseconds per sample in the newest sampling round.
    pub time_per_sample_micros: Option<u64>,
    /// Number of open streams.
    #[cfg_attr(feature = "ssr", schema(required = true))]
    pub viewers: u64,
    /// Processes of the engine, if they run on this machine.
    #[cfg_attr(feature = "ssr", schema(required = true))]
    pub engine: Vec<ProcessCost>,
}

/// A process of the engine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ProcessCost {
    /// `dockerd` or `containerd`.
    pub name: String,
    /// CPU usage in percent of one core.
    pub cpu_percent: Option<f64>,
}
