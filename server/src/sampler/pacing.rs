//! How far apart rounds of samples are: as asked for, or wider while a round takes too long for that. Pure.
//!
//! A round may take three quarters of the interval. It keeps the engine busy, and the rest of the time is for those who start and
//! stop containers; three quarters and not half, because an engine of before 23.0.8 lets every round wait a second for its own
//! reasons, and 2 s are to hold there for 150 containers. More than that widens the interval at once; it narrows when three rounds
//! would have fitted with a quarter to spare, so that it does not swing.

use std::time::Duration;

/// Intervals are multiples of this, for who reads them.
const STEP: Duration = Duration::from_millis(500);

/// The interval, and what it follows.
#[derive(Debug)]
pub(super) struct Pacing {
    asked_for: Duration,
    interval: Duration,
    recent: [Duration; 3],
}

impl Pacing {
    pub(super) fn new(asked_for: Duration) -> Self {
        Self { asked_for, interval: asked_for, recent: Default::default() }
    }

    /// From the beginning of a round to that of the next.
    pub(super) fn interval(&self) -> Duration {
        self.interval
    }

    /// The interval, while it is more than was asked for.
    pub(super) fn widened(&self) -> Option<Duration> {
        (self.interval > self.asked_for).then_some(self.interval)
    }

    /// Takes a round in; whether the interval is another now.
    pub(super) fn took(&mut self, round: Duration) -> bool {
        self.recent.rotate_left(1);
        self.recent[2] = round;
        let before = self.interval;
        let longest = self.recent.into_iter().max().unwrap_or_default();
        // The narrower interval is never less than the round needs.
        self.interval = self.needed(round).max(before.min(self.needed(longest * 5 / 4)));
        self.interval != before
    }

    fn needed(&self, round: Duration) -> Duration {
        let steps = (round * 4 / 3).as_millis().div_ceil(STEP.as_millis());
        self.asked_for.max(STEP * u32::try_from(steps).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(pacing: &mut Pacing, rounds_millis: &[u64]) -> Option<u128> {
        for millis in rounds_millis {
            pacing.took(Duration::from_millis(*millis));
        }
        pacing.widened().map(|interval| interval.as_millis())
    }

    #[test]
    fn a_round_may_take_three_quarters_and_more_widens_at_once() {
        let mut pacing = Pacing::new(Duration::from_secs(2));
        assert_eq!(after(&mut pacing, &[0, 1_200, 1_500]), None);
        assert_eq!(after(&mut pacing, &[1_501]), Some(2_500));
        assert_eq!(after(&mut pacing, &[9_000]), Some(12_000));
    }

    #[test]
    fn three_quick_rounds_narrow_to_what_the_longest_needs_and_a_quarter() {
        let mut pacing = Pacing::new(Duration::from_secs(2));
        assert_eq!(after(&mut pacing, &[9_000, 3_000, 2_000]), Some(12_000));
        assert_eq!(after(&mut pacing, &[2_000]), Some(5_000));
        assert_eq!(after(&mut pacing, &[100, 100]), Some(3_500));
        assert_eq!(after(&mut pacing, &[100]), None);
        assert!(!pacing.took(Duration::from_millis(100)));
    }

    #[test]
    fn rounds_that_swing_a_little_do_not_swing_the_interval() {
        let mut pacing = Pacing::new(Duration::from_millis(500));
        assert_eq!(after(&mut pacing, &[1_100]), Some(1_500));
        for round in [1_000, 950, 1_050, 1_100, 980, 1_000, 1_000, 1_000] {
            assert!(!pacing.took(Duration::from_millis(round)), "{round}");
        }
    }
}
