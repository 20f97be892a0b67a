//! Changes found by a comparison before their event: the event is delayed or was missed. Pure.
//!
//! Engines send the event after the change, so an inspect in flight can show a change before its
//! event. Missed events are counted in the metrics.

use app::model::ContainerId;
use std::{collections::HashMap, time::Duration};
use tokio::time::Instant;

/// Time to wait for an event. Events arrive within milliseconds unless the machine is busy.
const EVENT_TIMEOUT: Duration = Duration::from_secs(1);

/// Changes without an event so far: the time at which each was found, by container.
#[derive(Debug, Default)]
pub(super) struct Unannounced(HashMap<ContainerId, Instant>);

impl Unannounced {
    /// Records a change found by a comparison.
    pub(super) fn found(&mut self, id: ContainerId, now: Instant) {
        self.0.entry(id).or_insert(now);
    }

    /// Records an event, so that its container's change does not count as missed.
    pub(super) fn announced(&mut self, id: ContainerId) {
        self.0.remove(&id);
    }

    /// Number of events missed since the last call.
    pub(super) fn missed(&mut self, now: Instant) -> usize {
        let before = self.0.len();
        self.0.retain(|_, found_at| now.duration_since(*found_at) < EVENT_TIMEOUT);
        before - self.0.len()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]
    use super::*;

    #[test]
    fn a_change_without_an_event_in_time_counts_once_as_missed() {
        let [event_at, missed] = ["ab", "cd"].map(|pair| pair.repeat(32).parse().unwrap());
        let (mut unannounced, began) = (Unannounced::default(), Instant::now());
        for id in [event_at, missed, missed] {
            unannounced.found(id, began);
        }
        unannounced.announced(event_at);
        assert_eq!(unannounced.missed(began + EVENT_TIMEOUT / 2), 0);
        assert_eq!(unannounced.missed(began + EVENT_TIMEOUT), 1);
        unannounced.announced(missed);
        assert_eq!(unannounced.missed(began + EVENT_TIMEOUT * 2), 0);
    }
}
