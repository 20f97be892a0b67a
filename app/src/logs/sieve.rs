//! Which lines are shown, where they stand, and which of them the search found.
//!
//! In: the lines of a [`Store`], each looked at once, in pieces, so that a hundred thousand of them do not hold up a frame. Out: the numbers
//! of the shown lines with their heights, and of the found ones. Another filter is another sieve.

use super::{Heights, Line, Store};
use std::collections::VecDeque;

/// What a sieve is told of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// How high it is drawn; `None`: not at all.
    pub height: Option<u32>,
    /// Whether the search finds it.
    pub is_found: bool,
    /// Whether a container printed it.
    pub is_printed: bool,
}

/// The shown lines of a store.
#[derive(Debug, Default)]
pub struct Sieve {
    shown: VecDeque<u64>,
    heights: Heights,
    found: VecDeque<u64>,
    /// Shown, but not printed.
    dividers: VecDeque<u64>,
    /// The next line to be looked at.
    next: u64,
}

impl Sieve {
    /// Looks at up to `most` lines that were not looked at; false when none is left.
    pub fn look(&mut self, store: &Store, most: usize, judge: &mut dyn FnMut(&Line) -> Verdict) -> bool {
        self.next = self.next.max(store.first_number());
        for _ in 0..most {
            let Some(line) = store.get(self.next) else { return false };
            let Verdict { height, is_found, is_printed } = judge(line);
            if let Some(height) = height {
                self.shown.push_back(self.next);
                self.heights.push(height);
                if !is_printed {
                    self.dividers.push_back(self.next);
                }
                if is_found {
                    self.found.push_back(self.next);
                }
            }
            self.next += 1;
        }
        store.get(self.next).is_some()
    }

    /// Lets go of lines before `first`, and tells how high they were together.
    pub fn forget(&mut self, first: u64) -> u64 {
        let mut height = 0;
        while self.shown.front().is_some_and(|number| *number < first) {
            self.shown.pop_front();
            height += self.heights.pop();
        }
        while self.found.front().is_some_and(|number| *number < first) {
            self.found.pop_front();
        }
        while self.dividers.front().is_some_and(|number| *number < first) {
            self.dividers.pop_front();
        }
        height
    }

    /// How many are shown.
    pub fn len(&self) -> usize {
        self.shown.len()
    }

    /// How many of them containers printed.
    pub fn printed(&self) -> usize {
        self.shown.len() - self.dividers.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// Where the shown lines stand.
    pub const fn heights(&self) -> &Heights {
        &self.heights
    }

    /// The number of the line shown at a place.
    pub fn number_at(&self, place: usize) -> Option<u64> {
        self.shown.get(place).copied()
    }

    /// The place of a line, or of the first shown one behind it.
    pub fn place_of(&self, number: u64) -> usize {
        self.shown.partition_point(|shown| *shown < number)
    }

    /// Changes the height of a shown line, and tells by how much.
    pub fn measured(&mut self, number: u64, height: u32) -> i64 {
        let place = self.place_of(number);
        if self.number_at(place) == Some(number) { self.heights.set(place, height) } else { 0 }
    }

    /// How many lines the search found.
    pub fn found(&self) -> usize {
        self.found.len()
    }

    /// The number, from 1, of a found line among them.
    pub fn rank(&self, number: u64) -> Option<usize> {
        self.found.binary_search(&number).ok().map(|place| place + 1)
    }

    /// The found line behind a line, or before it; round the end.
    pub fn next_found(&self, from: u64, forward: bool) -> Option<u64> {
        let place = if forward {
            self.found.partition_point(|found| *found <= from)
        } else {
            self.found.partition_point(|found| *found < from).checked_sub(1).unwrap_or(self.found.len().wrapping_sub(1))
        };
        self.found.get(place).or_else(|| self.found.front()).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::Kind;

    fn store(count: u64) -> Store {
        let mut store = Store::default();
        for number in 0..count {
            store.push(Line { number, source: 0, at: None, text: Box::default(), kind: Kind::Divider });
        }
        store
    }

    /// Shows even numbers, finds those that three divides.
    fn judge(line: &Line) -> Verdict {
        let is_printed = line.number.is_multiple_of(4);
        Verdict {
            height: line.number.is_multiple_of(2).then_some(10),
            is_found: line.number.is_multiple_of(3),
            is_printed,
        }
    }

    #[test]
    fn lines_are_looked_at_once_in_pieces() {
        let mut store = store(20);
        let mut sieve = Sieve::default();
        assert!(sieve.look(&store, 15, &mut judge));
        assert!(!sieve.look(&store, 15, &mut judge));
        assert_eq!((sieve.len(), sieve.found(), sieve.heights().total()), (10, 4, 100));
        // 0, 4, 8, 12 and 16.
        assert_eq!(sieve.printed(), 5);
        store.push(Line { number: 20, source: 0, at: None, text: Box::default(), kind: Kind::Divider });
        sieve.look(&store, 15, &mut judge);
        assert_eq!((sieve.len(), sieve.number_at(10)), (11, Some(20)));
    }

    #[test]
    fn the_search_goes_round_both_ways() {
        let mut sieve = Sieve::default();
        sieve.look(&store(20), 20, &mut judge);
        // Found: 0, 6, 12, 18.
        for (from, forward, to) in [
            (0, true, 6),
            (7, true, 12),
            (18, true, 0),
            (18, false, 12),
            (7, false, 6),
            (0, false, 18),
            (99, false, 18),
        ] {
            assert_eq!(sieve.next_found(from, forward), Some(to), "{from} {forward}");
        }
        assert_eq!((sieve.rank(12), sieve.rank(13)), (Some(3), None));
        assert_eq!(Sieve::default().next_found(3, true), None);
        assert_eq!(Sieve::default().next_found(3, false), None);
    }

    #[test]
    fn what_left_the_store_is_forgotten() {
        let mut sieve = Sieve::default();
        sieve.look(&store(20), 20, &mut judge);
        // 0, 2, 4 and 6 go: 40 high, and with them two that were found.
        assert_eq!(sieve.forget(7), 40);
        assert_eq!(sieve.printed(), 3);
        assert_eq!((sieve.number_at(0), sieve.found(), sieve.place_of(9)), (Some(8), 2, 1));
        assert_eq!(sieve.measured(10, 25), 15);
        assert_eq!(sieve.measured(11, 25), 0);
    }
}
