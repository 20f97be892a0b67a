//! Facts about an engine that rows show. Its other facts, such as the duration of a request, change
//! more often and would redraw every row.

use crate::model::{Engine, EngineLink, EngineName, Timestamp};

/// Facts about an engine for the rows of its containers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Host {
    /// Name of the engine.
    pub engine: EngineName,
    /// Number of logical CPUs.
    pub cpus: Option<u32>,
    /// Memory in bytes.
    pub memory_total: Option<u64>,
    /// Time since which the connection is lost.
    pub lost_since: Option<Timestamp>,
    /// Milliseconds by which the engine's clock is ahead of the server's; 0 if less than
    /// [`MIN_CLOCK_OFFSET_MILLIS`].
    pub clock_offset_millis: i64,
}

/// Minimum difference between clocks, in milliseconds. Smaller ones are within the error of the
/// measurement, and do not show in ages.
const MIN_CLOCK_OFFSET_MILLIS: u64 = 1_000;

impl Host {
    /// Creates the facts from an engine.
    pub fn of(engine: &Engine) -> Self {
        let lost_since = (engine.link == EngineLink::Lost).then_some(engine.since);
        let offset = engine.clock_offset_millis.unwrap_or_default();
        Self {
            engine: engine.id,
            cpus: engine.cpus,
            memory_total: engine.memory_total,
            lost_since,
            clock_offset_millis: if offset.unsigned_abs() < MIN_CLOCK_OFFSET_MILLIS { 0 } else { offset },
        }
    }
}
