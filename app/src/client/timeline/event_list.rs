//! The known events, in order and without duplicates. Pure.

use crate::model::{Occurrence, Timestamp};
use std::{collections::BTreeMap, sync::Arc};

/// Maximum number of events, as on the server; limits the memory of a page that is open for days.
const MAX_EVENTS: usize = 20_000;

/// Events by time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EventList {
    events: BTreeMap<(Timestamp, String), Arc<Occurrence>>,
    /// Time since which the server has recorded events.
    pub recorded_since: Option<Timestamp>,
    /// True if there are no earlier events.
    pub is_complete: bool,
}

impl EventList {
    /// Adds events, and replaces known ones: an end is sent again, with the same id, when its cause
    /// becomes known.
    pub fn add(&mut self, events: Vec<Occurrence>) {
        for event in events {
            self.events.insert((event.at, event.id.clone()), Arc::new(event));
        }
        while self.events.len() > MAX_EVENTS {
            self.events.pop_first();
            self.is_complete = false;
        }
    }

    /// The events, oldest first.
    pub fn events(&self) -> impl DoubleEndedIterator<Item = &Arc<Occurrence>> {
        self.events.values()
    }

    /// Time of the oldest event.
    pub fn oldest(&self) -> Option<Timestamp> {
        self.events.keys().next().map(|(at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that finds nothing has failed")]
    use super::*;
    use crate::{
        model::{
            Cause,
            OccurrenceKind::{Died, Started},
        },
        samples::occurrence,
    };

    #[test]
    fn events_are_kept_once_and_in_order() {
        let mut list = EventList::default();
        list.add(vec![occurrence(1, Started, 10), occurrence(1, Died, 20)]);
        // After a gap, some events are returned again.
        list.add(vec![occurrence(2, Started, 15), occurrence(1, Died, 20)]);
        let ids: Vec<_> = list.events().map(|event| event.id.as_str()).collect();
        assert_eq!(ids, ["10-1-started", "15-2-started", "20-1-died"]);
        assert_eq!(list.oldest(), Some(occurrence(1, Started, 10).at));
        list.add(vec![Occurrence { cause: Some(Cause::Request), ..occurrence(1, Died, 20) }]);
        assert_eq!(list.events().count(), 3);
        assert_eq!(list.events().next_back().unwrap().cause, Some(Cause::Request), "the cause became known");
    }

    #[test]
    fn the_oldest_events_are_dropped_beyond_the_maximum() {
        let mut list = EventList { is_complete: true, ..EventList::default() };
        list.add((0..MAX_EVENTS as u64 + 5).map(|second| occurrence(1, Started, second)).collect());
        assert_eq!(list.events().count(), MAX_EVENTS);
        assert_eq!(list.oldest(), Some(occurrence(1, Started, 5).at));
        assert!(!list.is_complete);
    }
}
