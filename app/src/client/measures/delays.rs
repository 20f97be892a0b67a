//! The newest delays, and percentiles of them.

/// Enough for a 99th percentile that is not just the worst, little enough to count at each change.
const CAPACITY: usize = 256;

/// A ring: the 257th pushes out the first.
#[derive(Debug, Default)]
pub(super) struct Delays {
    millis: Vec<u64>,
    next: usize,
}

impl Delays {
    /// Keeps one more.
    pub(super) fn push(&mut self, millis: u64) {
        if self.millis.len() < CAPACITY {
            self.millis.push(millis);
        } else {
            self.millis[self.next] = millis;
        }
        self.next = (self.next + 1) % CAPACITY;
    }

    /// The smallest delay that `percent` of them do not exceed; `None` without any. `percent` is 1 to 100.
    pub(super) fn percentile(&self, percent: usize) -> Option<u64> {
        let rank = (self.millis.len() * percent).div_ceil(100);
        let reaches = |value: u64| self.millis.iter().filter(|millis| **millis <= value).count() >= rank;
        // By counting, since there are 256 at most: a sort of its own would weigh 1 kB in the page's module.
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
    fn percentiles_are_values_that_occurred() {
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
