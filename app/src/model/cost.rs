//! What watching costs, for the meter on `/realtime-test`.

use serde::{Deserialize, Serialize};

/// `GET /api/cost`. Shares are of one processor core, over the time since the last look; `null` is not known.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WatchingCost {
    /// This server's processor share, in percent of one core.
    pub cpu_percent: Option<f64>,
    /// This server's memory in bytes, with its share of what it shares (PSS).
    pub memory: Option<u64>,
    /// Calls of the Engine API.
    pub engine_calls_per_second: Option<f64>,
    /// Microseconds, in the newest round of samples.
    pub time_per_sample_micros: Option<u64>,
    /// Open streams.
    pub viewers: u64,
    /// The engine's own processes, where this machine runs them.
    pub engine: Vec<ProcessCost>,
}

/// One process of the engine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProcessCost {
    /// `dockerd` or `containerd`.
    pub name: String,
    /// Percent of one core.
    pub cpu_percent: Option<f64>,
}
