//! Delay before the next attempt.

use std::time::Duration;

/// Maximum delay of the first retry: too short to be noticed, and long enough to spread the clients
/// of a restarted server.
const MAX_FIRST_DELAY_MILLIS: u64 = 200;
/// Maximum delay of the second retry, doubled with each further one.
const BASE_DELAY_MILLIS: u64 = 500;
/// Upper limit of the delay: a user who has just fixed a problem waits no longer than this.
const MAX_DELAY_MILLIS: u64 = 15_000;

/// Delay after this many consecutive failures (at least one); `random` is at least 0 and below 1.
///
/// Up to 200 ms, then between half and all of 500 ms, 1 s, 2 s … 15 s.
pub fn delay(failures: u32, random: f64) -> Duration {
    let (whole, share) = match failures.checked_sub(2) {
        None => (MAX_FIRST_DELAY_MILLIS, random),
        Some(doublings) => {
            (BASE_DELAY_MILLIS.saturating_mul(1 << doublings.min(16)).min(MAX_DELAY_MILLIS), 0.5 + random / 2.0)
        }
    };
    Duration::from_millis((whole as f64 * share) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(failures: u32) -> (u128, u128) {
        (delay(failures, 0.0).as_millis(), delay(failures, 0.999_999).as_millis() + 1)
    }

    #[test]
    fn the_first_retry_is_quick_and_later_ones_double_up_to_a_limit() {
        assert_eq!(bounds(1), (0, 200));
        assert_eq!(bounds(2), (250, 500));
        assert_eq!(bounds(3), (500, 1_000));
        assert_eq!(bounds(6), (4_000, 8_000));
        assert_eq!(bounds(7), (7_500, 15_000));
        assert_eq!(bounds(u32::MAX), (7_500, 15_000));
    }
}
