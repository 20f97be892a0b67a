//! Calculates measurements from counters, whatever their source. Pure.
//!
//! In: two readings of one run. Out: [`ContainerStats`].

use crate::engine::Counters;
use app::model::{ContainerKey, ContainerStats, Timestamp, memory_percent};
use std::time::Duration;

/// Calculates a sample from two readings of one run.
pub fn stats(
    key: ContainerKey,
    container_name: String,
    earlier: Option<&Counters>,
    counters: &Counters,
    timestamp: Timestamp,
) -> ContainerStats {
    let Counters {
        read_nanos: _,
        cpu_nanos: _,
        memory_usage,
        memory_cache,
        memory_limit,
        network_rx,
        network_tx,
        block_read,
        block_write,
        pids,
    } = *counters;
    ContainerStats {
        engine: key.engine,
        container_id: key.id,
        container_name,
        cpu_percent: earlier.and_then(|earlier| cpu_percent(earlier, counters)),
        memory_usage,
        memory_cache,
        memory_limit,
        memory_percent: memory_percent(memory_usage, memory_limit),
        network_rx,
        network_tx,
        block_read,
        block_write,
        pids,
        timestamp,
    }
}

/// Tolerance between the reader's clock and this server's: responses may be delayed, and older
/// engines read once a second.
const MAX_CLOCK_DEVIATION: Duration = Duration::from_secs(5);

/// True if the reader's clock advanced by about `elapsed` between two readings. If the clock was
/// set meanwhile, CPU usage would be wrong.
pub fn clock_is_continuous(earlier: &Counters, later: &Counters, elapsed: Duration) -> bool {
    let Some((from, to)) = earlier.read_nanos.zip(later.read_nanos) else { return true };
    to.checked_sub(from).is_some_and(|nanos| Duration::from_nanos(nanos).abs_diff(elapsed) <= MAX_CLOCK_DEVIATION)
}

/// CPU time divided by the time between the readings, in percent of one core; `None` if no time
/// passed or a counter decreased.
fn cpu_percent(earlier: &Counters, later: &Counters) -> Option<f64> {
    let used = later.cpu_nanos?.checked_sub(earlier.cpu_nanos?)?;
    let elapsed = later.read_nanos?.checked_sub(earlier.read_nanos?).filter(|nanos| *nanos > 0)?;
    Some(hundredths(used as f64 / elapsed as f64))
}

/// Converts a share to percent with two decimals, like `docker stats`; fewer digits also change
/// less often.
fn hundredths(share: f64) -> f64 {
    (share * 10_000.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::model::{ContainerId, EngineName};

    fn at(seconds: u64, cpu_nanos: u64) -> Counters {
        let read_nanos = Some(seconds * 1_000_000_000);
        Counters { read_nanos, cpu_nanos: Some(cpu_nanos), ..Counters::default() }
    }

    #[test]
    fn one_busy_core_is_100_percent() {
        // 3 s of CPU time in 2 s: 1.5 cores.
        assert_eq!(cpu_percent(&at(10, 1_000_000_000), &at(12, 4_000_000_000)), Some(150.0));
        assert_eq!(cpu_percent(&at(10, 5), &at(12, 5)), Some(0.0));
    }

    #[test]
    fn a_decreasing_counter_is_unknown() {
        assert_eq!(cpu_percent(&at(10, 5_000), &at(12, 1_000)), None);
        assert_eq!(cpu_percent(&at(12, 5_000), &at(12, 6_000)), None);
        assert_eq!(cpu_percent(&at(12, 5_000), &at(11, 6_000)), None);
    }

    #[test]
    fn a_clock_change_is_detected_by_the_local_clock() {
        let (two_seconds, hour) = (Duration::from_secs(2), 3_600);
        assert!(clock_is_continuous(&at(10, 5), &at(12, 6), two_seconds));
        assert!(clock_is_continuous(&Counters::default(), &at(12, 6), two_seconds), "unknown values stay unknown");
        assert!(!clock_is_continuous(&at(10, 5), &at(12 + hour, 6), two_seconds));
        assert!(!clock_is_continuous(&at(10 + hour, 5), &at(12, 6), two_seconds));
    }

    #[test]
    fn the_first_reading_has_no_cpu_usage() {
        let key = ContainerKey::new(EngineName::LOCAL, ContainerId::from_bytes([0xab; 32]));
        let counters = Counters { memory_usage: Some(50), memory_limit: Some(400), ..at(1, 1) };
        let stats = stats(key, "web".into(), None, &counters, Timestamp::default());
        assert_eq!((stats.cpu_percent, stats.memory_percent), (None, Some(12.5)));
    }
}
