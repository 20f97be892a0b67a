//! Conversion of CPU and memory to the chosen references. Pure.

use super::{CpuScale, MemoryScale};
use crate::{
    format::to_tenths,
    model::{Container, ContainerStats},
    protocol::Picture,
};

/// The chosen references.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    /// Meaning of 100 % CPU.
    pub cpu: CpuScale,
    /// Definition of memory usage.
    pub memory: MemoryScale,
    /// Number of cores of the host; 1 if unknown.
    pub cpus: u32,
}

impl Scale {
    /// Creates the scale from a list's choices and its engine.
    pub fn of((cpu, memory): (CpuScale, MemoryScale), picture: &Picture) -> Self {
        Self { cpu, memory, cpus: picture.engines.iter().find_map(|engine| engine.cpus).unwrap_or(1) }
    }

    /// Converts CPU usage from percent of one core; a container without a limit is measured against
    /// the host.
    pub fn share(self, used: f64, container: &Container) -> f64 {
        match (self.cpu, container.nano_cpus) {
            (CpuScale::Core, _) => used,
            (CpuScale::Limit, Some(limit)) => used * 1e9 / limit as f64,
            (CpuScale::Host | CpuScale::Limit, _) => used / f64::from(self.cpus),
        }
    }

    /// CPU usage as shown, in tenths of a percent.
    pub fn cpu_tenths(self, container: &Container, stats: Option<&ContainerStats>) -> Option<u64> {
        stats.and_then(|stats| stats.cpu_percent).map(|used| to_tenths(self.share(used, container)))
    }

    /// Total CPU usage of several containers in tenths of a percent: of the host if chosen,
    /// otherwise of one core, since limits cannot be added up.
    pub fn cpu_together(self, used: f64) -> u64 {
        to_tenths(if self.cpu == CpuScale::Host { used / f64::from(self.cpus) } else { used })
    }

    /// Memory usage as chosen, in bytes.
    pub fn memory(self, stats: &ContainerStats) -> Option<u64> {
        let cache = if self.memory == MemoryScale::Cache { stats.memory_cache.unwrap_or_default() } else { 0 };
        stats.memory_usage.map(|usage| usage + cache)
    }
}
