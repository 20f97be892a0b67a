//! Number of changes in the last minute, in buckets of one second.

use crate::model::Timestamp;

const SECONDS: u64 = 60;

/// Counts of the last 60 seconds, one bucket per second.
#[derive(Debug)]
pub(super) struct Rate {
    buckets: [u64; SECONDS as usize],
    newest: u64,
}

impl Default for Rate {
    fn default() -> Self {
        Self { buckets: [0; SECONDS as usize], newest: 0 }
    }
}

impl Rate {
    /// Adds to the count.
    pub(super) fn add(&mut self, count: u64, now: Timestamp) {
        self.forget(now);
        self.buckets[place(self.newest)] += count;
    }

    /// Count of the 60 seconds up to and including `now`.
    pub(super) fn per_minute(&mut self, now: Timestamp) -> u64 {
        self.forget(now);
        self.buckets.iter().sum()
    }

    /// Empties the buckets of the seconds that have passed. Ignores a clock that was set back.
    fn forget(&mut self, now: Timestamp) {
        let second = (now.as_millis() / 1_000).max(self.newest);
        let first = (self.newest + 1).max(second.saturating_sub(SECONDS - 1));
        for passed in first..=second {
            self.buckets[place(passed)] = 0;
        }
        self.newest = second;
    }
}

const fn place(second: u64) -> usize {
    (second % SECONDS) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000 + seconds * 1_000)
    }

    #[test]
    fn counts_older_than_a_minute_expire_second_by_second() {
        let mut rate = Rate::default();
        rate.add(3, at(0));
        rate.add(4, at(30));
        assert_eq!(rate.per_minute(at(59)), 7);
        assert_eq!(rate.per_minute(at(60)), 4);
        assert_eq!(rate.per_minute(at(90)), 0);
    }

    #[test]
    fn a_long_pause_and_a_clock_set_back_are_handled() {
        let mut rate = Rate::default();
        rate.add(3, at(0));
        assert_eq!(rate.per_minute(at(1_000_000)), 0);
        rate.add(2, at(999_990));
        assert_eq!(rate.per_minute(at(1_000_000)), 2);
    }
}
