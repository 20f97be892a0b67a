//! What 100 % CPU and 100 % memory are: the arithmetic behind every figure, order and sum. Pure.

use super::{CpuScale, MemoryScale};
use crate::{
    format::to_tenths,
    model::{Container, ContainerStats},
    protocol::Picture,
};

/// How the figures of a list are measured.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    /// What 100 % CPU is.
    pub cpu: CpuScale,
    /// What is counted as memory.
    pub memory: MemoryScale,
    /// The host's cores; 1 where they are not known.
    pub cpus: u32,
}

impl Scale {
    /// Of a list's choices, on the engine that is held.
    pub fn of((cpu, memory): (CpuScale, MemoryScale), picture: &Picture) -> Self {
        Self { cpu, memory, cpus: picture.engines.iter().find_map(|engine| engine.cpus).unwrap_or(1) }
    }

    /// `used`, on which 100 is one core, on this scale; of a container without a limit, of the host.
    pub fn share(self, used: f64, container: &Container) -> f64 {
        match (self.cpu, container.nano_cpus) {
            (CpuScale::Core, _) => used,
            (CpuScale::Limit, Some(limit)) => used * 1e9 / limit as f64,
            (CpuScale::Host | CpuScale::Limit, _) => used / f64::from(self.cpus),
        }
    }

    /// A container's CPU as it is shown, in tenths of a percent.
    pub fn cpu_tenths(self, container: &Container, stats: Option<&ContainerStats>) -> Option<u64> {
        stats.and_then(|stats| stats.cpu_percent).map(|used| to_tenths(self.share(used, container)))
    }

    /// CPU of several together, in tenths of a percent: of the host where that is chosen, otherwise of one core, as limits have no sum.
    pub fn cpu_together(self, used: f64) -> u64 {
        to_tenths(if self.cpu == CpuScale::Host { used / f64::from(self.cpus) } else { used })
    }

    /// What counts as a container's memory, in bytes.
    pub fn memory(self, stats: &ContainerStats) -> Option<u64> {
        let cache = if self.memory == MemoryScale::Cache { stats.memory_cache.unwrap_or_default() } else { 0 };
        stats.memory_usage.map(|usage| usage + cache)
    }
}
