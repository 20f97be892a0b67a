//! What is known of what happened, in order, each thing once. Pure.

use crate::model::{Occurrence, Timestamp};
use std::{collections::BTreeMap, sync::Arc};

/// What the server keeps at most; a page that is open for days holds no more.
const MOST: usize = 20_000;

/// Events by time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Book {
    events: BTreeMap<(Timestamp, String), Arc<Occurrence>>,
    /// Since when the server has listened.
    pub recorded_since: Option<Timestamp>,
    /// Whether there are none before the first.
    pub begins: bool,
}

impl Book {
    /// Takes in what is not known yet, or known better now: an end is sent again, under its id, when its cause becomes clear.
    pub fn add(&mut self, events: Vec<Occurrence>) {
        for event in events {
            self.events.insert((event.at, event.id.clone()), Arc::new(event));
        }
        while self.events.len() > MOST {
            self.events.pop_first();
            self.begins = false;
        }
    }

    /// Oldest first.
    pub fn events(&self) -> impl DoubleEndedIterator<Item = &Arc<Occurrence>> {
        self.events.values()
    }

    /// When the first of them was.
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
    fn each_thing_is_told_once_and_in_order_whenever_it_comes() {
        let mut book = Book::default();
        book.add(vec![occurrence(1, Started, 10), occurrence(1, Died, 20)]);
        // Recalled after a gap, beside one that is known.
        book.add(vec![occurrence(2, Started, 15), occurrence(1, Died, 20)]);
        let told: Vec<_> = book.events().map(|event| event.id.as_str()).collect();
        assert_eq!(told, ["10-1-started", "15-2-started", "20-1-died"]);
        assert_eq!(book.oldest(), Some(occurrence(1, Started, 10).at));
        book.add(vec![Occurrence { cause: Some(Cause::Request), ..occurrence(1, Died, 20) }]);
        assert_eq!(book.events().count(), 3);
        assert_eq!(book.events().next_back().unwrap().cause, Some(Cause::Request), "known better now");
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many() {
        let mut book = Book { begins: true, ..Book::default() };
        book.add((0..MOST as u64 + 5).map(|second| occurrence(1, Started, second)).collect());
        assert_eq!(book.events().count(), MOST);
        assert_eq!(book.oldest(), Some(occurrence(1, Started, 5).at));
        assert!(!book.begins);
    }
}
