//! Samples of the last minutes and hours, in memory, for charts.
//!
//! In: each sweep of the sampler. Out: [`SampleHistory`] for one container and a window. Bounded: 5 min at the sampling interval,
//! which at 2 s are 150 points, and 360 points at one minute, of 48 bytes each: 24 kB for a container, 24 MB for a thousand.
//! While nobody samples nothing is recorded, and the gap is told by the times of the points around it.

use crate::watcher::Sample;
use app::model::{ContainerId, ContainerStats, SampleHistory, SamplePoint, Timestamp};
use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// At the sampling interval.
const FINE_SPAN: Duration = Duration::from_secs(300);
/// 6 h at 1 min.
const COARSE_KEPT: usize = 360;
const MINUTE_MILLIS: u64 = 60_000;
const KIB: u64 = 1024;
/// Longest window: what the coarse points cover.
pub const LONGEST: Duration = Duration::from_secs(6 * 3600);

/// Keeps and gives; clones share it.
#[derive(Debug, Clone)]
pub struct History {
    containers: Arc<Mutex<HashMap<ContainerId, Kept>>>,
    interval: Duration,
    fine_kept: usize,
}

/// What is kept of one container, over all its runs.
#[derive(Debug, Default)]
struct Kept {
    /// When the newest point was taken; all others are of the 6 h before.
    newest: Timestamp,
    fine: VecDeque<Point>,
    coarse: VecDeque<Point>,
    minute: Minute,
}

/// One sample without what is the same in all of them.
#[derive(Debug, Clone, Copy)]
struct Point {
    /// The lower half of the milliseconds since 1970: enough to tell points apart that are hours from each other, not weeks.
    at: u32,
    /// Not a number where it is unknown.
    cpu: f32,
    /// The largest number where it is unknown.
    pids: u32,
    /// In KiB: kernels count in pages.
    memory: u32,
    network_rx: Figure,
    network_tx: Figure,
    block_read: Figure,
    block_write: Figure,
}

/// A number that may be unknown, in 8 bytes where an `Option` takes 16.
#[derive(Debug, Clone, Copy)]
struct Figure(u64);

impl Figure {
    const UNKNOWN: u64 = u64::MAX;

    fn of(known: Option<u64>) -> Self {
        Self(known.unwrap_or(Self::UNKNOWN))
    }

    fn known(self) -> Option<u64> {
        (self.0 != Self::UNKNOWN).then_some(self.0)
    }
}

/// The minute that is being filled.
#[derive(Debug, Default)]
struct Minute {
    number: u64,
    cpu_sum: f64,
    cpu_count: u32,
    last: Option<Point>,
}

impl History {
    /// Empty; `interval` is how often samples come.
    pub fn new(interval: Duration) -> Self {
        let fine_kept = (FINE_SPAN.as_millis() / interval.as_millis().max(1)).try_into().unwrap_or(usize::MAX).max(1);
        Self { containers: Arc::default(), interval, fine_kept }
    }

    /// Takes a sweep in. `present` are all containers: what is kept of others goes.
    pub fn record(&self, samples: &[Sample], taken_at: Timestamp, present: &HashSet<ContainerId>) {
        let mut containers = self.lock();
        for Sample { stats, .. } in samples {
            // Nothing is known right after a start; a point of nothing would look like a gap.
            if stats.memory_usage.is_some() || stats.cpu_percent.is_some() {
                containers.entry(stats.container_id).or_default().take(stats, taken_at, self.fine_kept);
            }
        }
        containers.retain(|id, _| present.contains(id));
    }

    /// The points of the last `window`, oldest first.
    pub fn of(&self, id: ContainerId, window: Duration, now: Timestamp) -> SampleHistory {
        let fine = window <= FINE_SPAN;
        let interval = if fine { self.interval } else { Duration::from_millis(MINUTE_MILLIS) };
        let containers = self.lock();
        let kept = containers.get(&id);
        let points = kept.map(|kept| if fine { &kept.fine } else { &kept.coarse });
        let unfinished = kept.filter(|_| !fine).and_then(|kept| kept.minute.point());
        let dated = |point| Some((kept?.time_of(point), point));
        let points = points.into_iter().flatten().copied().chain(unfinished).filter_map(dated);
        SampleHistory {
            container_id: id,
            interval_seconds: interval.as_secs_f64(),
            window_seconds: window.as_secs_f64(),
            samples: points.filter(|(at, _)| now.since(*at) <= window).map(|(at, point)| point.sample(at)).collect(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ContainerId, Kept>> {
        self.containers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn take(&mut self, stats: &ContainerStats, at: Timestamp, fine_kept: usize) {
        self.let_go_before(at);
        self.newest = at;
        let point = Point::of(stats, at);
        push(&mut self.fine, point, fine_kept);
        let number = at.as_millis() / MINUTE_MILLIS;
        if number != self.minute.number {
            let finished = std::mem::replace(&mut self.minute, Minute { number, ..Minute::default() });
            if let Some(finished) = finished.point() {
                push(&mut self.coarse, finished, COARSE_KEPT);
            }
        }
        self.minute.take(point);
    }

    /// What nobody can ask for any more, because nobody watched for long: its time could not be told from a later one.
    fn let_go_before(&mut self, at: Timestamp) {
        let newest = self.newest;
        let is_old = |point: &Point| at.since(point.time(newest)) > LONGEST;
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

    /// The mean of the processor, and the last of what only grows or is a level.
    fn point(&self) -> Option<Point> {
        // 0 / 0 is not a number, which is what unknown is.
        let cpu = (self.cpu_sum / f64::from(self.cpu_count)) as f32;
        self.last.map(|last| Point { cpu, ..last })
    }
}

/// Room grows by quarters of the whole, so that a young container does not pay for six hours.
fn push(points: &mut VecDeque<Point>, point: Point, kept: usize) {
    if points.len() == kept {
        points.pop_front();
    } else if points.len() == points.capacity() {
        points.reserve_exact((kept / 4).min(kept - points.len()).max(1));
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
            network_rx: Figure::of(stats.network_rx),
            network_tx: Figure::of(stats.network_tx),
            block_read: Figure::of(stats.block_read),
            block_write: Figure::of(stats.block_write),
        }
    }

    /// When it was taken: not weeks before `newest`, nor, by a clock that was set back, after it.
    fn time(&self, newest: Timestamp) -> Timestamp {
        let before = (newest.as_millis() as u32).wrapping_sub(self.at) as i32;
        Timestamp::from_millis(newest.as_millis().saturating_add_signed(-i64::from(before)))
    }

    fn sample(&self, timestamp: Timestamp) -> SamplePoint {
        let known = |number: u32| (number != u32::MAX).then(|| u64::from(number));
        SamplePoint {
            timestamp,
            // Two decimals, which is what was sampled.
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
