//! Rate limit of frames: immediately while changes are few, 20 per second under load. Pure.

use std::time::Duration;
use tokio::time::Instant;

/// Interval of frames under load, and the maximum delay of a change.
const LOAD_FRAME_INTERVAL: Duration = Duration::from_millis(50);
/// Minimum interval of frames, so that related changes (`die` and its inspect) share a frame.
const MIN_FRAME_INTERVAL: Duration = Duration::from_millis(10);
/// Capacity of the bucket: half a second. Each change costs [`LOAD_FRAME_INTERVAL`]; a full bucket
/// means load.
const BURST_CAPACITY: Duration = Duration::from_millis(500);

/// A leaky bucket, filled by changes and drained by time.
#[derive(Debug)]
pub(super) struct Pace {
    last: Instant,
    drained_at: Instant,
}

impl Pace {
    pub(super) fn new(now: Instant) -> Self {
        Self { last: now, drained_at: now }
    }

    /// Earliest time of the next frame.
    pub(super) fn due(&self) -> Instant {
        let under_load = self.drained_at >= self.last + BURST_CAPACITY;
        self.last + if under_load { LOAD_FRAME_INTERVAL } else { MIN_FRAME_INTERVAL }
    }

    /// Records a frame with this number of changes.
    pub(super) fn record_frame(&mut self, changes: u32, now: Instant) {
        self.last = now;
        self.drained_at = (self.drained_at.max(now) + LOAD_FRAME_INTERVAL * changes).min(now + BURST_CAPACITY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Number of frames sent in `seconds` with `per_second` changes, and the longest wait of a
    /// change.
    fn frames(per_second: u32, seconds: u32) -> (u32, Duration) {
        let start = Instant::now();
        let (mut pace, mut frames, mut longest) = (Pace::new(start), 0, Duration::ZERO);
        let mut waiting: Vec<Instant> = Vec::new();
        for change in 0..per_second * seconds {
            let at = start + Duration::from_secs(1) * change / per_second;
            if !waiting.is_empty() && pace.due() <= at {
                let due = pace.due().max(waiting[0]);
                longest = longest.max(due - waiting[0]);
                pace.record_frame(u32::try_from(waiting.len()).unwrap_or(u32::MAX), due);
                waiting.clear();
                frames += 1;
            }
            waiting.push(at);
        }
        (frames, longest)
    }

    #[test]
    fn a_sustained_load_gets_twenty_frames_a_second_and_bounded_waits() {
        for per_second in [25, 100, 3000] {
            let (frames, longest) = frames(per_second, 10);
            assert!((150..=211).contains(&frames), "{frames} frames of {per_second} changes a second");
            assert!(longest <= LOAD_FRAME_INTERVAL, "{longest:?}");
        }
    }

    #[test]
    fn a_burst_gets_few_extra_frames() {
        let (frames, _) = frames(3000, 1);
        assert!(frames <= 22, "{frames}");
    }

    #[test]
    fn single_changes_are_sent_immediately() {
        let (frames, longest) = frames(15, 10);
        assert!(frames >= 149 && longest <= MIN_FRAME_INTERVAL, "{frames} frames, {longest:?}");
    }
}
