//! Difference between the clock of another server and this one's.

use app::model::Timestamp;
use std::time::Duration;

/// Difference between two clocks, and the round trip with which it was measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Clock {
    /// Milliseconds by which the other server's clock is ahead.
    pub(super) offset_millis: i64,
    /// Maximum error of the difference, in milliseconds.
    pub(super) error_millis: u64,
    /// Shortest round trip of a request, in milliseconds.
    pub(super) round_trip_millis: u64,
}

impl Clock {
    /// Computes the difference from a response with the other server's time, which arrived at `now`
    /// after `took`.
    pub(super) fn measured(theirs: Timestamp, now: Timestamp, took: Duration, round_trip: Duration) -> Self {
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let middle = now.as_millis().saturating_sub(millis(took / 2));
        let offset_millis = theirs.as_millis().cast_signed().saturating_sub(middle.cast_signed());
        // Rounded up; each time has whole milliseconds.
        let error_millis = millis(took / 2).saturating_add(1);
        Self { offset_millis, error_millis, round_trip_millis: millis(round_trip.min(took)) }
    }

    /// Converts a time of the other server to this server's clock. A difference within the error is
    /// ignored.
    pub(super) fn here(self, theirs: Timestamp) -> Timestamp {
        if self.offset_millis.unsigned_abs() <= self.error_millis {
            return theirs;
        }
        Timestamp::from_millis(theirs.as_millis().saturating_add_signed(self.offset_millis.saturating_neg()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_corrected_by_more_than_the_error() {
        let at = Timestamp::from_millis;
        let (took, round_trip) = (Duration::from_millis(40), Duration::from_millis(30));
        let clock = Clock::measured(at(10_000), at(5_020), took, round_trip);
        assert_eq!(clock, Clock { offset_millis: 5_000, error_millis: 21, round_trip_millis: 30 });
        assert_eq!(clock.here(at(12_000)), at(7_000));
        let same = Clock::measured(at(5_010), at(5_020), took, round_trip);
        assert_eq!((same.offset_millis, same.here(at(12_000))), (10, at(12_000)));
    }
}
