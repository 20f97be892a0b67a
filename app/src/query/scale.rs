//! Conversion of CPU and memory to the chosen references. Pure.

use super::{CpuScale, MemoryScale};
use crate::{
    format::to_tenths,
    model::{Container, ContainerStats, Engine, EngineLink, EngineName},
    protocol::Picture,
};

/// The chosen references.
#[derive(Debug, Clone, Copy)]
pub struct Scale<'a> {
    /// Meaning of 100 % CPU.
    pub cpu: CpuScale,
    /// Definition of memory usage.
    pub memory: MemoryScale,
    /// The engines, for the number of cores of their hosts.
    pub engines: &'a [Engine],
}

/// CPU usage on the chosen scale, from percent of one core; `cpus` is the number of cores of the
/// host. A container without a limit is measured against the host.
pub fn cpu_share(scale: CpuScale, used: f64, container: &Container, cpus: u32) -> f64 {
    match (scale, container.nano_cpus) {
        (CpuScale::Core, _) => used,
        (CpuScale::Limit, Some(limit)) => used * 1e9 / limit as f64,
        (CpuScale::Host | CpuScale::Limit, _) => used / f64::from(cpus),
    }
}

impl<'a> Scale<'a> {
    /// Creates a scale from a list's choices and its engines.
    pub fn of((cpu, memory): (CpuScale, MemoryScale), picture: &'a Picture) -> Self {
        Self { cpu, memory, engines: &picture.engines }
    }

    fn engine(self, name: EngineName) -> Option<&'a Engine> {
        self.engines.iter().find(|engine| engine.id == name)
    }

    /// Number of cores of the engine's host; 1 if unknown.
    fn cpus(self, name: EngineName) -> u32 {
        self.engine(name).and_then(|engine| engine.cpus).unwrap_or(1)
    }

    /// False if the engine is lost while others are not.
    pub fn is_up_to_date(self, name: EngineName) -> bool {
        self.engines.len() < 2 || self.engine(name).is_none_or(|engine| engine.link != EngineLink::Lost)
    }

    /// CPU usage as shown, in tenths of a percent.
    pub fn cpu_tenths(self, container: &Container, stats: Option<&ContainerStats>) -> Option<u64> {
        let used = stats.and_then(|stats| stats.cpu_percent)?;
        Some(to_tenths(cpu_share(self.cpu, used, container, self.cpus(container.engine))))
    }

    /// Total CPU usage of several containers in tenths of a percent: of their engines' hosts if
    /// chosen, otherwise of one core, because limits cannot be added up.
    pub fn cpu_together(self, used: f64, engines: impl Iterator<Item = EngineName>) -> u64 {
        if self.cpu != CpuScale::Host {
            return to_tenths(used);
        }
        let mut engines: Vec<_> = engines.collect();
        engines.sort_unstable();
        engines.dedup();
        let cpus = engines.into_iter().map(|engine| self.cpus(engine)).sum::<u32>().max(1);
        to_tenths(used / f64::from(cpus))
    }

    /// Memory usage as chosen, in bytes.
    pub fn memory(self, stats: &ContainerStats) -> Option<u64> {
        let cache = if self.memory == MemoryScale::Cache { stats.memory_cache.unwrap_or_default() } else { 0 };
        stats.memory_usage.map(|usage| usage + cache)
    }
}
