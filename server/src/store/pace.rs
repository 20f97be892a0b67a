//! When the next frame may leave: at once while changes are few, 20 times a second in a storm. Pure.

use std::time::Duration;
use tokio::time::Instant;

/// Between two frames of a storm; so long may a change wait.
const STORM_GAP: Duration = Duration::from_millis(50);
/// Between any two frames: what the engine tells in one breath (`die`, and inspect's answer to it) leaves together.
const SHORTEST_GAP: Duration = Duration::from_millis(10);
/// What a busy half second costs. A change costs [`STORM_GAP`], and while this much is unpaid there is a storm.
const CREDIT: Duration = Duration::from_millis(500);

/// A bucket that leaks: each change pours in, time drains it.
#[derive(Debug)]
pub(super) struct Pace {
    last: Instant,
    drained_at: Instant,
}

impl Pace {
    pub(super) fn new(now: Instant) -> Self {
        Self { last: now, drained_at: now }
    }

    /// From then on a frame may leave.
    pub(super) fn due(&self) -> Instant {
        let storm = self.drained_at >= self.last + CREDIT;
        self.last + if storm { STORM_GAP } else { SHORTEST_GAP }
    }

    /// A frame left that folded so many changes.
    pub(super) fn left(&mut self, changes: u32, now: Instant) {
        self.last = now;
        self.drained_at = (self.drained_at.max(now) + STORM_GAP * changes).min(now + CREDIT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many frames leave in `seconds` when `per_second` changes come, and the longest wait of a change.
    fn frames(per_second: u32, seconds: u32) -> (u32, Duration) {
        let start = Instant::now();
        let (mut pace, mut frames, mut longest) = (Pace::new(start), 0, Duration::ZERO);
        let mut waiting: Vec<Instant> = Vec::new();
        for change in 0..per_second * seconds {
            let at = start + Duration::from_secs(1) * change / per_second;
            if !waiting.is_empty() && pace.due() <= at {
                let due = pace.due().max(waiting[0]);
                longest = longest.max(due - waiting[0]);
                pace.left(u32::try_from(waiting.len()).unwrap_or(u32::MAX), due);
                waiting.clear();
                frames += 1;
            }
            waiting.push(at);
        }
        (frames, longest)
    }

    #[test]
    fn a_lasting_storm_is_folded_into_twenty_frames_a_second_and_no_change_waits_longer_than_one() {
        for per_second in [25, 100, 3000] {
            let (frames, longest) = frames(per_second, 10);
            assert!((150..=211).contains(&frames), "{frames} frames of {per_second} changes a second");
            assert!(longest <= STORM_GAP, "{longest:?}");
        }
    }

    #[test]
    fn a_sudden_storm_gets_little_more() {
        let (frames, _) = frames(3000, 1);
        assert!(frames <= 22, "{frames}");
    }

    #[test]
    fn few_changes_leave_at_once() {
        let (frames, longest) = frames(15, 10);
        assert!(frames >= 149 && longest <= SHORTEST_GAP, "{frames} frames, {longest:?}");
    }
}
