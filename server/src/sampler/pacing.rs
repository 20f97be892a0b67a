//! Sampling interval: as configured, or wider while rounds take too long or are too many. Pure.
//!
//! A round may take three quarters of the interval, because it keeps the engine busy and actions
//! need time, too. Half would be too little: engines before 23.0.8 delay every round by a second,
//! and 2 s must suffice there for 150 containers. A longer round widens the interval immediately.
//! It narrows when three rounds would have fitted with a quarter to spare, so that it does not
//! oscillate.

use std::time::Duration;

/// Step of intervals, so that they are easy to read.
const INTERVAL_STEP: Duration = Duration::from_millis(500);

/// The sampling interval, and the durations it depends on.
#[derive(Debug)]
pub(super) struct Pacing {
    configured: Duration,
    interval: Duration,
    recent: [Duration; 3],
}

impl Pacing {
    pub(super) fn new(configured: Duration) -> Self {
        Self { configured, interval: configured, recent: Default::default() }
    }

    /// Time between the starts of two rounds.
    pub(super) fn interval(&self) -> Duration {
        self.interval
    }

    /// The interval, if it is longer than configured.
    pub(super) fn widened(&self) -> Option<Duration> {
        (self.interval > self.configured).then_some(self.interval)
    }

    /// Records the duration of a round, and the interval that its budgets require. Returns true if the
    /// interval changed.
    pub(super) fn record(&mut self, round: Duration, by_budget: Duration) -> bool {
        self.recent.rotate_left(1);
        self.recent[2] = round;
        let before = self.interval;
        let longest = self.recent.into_iter().max().unwrap_or_default();
        // Never less than this round needs.
        let by_budget = whole_steps(by_budget);
        let narrowest = self.needed(longest * 5 / 4).max(by_budget);
        self.interval = self.needed(round).max(by_budget).max(before.min(narrowest));
        self.interval != before
    }

    fn needed(&self, round: Duration) -> Duration {
        self.configured.max(whole_steps(round * 4 / 3))
    }
}

fn whole_steps(time: Duration) -> Duration {
    let steps = time.as_millis().div_ceil(INTERVAL_STEP.as_millis());
    INTERVAL_STEP * u32::try_from(steps).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(pacing: &mut Pacing, rounds_millis: &[u64]) -> Option<u128> {
        for millis in rounds_millis {
            pacing.record(Duration::from_millis(*millis), Duration::ZERO);
        }
        pacing.widened().map(|interval| interval.as_millis())
    }

    #[test]
    fn a_round_over_three_quarters_widens_the_interval_immediately() {
        let mut pacing = Pacing::new(Duration::from_secs(2));
        assert_eq!(after(&mut pacing, &[0, 1_200, 1_500]), None);
        assert_eq!(after(&mut pacing, &[1_501]), Some(2_500));
        assert_eq!(after(&mut pacing, &[9_000]), Some(12_000));
    }

    #[test]
    fn three_quick_rounds_narrow_the_interval() {
        let mut pacing = Pacing::new(Duration::from_secs(2));
        assert_eq!(after(&mut pacing, &[9_000, 3_000, 2_000]), Some(12_000));
        assert_eq!(after(&mut pacing, &[2_000]), Some(5_000));
        assert_eq!(after(&mut pacing, &[100, 100]), Some(3_500));
        assert_eq!(after(&mut pacing, &[100]), None);
        assert!(!pacing.record(Duration::from_millis(100), Duration::ZERO));
    }

    #[test]
    fn many_containers_widen_the_interval_until_there_are_fewer() {
        let mut pacing = Pacing::new(Duration::from_secs(2));
        let quick = Duration::from_millis(100);
        assert!(!pacing.record(quick, Duration::from_millis(1_900)));
        assert!(pacing.record(quick, Duration::from_millis(3_700)));
        assert_eq!(pacing.widened(), Some(Duration::from_secs(4)));
        assert!(!pacing.record(quick, Duration::from_secs(4)));
        assert!(pacing.record(quick, Duration::from_millis(20)));
        assert_eq!(pacing.widened(), None);
    }

    #[test]
    fn small_variations_do_not_change_the_interval() {
        let mut pacing = Pacing::new(Duration::from_millis(500));
        assert_eq!(after(&mut pacing, &[1_100]), Some(1_500));
        for round in [1_000, 950, 1_050, 1_100, 980, 1_000, 1_000, 1_000] {
            assert!(!pacing.record(Duration::from_millis(round), Duration::ZERO), "{round}");
        }
    }
}
