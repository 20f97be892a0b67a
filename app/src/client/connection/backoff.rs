//! How long to wait before the next attempt.

use std::time::Duration;

/// Upper end of the first retry: soon enough not to be noticed, spread enough that a restarted server is not met by all at once.
const FIRST_MILLIS: u64 = 200;
/// Where doubling starts, with the second retry.
const BASE_MILLIS: u64 = 500;
/// Where doubling ends: a person who has just fixed something waits no longer than this.
const MAX_MILLIS: u64 = 15_000;

/// The wait after that many failures in a row (one or more); `random` is at least 0 and below 1.
///
/// At once to 200 ms, then half to whole of 500 ms, 1 s, 2 s … 15 s.
pub fn delay(failures: u32, random: f64) -> Duration {
    let (whole, share) = match failures.checked_sub(2) {
        None => (FIRST_MILLIS, random),
        Some(doublings) => (BASE_MILLIS.saturating_mul(1 << doublings.min(16)).min(MAX_MILLIS), 0.5 + random / 2.0),
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
