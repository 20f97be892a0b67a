//! Limits the calls for samples over all engines, and the bytes received from each over a network: with
//! more containers, each is sampled less often.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

/// Maximum calls per second of all engines together, which suffice for a thousand containers every
/// 2 s. Each call costs its engine and this server together about a millisecond.
const MAX_CALLS_PER_SEC: usize = 500;

/// Maximum bytes per second received from one engine over a network: about 4 Mbit/s. The sample of a
/// container has 3 to 6 kB.
const MAX_BYTES_PER_SEC: u64 = 512 << 10;

/// Number of calls in a round of all engines together; clones share it.
#[derive(Debug, Clone, Default)]
pub struct CallBudget(Arc<AtomicUsize>);

/// Number of calls in a round of one engine.
#[derive(Debug)]
pub(super) struct CallShare {
    budget: CallBudget,
    calls: usize,
}

impl CallBudget {
    pub(super) fn share(&self) -> CallShare {
        CallShare { budget: self.clone(), calls: 0 }
    }
}

impl CallShare {
    /// Sets the number of calls of a round.
    pub(super) fn set(&mut self, calls: usize) {
        self.budget.0.fetch_add(calls, Ordering::Relaxed);
        self.budget.0.fetch_sub(self.calls, Ordering::Relaxed);
        self.calls = calls;
    }

    /// Interval that suffices for the calls of all engines.
    pub(super) fn interval(&self) -> Duration {
        let calls = u32::try_from(self.budget.0.load(Ordering::Relaxed)).unwrap_or(u32::MAX);
        Duration::from_secs(1) * calls / MAX_CALLS_PER_SEC as u32
    }
}

/// Interval that suffices for the bytes of a round.
pub(super) fn interval_of_bytes(received: u64) -> Duration {
    Duration::from_secs_f64(received as f64 / MAX_BYTES_PER_SEC as f64)
}

impl Drop for CallShare {
    fn drop(&mut self) {
        self.set(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_of_many_bytes_needs_a_longer_interval() {
        assert_eq!(interval_of_bytes(0), Duration::ZERO);
        assert_eq!(interval_of_bytes(2 << 20), Duration::from_secs(4));
    }

    #[test]
    fn engines_share_the_budget() {
        let budget = CallBudget::default();
        let (mut one, mut other) = (budget.share(), budget.share());
        one.set(1_000);
        assert_eq!(one.interval(), Duration::from_secs(2));
        other.set(1_000);
        assert_eq!(one.interval(), Duration::from_secs(4));
        other.set(250);
        assert_eq!(one.interval(), Duration::from_millis(2_500));
        drop(other);
        one.set(10);
        assert_eq!(one.interval(), Duration::from_millis(20));
    }
}
