//! The newest delays, and their percentiles.

/// Number of delays kept: large enough for a 99th percentile that is not just the maximum, small
/// enough to count at each change.
const CAPACITY: usize = 256;

/// A ring buffer of the newest delays.
#[derive(Debug, Default)]
pub(super) struct Delays {
    millis: Vec<u64>,
    next: usize,
}

impl Delays {
    /// Adds a delay and drops the oldest when full.
    pub(super) fn push(&mut self, millis: u64) {
        if self.millis.len() < CAPACITY {
            self.millis.push(millis);
        } else {
            self.millis[self.next] = millis;
        }
        self.next = (self.next + 1) % CAPACITY;
    }

    /// The smallest delay in milliseconds that at least `percent` percent of the delays (1 to 100)
    /// do not exceed; `None` without delays.
    pub(super) fn percentile(&self, percent: usize) -> Option<u64> {
        let rank = (self.millis.len() * percent).div_ceil(100);
        let reaches = |value: u64| self.millis.iter().filter(|millis| **millis <= value).count() >= rank;
        // By counting, since there are at most 256: sorting would add 1 kB to the browser's module.
        self.millis.iter().copied().filter(|value| reaches(*value)).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(millis: impl IntoIterator<Item = u64>) -> Delays {
        let mut delays = Delays::default();
        millis.into_iter().for_each(|millis| delays.push(millis));
        delays
    }

    #[test]
    fn percentiles_are_recorded_values() {
        assert_eq!(of([]).percentile(50), None);
        assert_eq!(of([7]).percentile(99), Some(7));
        assert_eq!(of(1..=100).percentile(50), Some(50));
        assert_eq!(of(1..=100).percentile(99), Some(99));
        assert_eq!(of([30, 10, 20, 40]).percentile(50), Some(20));
    }

    proptest! {
        #[test]
        fn only_the_newest_256_count(old in prop::collection::vec(0..9_u64, 0..600), new in prop::collection::vec(10..99_u64, 256)) {
            let expected = of(new.clone());
            let delays = of(old.into_iter().chain(new));
            prop_assert_eq!(delays.millis.len(), 256);
            for percent in [1, 50, 99, 100] {
                prop_assert_eq!(delays.percentile(percent), expected.percentile(percent));
            }
        }
    }
}
