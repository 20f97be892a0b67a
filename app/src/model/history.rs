//! Samples over time, for charts.

use super::{ContainerId, Timestamp};
use serde::{Deserialize, Serialize};

/// `GET /api/containers/{id}/stats?window=5m`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SampleHistory {
    /// Whose.
    pub container_id: ContainerId,
    /// From one sample to the next, where there is no gap.
    pub interval_seconds: f64,
    /// How far back was asked for.
    pub window_seconds: f64,
    /// Oldest first; none was taken while nobody watched.
    pub samples: Vec<SamplePoint>,
}

/// One instant; `null` is not known. Counters are since the container's start, so a smaller one means a new run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SamplePoint {
    /// When.
    pub timestamp: Timestamp,
    /// Of one core; with an interval of a minute, the mean of it.
    pub cpu_percent: Option<f64>,
    /// Working set, bytes.
    pub memory_usage: Option<u64>,
    /// Bytes since start.
    pub network_rx: Option<u64>,
    /// Bytes since start.
    pub network_tx: Option<u64>,
    /// Bytes since start.
    pub block_read: Option<u64>,
    /// Bytes since start.
    pub block_write: Option<u64>,
    /// Processes and threads.
    pub pids: Option<u64>,
}
