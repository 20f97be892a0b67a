//! An estimate of the server's clock.
//!
//! In: the times at which requests were sent and responses received, and the server's time in them.
//! Out: the skew between the two clocks. A response is written after its request was sent and
//! before it is received: each gives a bound. Pure; owned by the `driver`.

use crate::model::Timestamp;
use std::time::Duration;

/// Lifetime of a bound: clocks drift and are set, so an old bound may be wrong.
const BOUND_LIFETIME: Duration = Duration::from_secs(60);

/// Minimum amount by which the server's time must go back to show that its clock was set back. Less
/// may mean that frames arrive out of order: a response late, or older frames for a tab that joins
/// a shared stream.
const MIN_SET_BACK: Duration = Duration::from_secs(600);

/// Default latency from server to browser, in milliseconds.
const DEFAULT_LATENCY_MILLIS: i64 = 250;

/// Bounds of `browser clock − server clock`, in milliseconds.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Clock {
    /// Upper bounds from received data: the smallest one of the current lifetime, and of the
    /// previous lifetime.
    above: Option<i64>,
    above_before: Option<i64>,
    above_since: Timestamp,
    /// Lower bound from the last response to a request.
    below: Option<i64>,
    /// The latest server time received.
    newest: Timestamp,
}

impl Clock {
    /// Takes an upper bound: data written at `server` was received at `received`.
    pub(super) fn received(&mut self, server: Timestamp, received: Timestamp) {
        // The server's time goes up unless its clock was set back; then earlier bounds no longer
        // hold.
        if self.newest.since(server) >= MIN_SET_BACK {
            // A single frame gives an upper bound only, so assume the default latency.
            *self = Self {
                below: Some(difference(received, server).saturating_sub(DEFAULT_LATENCY_MILLIS)),
                ..Self::default()
            };
        }
        self.newest = server;
        if received.since(self.above_since) >= BOUND_LIFETIME {
            self.above_before = self.above.take();
            self.above_since = received;
        }
        let bound = difference(received, server);
        self.above = Some(self.above.map_or(bound, |above| above.min(bound)));
    }

    /// Takes both bounds: a response to a request sent at `requested` was written at `server`.
    pub(super) fn responded(&mut self, server: Timestamp, requested: Timestamp) {
        self.below = Some(difference(requested, server));
    }

    /// The server's time when the browser's clock is at `local`.
    pub(super) fn server_time(&self, local: Timestamp) -> Timestamp {
        Timestamp::from_millis(local.as_millis().saturating_add_signed(self.skew().saturating_neg()))
    }

    /// Difference between the clocks in milliseconds. Zero if the bounds allow it: server and
    /// browser are often one machine with one clock.
    fn skew(&self) -> i64 {
        let above = [self.above, self.above_before].into_iter().flatten().min();
        // A cached response is older than its request; later frames contradict it.
        let below = self.below.filter(|below| above.is_some_and(|above| *below <= above));
        match (below, above) {
            (Some(below), Some(above)) if below > 0 || above < 0 => below.midpoint(above),
            (None, Some(above)) if above < 0 => above,
            _ => 0,
        }
    }
}

fn difference(local: Timestamp, server: Timestamp) -> i64 {
    let millis = |time: Timestamp| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    millis(local).saturating_sub(millis(server))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(1_000_000 + millis)
    }

    #[test]
    fn no_skew_is_assumed_at_any_latency() {
        let mut clock = Clock::default();
        clock.responded(at(110), at(100));
        clock.received(at(110), at(150));
        assert_eq!(clock.server_time(at(200)), at(200));
    }

    #[test]
    fn a_browser_ahead_is_corrected_by_the_middle_of_the_bounds() {
        let mut clock = Clock::default();
        // Sent at 5000, written at the server's 40, received at 5060: between 4960 and 5020 ahead.
        clock.responded(at(40), at(5_000));
        clock.received(at(40), at(5_060));
        assert_eq!(clock.server_time(at(6_000)), at(6_000 - 4_990));
    }

    #[test]
    fn a_browser_behind_is_corrected_by_the_fastest_frame() {
        let mut clock = Clock::default();
        clock.received(at(9_000), at(1_080));
        clock.received(at(9_100), at(1_130));
        assert_eq!(clock.server_time(at(1_200)), at(1_200 + 7_970));
    }

    #[test]
    fn a_cached_response_does_not_count_as_skew() {
        let mut clock = Clock::default();
        clock.responded(at(0), at(2_000));
        clock.received(at(0), at(2_010));
        clock.received(at(2_990), at(3_000));
        assert_eq!(clock.server_time(at(3_000)), at(3_000));
    }

    #[test]
    fn a_server_clock_that_was_set_back_by_an_hour_is_followed_at_once() {
        const HOUR: u64 = 3_600_000;
        let mut clock = Clock::default();
        clock.responded(at(HOUR), at(HOUR));
        clock.received(at(HOUR), at(HOUR + 10));
        clock.received(at(2_000), at(HOUR + 2_010));
        // The browser's clock continued: the server's is an hour behind it now.
        assert_eq!(clock.server_time(at(HOUR + 2_500)).as_millis() / 1_000, at(2_500).as_millis() / 1_000);
    }

    #[test]
    fn a_server_clock_that_was_set_back_is_followed_within_two_lifetimes() {
        let mut clock = Clock::default();
        clock.received(at(9_000), at(1_000));
        clock.received(at(61_000), at(61_010));
        clock.received(at(121_100), at(121_110));
        assert_eq!(clock.server_time(at(121_200)), at(121_200));
    }
}
