//! Samples over time, for charts.

use super::{ContainerId, EngineName, Timestamp};
use serde::{Deserialize, Serialize};

/// Samples of one container over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SampleHistory {
    /// Name of the engine.
    #[serde(default)]
    #[cfg_attr(feature = "ssr", schema(required = true))]
    pub engine: EngineName,
    /// Id of the container.
    pub container_id: ContainerId,
    /// Interval between samples in seconds, unless there is a gap.
    pub interval_seconds: f64,
    /// Requested window in seconds.
    pub window_seconds: f64,
    /// Samples, oldest first. No samples are taken while there are no viewers.
    pub samples: Vec<SamplePoint>,
}

/// A sample. Counters start at zero with each run of the container.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SamplePoint {
    /// Time of the sample.
    pub timestamp: Timestamp,
    /// CPU usage in percent of one core; with an interval of a minute, the mean.
    pub cpu_percent: Option<f64>,
    /// Working set in bytes.
    pub memory_usage: Option<u64>,
    /// Bytes received since the start of the run.
    pub network_rx: Option<u64>,
    /// Bytes sent since the start of the run.
    pub network_tx: Option<u64>,
    /// Bytes read from block devices since the start of the run.
    pub block_read: Option<u64>,
    /// Bytes written to block devices since the start of the run.
    pub block_write: Option<u64>,
    /// Number of processes and threads.
    pub pids: Option<u64>,
}
