//! A sample of a running container.

use super::{ContainerId, ContainerKey, EngineName, Timestamp};
use serde::{Deserialize, Serialize};

/// A sample of one running container. Counters are bytes since the start of the container.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ContainerStats {
    /// Name of the engine.
    #[serde(default)]
    #[cfg_attr(feature = "ssr", schema(required = true))]
    pub engine: EngineName,
    /// Id of the container.
    pub container_id: ContainerId,
    /// Name of the container when the sample was taken.
    pub container_name: String,
    /// CPU usage in percent of one core, as in `docker stats`; null until two samples exist.
    pub cpu_percent: Option<f64>,
    /// Working set in bytes: usage less inactive file cache.
    pub memory_usage: Option<u64>,
    /// Inactive file cache in bytes, not included in `memoryUsage`; the kernel reclaims it when it
    /// needs memory. Omitted if unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(nullable = false))]
    pub memory_cache: Option<u64>,
    /// Memory limit in bytes, or the memory of the host if no limit is set.
    pub memory_limit: Option<u64>,
    /// `memoryUsage` in percent of `memoryLimit`.
    pub memory_percent: Option<f64>,
    /// Bytes received, all interfaces; null with host networking.
    pub network_rx: Option<u64>,
    /// Bytes sent, all interfaces; null with host networking.
    pub network_tx: Option<u64>,
    /// Bytes read from block devices.
    pub block_read: Option<u64>,
    /// Bytes written to block devices.
    pub block_write: Option<u64>,
    /// Number of processes and threads.
    pub pids: Option<u64>,
    /// Time of the sample, on this server's clock.
    pub timestamp: Timestamp,
}

/// `usage` in percent of `limit`, with two decimals: as `docker stats` prints it, and few enough
/// digits to change rarely.
pub fn memory_percent(usage: Option<u64>, limit: Option<u64>) -> Option<f64> {
    let share = usage? as f64 / limit.filter(|limit| *limit > 0)? as f64;
    Some((share * 10_000.0 + 0.5).floor() / 100.0)
}

impl ContainerStats {
    /// Identity of the sampled container.
    pub const fn key(&self) -> ContainerKey {
        ContainerKey::new(self.engine, self.container_id)
    }

    /// A sample that failed: all values are unknown.
    pub fn unknown(key: ContainerKey, container_name: String, timestamp: Timestamp) -> Self {
        Self {
            engine: key.engine,
            container_id: key.id,
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

    /// True if all values are equal, regardless of the timestamps.
    pub fn same_numbers(&self, other: &Self) -> bool {
        let Self {
            engine,
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
        *engine == other.engine
            && *container_id == other.container_id
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
