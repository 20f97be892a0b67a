//! In-memory samples of the last hours, for charts.
//!
//! In: each round of the sampler. Out: [`SampleHistory`] of one container and a window. Shared by
//! the sampler, which writes, and [`crate::http`], which reads.
//!
//! Limits: 5 min at the sampling interval (150 points at 2 s) and 360 points at one minute, of 48
//! bytes each: 24 kB per container, 24 MB for a thousand. Without sampling, nothing is recorded,
//! and the times of the points show the gap.

use crate::watcher::Sample;
use app::model::{ContainerId, ContainerKey, ContainerStats, EngineName, SampleHistory, SamplePoint, Timestamp};
use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Time covered at the sampling interval.
const FINE_SPAN: Duration = Duration::from_secs(300);
/// Number of points at intervals of one minute: 6 h.
const COARSE_CAPACITY: usize = 360;
const MINUTE_MILLIS: u64 = 60_000;
const KIB: u64 = 1024;
/// Maximum window, which the coarse points cover.
pub const MAX_WINDOW: Duration = Duration::from_secs(6 * 3600);

/// Recorded samples; clones share them.
#[derive(Debug, Clone)]
pub struct History {
    containers: Arc<Mutex<HashMap<ContainerKey, Series>>>,
    interval: Duration,
    fine_capacity: usize,
}

/// Points of one container, over all its runs.
#[derive(Debug, Default)]
struct Series {
    /// Time of the newest point; all others are at most 6 h older.
    newest: Timestamp,
    fine: VecDeque<Point>,
    coarse: VecDeque<Point>,
    minute: Minute,
}

/// A sample in compact form.
#[derive(Debug, Clone, Copy)]
struct Point {
    /// The lower 32 bits of the milliseconds since 1970, which are unambiguous for hours, not
    /// weeks.
    at: u32,
    /// CPU usage in percent of one core; NaN if unknown.
    cpu: f32,
    /// Number of processes; `u32::MAX` if unknown.
    pids: u32,
    /// Memory in KiB, because kernels count pages; `u32::MAX` if unknown.
    memory: u32,
    network_rx: OptionalCount,
    network_tx: OptionalCount,
    block_read: OptionalCount,
    block_write: OptionalCount,
}

/// An optional number in 8 bytes, where an `Option` takes 16.
#[derive(Debug, Clone, Copy)]
struct OptionalCount(u64);

impl OptionalCount {
    const UNKNOWN: u64 = u64::MAX;

    fn of(known: Option<u64>) -> Self {
        Self(known.unwrap_or(Self::UNKNOWN))
    }

    fn known(self) -> Option<u64> {
        (self.0 != Self::UNKNOWN).then_some(self.0)
    }
}

/// Points of the current minute, combined.
#[derive(Debug, Default)]
struct Minute {
    number: u64,
    cpu_sum: f64,
    cpu_count: u32,
    last: Option<Point>,
}

impl History {
    /// Creates an empty history for this sampling interval.
    pub fn new(interval: Duration) -> Self {
        let fine_capacity =
            (FINE_SPAN.as_millis() / interval.as_millis().max(1)).try_into().unwrap_or(usize::MAX).max(1);
        Self { containers: Arc::default(), interval, fine_capacity }
    }

    /// Records a round of an engine. `present` are all containers of the engine; data of others is
    /// dropped.
    pub fn record(&self, engine: EngineName, samples: &[Sample], taken_at: Timestamp, present: &HashSet<ContainerId>) {
        let mut containers = self.lock();
        for Sample { stats, .. } in samples {
            // Right after a start, nothing is known; an empty point would look like a gap.
            if stats.memory_usage.is_some() || stats.cpu_percent.is_some() {
                containers.entry(stats.key()).or_default().take(stats, taken_at, self.fine_capacity);
            }
        }
        containers.retain(|key, _| key.engine != engine || present.contains(&key.id));
    }

    /// Returns the points of the last `window`, oldest first.
    pub fn of(&self, key: ContainerKey, window: Duration, now: Timestamp) -> SampleHistory {
        let fine = window <= FINE_SPAN;
        let interval = if fine { self.interval } else { Duration::from_millis(MINUTE_MILLIS) };
        let containers = self.lock();
        let series = containers.get(&key);
        let points = series.map(|series| if fine { &series.fine } else { &series.coarse });
        let unfinished = series.filter(|_| !fine).and_then(|series| series.minute.point());
        let dated = |point| Some((series?.time_of(point), point));
        let points = points.into_iter().flatten().copied().chain(unfinished).filter_map(dated);
        SampleHistory {
            engine: key.engine,
            container_id: key.id,
            interval_seconds: interval.as_secs_f64(),
            window_seconds: window.as_secs_f64(),
            samples: points.filter(|(at, _)| now.since(*at) <= window).map(|(at, point)| point.sample(at)).collect(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ContainerKey, Series>> {
        self.containers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Series {
    fn take(&mut self, stats: &ContainerStats, at: Timestamp, fine_capacity: usize) {
        self.drop_expired(at);
        self.newest = at;
        let point = Point::of(stats, at);
        push(&mut self.fine, point, fine_capacity);
        let number = at.as_millis() / MINUTE_MILLIS;
        if number != self.minute.number {
            let finished = std::mem::replace(&mut self.minute, Minute { number, ..Minute::default() });
            if let Some(finished) = finished.point() {
                push(&mut self.coarse, finished, COARSE_CAPACITY);
            }
        }
        self.minute.take(point);
    }

    /// Drops points that are too old for any window, because their 32-bit times would become
    /// ambiguous.
    fn drop_expired(&mut self, at: Timestamp) {
        let newest = self.newest;
        let is_old = |point: &Point| at.since(point.time(newest)) > MAX_WINDOW;
        for points in [&mut self.fine, &mut self.coarse] {
            while points.front().is_some_and(is_old) {
                points.pop_front();
            }
        }
        if self.minute.last.as_ref().is_some_and(is_old) {
            self.minute = Minute::default();
        }
    }

    fn time_of(&self, point: Point) -> Timestamp {
        point.time(self.newest)
    }
}

impl Minute {
    fn take(&mut self, point: Point) {
        if !point.cpu.is_nan() {
            self.cpu_sum += f64::from(point.cpu);
            self.cpu_count += 1;
        }
        self.last = Some(point);
    }

    /// The minute as a point: the mean of the CPU usage, and the last value of counters and levels.
    fn point(&self) -> Option<Point> {
        // 0 / 0 is NaN, which means unknown.
        let cpu = (self.cpu_sum / f64::from(self.cpu_count)) as f32;
        self.last.map(|last| Point { cpu, ..last })
    }
}

/// Adds a point. The capacity grows by quarters, so that a new container does not allocate memory
/// for six hours.
fn push(points: &mut VecDeque<Point>, point: Point, capacity: usize) {
    if points.len() == capacity {
        points.pop_front();
    } else if points.len() == points.capacity() {
        points.reserve_exact((capacity / 4).min(capacity - points.len()).max(1));
    }
    points.push_back(point);
}

impl Point {
    fn of(stats: &ContainerStats, at: Timestamp) -> Self {
        Self {
            at: at.as_millis() as u32,
            cpu: stats.cpu_percent.map_or(f32::NAN, |percent| percent as f32),
            pids: stats.pids.and_then(|pids| u32::try_from(pids).ok()).unwrap_or(u32::MAX),
            memory: stats.memory_usage.and_then(|bytes| u32::try_from(bytes / KIB).ok()).unwrap_or(u32::MAX),
            network_rx: OptionalCount::of(stats.network_rx),
            network_tx: OptionalCount::of(stats.network_tx),
            block_read: OptionalCount::of(stats.block_read),
            block_write: OptionalCount::of(stats.block_write),
        }
    }

    /// Restores the full time from its lower 32 bits: the time nearest to `newest`, which is less
    /// than 25 days away. It is later than `newest` if the clock was set back.
    fn time(&self, newest: Timestamp) -> Timestamp {
        let before = (newest.as_millis() as u32).wrapping_sub(self.at) as i32;
        Timestamp::from_millis(newest.as_millis().saturating_add_signed(-i64::from(before)))
    }

    fn sample(&self, timestamp: Timestamp) -> SamplePoint {
        let known = |number: u32| (number != u32::MAX).then(|| u64::from(number));
        SamplePoint {
            timestamp,
            // Two decimals, as sampled.
            cpu_percent: (!self.cpu.is_nan()).then(|| (f64::from(self.cpu) * 100.0).round() / 100.0),
            memory_usage: known(self.memory).map(|kibibytes| kibibytes * KIB),
            network_rx: self.network_rx.known(),
            network_tx: self.network_tx.known(),
            block_read: self.block_read.known(),
            block_write: self.block_write.known(),
            pids: known(self.pids),
        }
    }
}

#[cfg(test)]
mod tests;
