//! What a comparison found before an event told of it: either the event is on its way, or it was missed. Pure.
//!
//! An engine changes a container first and tells of it then, so an inspect that is under way at that moment knows more than the
//! events so far.

use app::model::ContainerId;
use std::{collections::HashMap, time::Duration};
use tokio::time::Instant;

/// Events come within milliseconds; a busy machine is given time.
const ON_ITS_WAY: Duration = Duration::from_secs(1);

/// What was found and when, by container: at most one each.
#[derive(Debug, Default)]
pub(super) struct Unannounced(HashMap<ContainerId, Instant>);

impl Unannounced {
    /// A comparison found a container other than it was held to be.
    pub(super) fn found(&mut self, id: ContainerId, now: Instant) {
        self.0.entry(id).or_insert(now);
    }

    /// An event tells of it.
    pub(super) fn announced(&mut self, id: ContainerId) {
        self.0.remove(&id);
    }

    /// How many events have been missed since the last call.
    pub(super) fn missed(&mut self, now: Instant) -> usize {
        let before = self.0.len();
        self.0.retain(|_, found_at| now.duration_since(*found_at) < ON_ITS_WAY);
        before - self.0.len()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]
    use super::*;

    #[test]
    fn what_no_event_tells_of_in_time_was_missed_and_counts_once() {
        let [told, missed] = ["ab", "cd"].map(|pair| pair.repeat(32).parse().unwrap());
        let (mut unannounced, began) = (Unannounced::default(), Instant::now());
        for id in [told, missed, missed] {
            unannounced.found(id, began);
        }
        unannounced.announced(told);
        assert_eq!(unannounced.missed(began + ON_ITS_WAY / 2), 0);
        assert_eq!(unannounced.missed(began + ON_ITS_WAY), 1);
        unannounced.announced(missed);
        assert_eq!(unannounced.missed(began + ON_ITS_WAY * 2), 0);
    }
}
