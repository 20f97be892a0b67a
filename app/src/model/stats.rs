//! One sample of one running container.

use super::{ContainerId, Timestamp};
use serde::{Deserialize, Serialize};

/// The twelve fields of the contract, and the cache; counters are bytes since the container's start, `None` where the engine does not know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerStats {
    /// Whose sample this is.
    pub container_id: ContainerId,
    /// Its name when the sample was taken.
    pub container_name: String,
    /// 100 is one core busy, as `docker stats` counts; `None` until two samples exist.
    pub cpu_percent: Option<f64>,
    /// Working set in bytes: usage less inactive file cache.
    pub memory_usage: Option<u64>,
    /// Inactive file cache in bytes, which `memory_usage` leaves out; the kernel takes it back when it needs memory. Left out when unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_cache: Option<u64>,
    /// Limit in bytes, or the host's memory where none is set.
    pub memory_limit: Option<u64>,
    /// `memory_usage` of `memory_limit`, 0 to 100.
    pub memory_percent: Option<f64>,
    /// Bytes received by the container, all interfaces; `None` with host networking.
    pub network_rx: Option<u64>,
    /// Bytes sent by the container, all interfaces; `None` with host networking.
    pub network_tx: Option<u64>,
    /// Bytes read from block devices.
    pub block_read: Option<u64>,
    /// Bytes written to block devices.
    pub block_write: Option<u64>,
    /// Processes and threads.
    pub pids: Option<u64>,
    /// When the sample was taken, on this server's clock.
    pub timestamp: Timestamp,
}

/// `usage` of `limit` in percent, with two decimals: what `docker stats` prints, and few enough digits to change rarely.
pub fn memory_percent(usage: Option<u64>, limit: Option<u64>) -> Option<f64> {
    let share = usage? as f64 / limit.filter(|limit| *limit > 0)? as f64;
    Some((share * 10_000.0 + 0.5).floor() / 100.0)
}

impl ContainerStats {
    /// A sample that could not be taken: every number unknown.
    pub fn unknown(container_id: ContainerId, container_name: String, timestamp: Timestamp) -> Self {
        Self {
            container_id,
            container_name,
            cpu_percent: None,
            memory_usage: None,
            memory_cache: None,
            memory_limit: None,
            memory_percent: None,
            network_rx: None,
            network_tx: None,
            block_read: None,
            block_write: None,
            pids: None,
            timestamp,
        }
    }

    /// Whether both say the same, whenever they were taken.
    pub fn same_numbers(&self, other: &Self) -> bool {
        let Self {
            container_id,
            container_name,
            cpu_percent,
            memory_usage,
            memory_cache,
            memory_limit,
            memory_percent,
            network_rx,
            network_tx,
            block_read,
            block_write,
            pids,
            timestamp: _,
        } = self;
        *container_id == other.container_id
            && *container_name == other.container_name
            && *cpu_percent == other.cpu_percent
            && *memory_usage == other.memory_usage
            && *memory_cache == other.memory_cache
            && *memory_limit == other.memory_limit
            && *memory_percent == other.memory_percent
            && *network_rx == other.network_rx
            && *network_tx == other.network_tx
            && *block_read == other.block_read
            && *block_write == other.block_write
            && *pids == other.pids
    }
}
