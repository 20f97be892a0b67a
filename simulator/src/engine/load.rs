//! Resource usage of a container, as closed formulas of its running time.
//!
//! In: a kind of service, a seed, a scale. Out: counters and gauges at any time. Nothing is sampled
//! or stored, so a thousand containers cost nothing until they are read, and every counter grows as
//! long as the container runs.

use std::f64::consts::TAU;
use std::time::Duration;

use super::service::{Service, ServiceKind};

/// Counters and gauges of a container at a point in time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// CPU time since the start, in nanoseconds.
    pub cpu_nanos: u64,
    /// Total memory in bytes, including the file cache.
    pub memory_bytes: u64,
    /// Inactive file cache in bytes.
    pub cache_bytes: u64,
    /// Bytes received since the start.
    pub rx_bytes: u64,
    /// Bytes sent since the start.
    pub tx_bytes: u64,
    /// Bytes read from block devices since the start.
    pub read_bytes: u64,
    /// Bytes written to block devices since the start.
    pub write_bytes: u64,
    /// Current number of processes and threads.
    pub pids: u64,
}

/// A rate that oscillates around its mean and is never negative, so that its sum never decreases.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Curve {
    /// Mean of the smooth part, per second.
    mean: f64,
    /// Two oscillations as fractions of the mean; together below 1.
    oscillations: [Oscillation; 2],
    /// Additional rate during a burst, per second.
    burst: f64,
    /// Interval between bursts in seconds; a burst lasts a third of it.
    burst_period: f64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Oscillation {
    share: f64,
    period: f64,
    phase: f64,
}

impl Curve {
    /// The sum of the rate from 0 to `seconds`.
    fn total(&self, seconds: f64) -> u64 {
        let waves: f64 = self.oscillations.iter().map(|oscillation| oscillation.total(seconds)).sum();
        whole(self.mean.mul_add(seconds + waves, self.burst * self.burst_seconds(seconds)))
    }

    fn burst_seconds(&self, seconds: f64) -> f64 {
        if self.burst_period <= 0.0 {
            return 0.0;
        }
        let (length, rounds) = (self.burst_period / 3.0, (seconds / self.burst_period).floor());
        rounds.mul_add(length, (seconds - rounds * self.burst_period).min(length))
    }
}

impl Oscillation {
    fn total(&self, seconds: f64) -> f64 {
        if self.period <= 0.0 {
            return 0.0;
        }
        let scale = self.share * self.period / TAU;
        scale * (self.phase.cos() - (TAU * seconds / self.period + self.phase).cos())
    }

    fn now(&self, seconds: f64) -> f64 {
        if self.period <= 0.0 { 0.0 } else { self.share * (TAU * seconds / self.period + self.phase).sin() }
    }
}

/// The load of a running container.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Load {
    cpu: Curve,
    rx: Curve,
    tx: Curve,
    read: Curve,
    write: Curve,
    memory_bytes: f64,
    cache_bytes: f64,
    memory_oscillation: Oscillation,
    pids: u64,
}

/// Means of a kind: CPU cores, memory MiB, cache MiB, rx and tx KiB/s, read and write KiB/s, pids,
/// share spent in bursts.
struct Means(f64, f64, f64, f64, f64, f64, f64, u64, f64);

fn means(kind: ServiceKind) -> Means {
    match kind {
        ServiceKind::Web => Means(0.12, 96.0, 12.0, 90.0, 340.0, 0.0, 3.0, 9, 0.0),
        ServiceKind::Database => Means(0.22, 340.0, 210.0, 60.0, 85.0, 140.0, 310.0, 24, 0.1),
        ServiceKind::Cache => Means(0.04, 72.0, 4.0, 40.0, 55.0, 0.0, 12.0, 5, 0.0),
        ServiceKind::Worker => Means(0.18, 150.0, 20.0, 25.0, 12.0, 8.0, 24.0, 6, 0.75),
        ServiceKind::Queue => Means(0.06, 128.0, 16.0, 45.0, 48.0, 0.0, 36.0, 31, 0.0),
        ServiceKind::Metrics => Means(0.09, 210.0, 90.0, 120.0, 30.0, 5.0, 90.0, 14, 0.2),
        ServiceKind::Transcoder => Means(0.85, 420.0, 300.0, 900.0, 260.0, 800.0, 1_300.0, 18, 0.6),
        ServiceKind::Idle => Means(0.0006, 4.0, 0.5, 0.05, 0.02, 0.0, 0.0, 1, 0.0),
    }
}

const KIB: f64 = 1024.0;
const MIB: f64 = 1024.0 * KIB;

impl Load {
    /// The load of `service`, scaled by `scale`.
    #[must_use]
    pub fn of(service: Service, scale: f64) -> Self {
        let Means(cpu, memory, cache, rx, tx, read, write, pids, burst) = means(service.kind);
        let mut rng = fastrand::Rng::with_seed(service.seed);
        let scale = scale * (0.5 + rng.f64());
        let mut curve = |mean: f64| Curve::about(mean * scale, burst, &mut rng);
        let (cpu, rx, tx, read, write) =
            (curve(cpu * 1e9), curve(rx * KIB), curve(tx * KIB), curve(read * KIB), curve(write * KIB));
        let memory_oscillation = Oscillation { share: 0.04, period: 40.0 + 80.0 * rng.f64(), phase: TAU * rng.f64() };
        let size = 0.6 + 0.8 * rng.f64();
        Self {
            cpu,
            rx,
            tx,
            read,
            write,
            memory_bytes: memory * MIB * size,
            cache_bytes: cache * MIB * size,
            memory_oscillation,
            pids,
        }
    }

    /// The load of an idle container: one created through the API.
    #[must_use]
    pub fn idle(seed: u64) -> Self {
        Self::of(Service { kind: ServiceKind::Idle, seed }, 1.0)
    }

    /// Usage after a running time of `active`, within `memory_limit` bytes (0 for no limit).
    #[must_use]
    pub fn usage(&self, active: Duration, memory_limit: u64) -> Usage {
        let seconds = active.as_secs_f64();
        // Memory grows over the first minute or so, then oscillates.
        let filled = 0.35 + 0.65 * (1.0 - (-seconds / 30.0).exp());
        let resident = self.memory_bytes * filled * (1.0 + self.memory_oscillation.now(seconds));
        let ceiling = if memory_limit == 0 { f64::MAX } else { to_float(memory_limit) * 0.98 };
        let cache = (self.cache_bytes * filled).min((ceiling - resident).max(0.0));
        Usage {
            cpu_nanos: self.cpu.total(seconds),
            memory_bytes: pages((resident + cache).min(ceiling)),
            cache_bytes: pages(cache),
            rx_bytes: self.rx.total(seconds),
            tx_bytes: self.tx.total(seconds),
            read_bytes: pages(to_float(self.read.total(seconds))),
            write_bytes: pages(to_float(self.write.total(seconds))),
            pids: self.pids,
        }
    }
}

impl Curve {
    /// A curve with this mean, of which the fraction `burst` comes in bursts.
    fn about(mean: f64, burst: f64, rng: &mut fastrand::Rng) -> Self {
        let mut oscillation = |share: f64, from: f64, to: f64| Oscillation {
            share,
            period: from + (to - from) * rng.f64(),
            phase: TAU * rng.f64(),
        };
        let oscillations = [oscillation(0.35, 12.0, 40.0), oscillation(0.25, 90.0, 400.0)];
        // A burst lasts a third of its interval, hence three times the share while it lasts.
        Self {
            mean: mean * (1.0 - burst),
            oscillations,
            burst: mean * burst * 3.0,
            burst_period: 18.0 + 30.0 * rng.f64(),
        }
    }
}

/// Rounds down; the values are counters far below 2^53, where the cast is exact.
fn whole(value: f64) -> u64 {
    value.max(0.0) as u64
}

/// Rounds down to 4 KiB, the unit of memory and usually of file access.
fn pages(value: f64) -> u64 {
    whole(value) & !0xfff
}

fn to_float(value: u64) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_never_decrease_and_memory_stays_within_its_limit() {
        let kinds = [ServiceKind::Web, ServiceKind::Worker, ServiceKind::Transcoder, ServiceKind::Idle];
        for (seed, kind) in (0..40).flat_map(|seed| kinds.map(|kind| (seed, kind))) {
            let load = Load::of(Service { kind, seed }, 1.0);
            let mut last = Usage::default();
            for step in 0..2_000 {
                let usage = load.usage(Duration::from_millis(step * 250), 64 << 20);
                assert!(usage.cpu_nanos >= last.cpu_nanos && usage.rx_bytes >= last.rx_bytes);
                assert!(usage.write_bytes >= last.write_bytes);
                assert!(usage.memory_bytes <= 64 << 20);
                last = usage;
            }
        }
    }

    #[test]
    fn bursts_add_up_to_their_share_of_the_mean() {
        let curve = Curve { burst: 3.0, burst_period: 30.0, ..Curve::default() };
        // Two periods of 30 s with bursts of 10 s at 3 per second: 2 x 10 x 3 = 60.
        assert_eq!(curve.total(60.0), 60);
    }
}
