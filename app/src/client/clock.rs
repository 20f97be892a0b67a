//! The server's clock, as this browser can know it.
//!
//! In: when a request left, when an answer came, and the server's time in it. Out: the skew between the two clocks. An answer cannot come
//! before it was written, and is not written before it was asked for: each gives a bound. Pure; owned by the `driver`.

use crate::model::Timestamp;
use std::time::Duration;

/// How long a bound counts: clocks drift and are set, and a bound of yesterday may no longer be true.
const BOUND_LIFE: Duration = Duration::from_secs(60);

/// What was written before another may come after it: an answer late, and to a tab that joins a shared stream what the others read a
/// while ago. It is no older than this.
const SET_BACK: Duration = Duration::from_secs(600);

/// What a frame takes from the server to the browser, in milliseconds, where nothing better is known.
const USUAL_WAY: i64 = 250;

/// Bounds of `browser clock − server clock`, in milliseconds.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Clock {
    /// From what came: the least of this life, and of the one before.
    above: Option<i64>,
    above_before: Option<i64>,
    above_since: Timestamp,
    /// From the last answer to a request.
    below: Option<i64>,
    /// What was written last.
    newest: Timestamp,
}

impl Clock {
    /// Something written at `server` came at `received`.
    pub(super) fn received(&mut self, server: Timestamp, received: Timestamp) {
        // What is written later says a later time, unless that clock was set back: what it bounded before bounds nothing now.
        if self.newest.since(server) >= SET_BACK {
            // This one came at once, as far as anybody knows: by itself it would only say that it came late.
            *self = Self { below: Some(difference(received, server).saturating_sub(USUAL_WAY)), ..Self::default() };
        }
        self.newest = server;
        if received.since(self.above_since) >= BOUND_LIFE {
            self.above_before = self.above.take();
            self.above_since = received;
        }
        let bound = difference(received, server);
        self.above = Some(self.above.map_or(bound, |above| above.min(bound)));
    }

    /// Something asked for at `asked` was written at `server`.
    pub(super) fn answered(&mut self, server: Timestamp, asked: Timestamp) {
        self.below = Some(difference(asked, server));
    }

    /// The server's clock when the browser's reads `local`.
    pub(super) fn server_time(&self, local: Timestamp) -> Timestamp {
        Timestamp::from_millis(local.as_millis().saturating_add_signed(self.skew().saturating_neg()))
    }

    /// No skew, if that explains what was seen: browser and server often are one machine, with one clock.
    fn skew(&self) -> i64 {
        let above = [self.above, self.above_before].into_iter().flatten().min();
        // An answer from a cache is older than its request; what came later shows it.
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
    fn one_clock_is_recognised_whatever_the_way_takes() {
        let mut clock = Clock::default();
        clock.answered(at(110), at(100));
        clock.received(at(110), at(150));
        assert_eq!(clock.server_time(at(200)), at(200));
    }

    #[test]
    fn a_browser_that_is_ahead_is_corrected_by_the_middle_of_what_is_possible() {
        let mut clock = Clock::default();
        // Asked at 5000, written at the server's 40, came at 5060: between 4960 and 5020 ahead.
        clock.answered(at(40), at(5_000));
        clock.received(at(40), at(5_060));
        assert_eq!(clock.server_time(at(6_000)), at(6_000 - 4_990));
    }

    #[test]
    fn a_browser_that_is_behind_is_corrected_by_the_quickest_frame() {
        let mut clock = Clock::default();
        clock.received(at(9_000), at(1_080));
        clock.received(at(9_100), at(1_130));
        assert_eq!(clock.server_time(at(1_200)), at(1_200 + 7_970));
    }

    #[test]
    fn an_answer_from_a_cache_does_not_count_as_late() {
        let mut clock = Clock::default();
        clock.answered(at(0), at(2_000));
        clock.received(at(0), at(2_010));
        clock.received(at(2_990), at(3_000));
        assert_eq!(clock.server_time(at(3_000)), at(3_000));
    }

    #[test]
    fn a_server_clock_that_was_set_back_by_an_hour_is_followed_at_once() {
        const HOUR: u64 = 3_600_000;
        let mut clock = Clock::default();
        clock.answered(at(HOUR), at(HOUR));
        clock.received(at(HOUR), at(HOUR + 10));
        clock.received(at(2_000), at(HOUR + 2_010));
        // The browser's clock went on: the server's is an hour behind it now.
        assert_eq!(clock.server_time(at(HOUR + 2_500)).as_millis() / 1_000, at(2_500).as_millis() / 1_000);
    }

    #[test]
    fn a_server_clock_that_was_set_back_is_followed_within_two_lives() {
        let mut clock = Clock::default();
        clock.received(at(9_000), at(1_000));
        clock.received(at(61_000), at(61_010));
        clock.received(at(121_100), at(121_110));
        assert_eq!(clock.server_time(at(121_200)), at(121_200));
    }
}
