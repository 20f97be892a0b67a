//! Selects the visible lines, keeps their heights, and the lines that the search matched.
//!
//! In: the lines of a [`Store`], each tested once and in batches, so that a hundred thousand lines
//! do not block a frame. Out: the numbers of visible lines with their heights, and of matching
//! ones. A changed filter needs a new `LineFilter`.

use super::{Heights, Line, Store};
use std::collections::VecDeque;

/// Result of testing a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tested {
    /// Height of the line; `None` if it is hidden.
    pub height: Option<u32>,
    /// True if the search matches the line.
    pub is_found: bool,
    /// True if a container printed the line.
    pub is_printed: bool,
}

/// The visible lines of a store.
#[derive(Debug, Default)]
pub struct LineFilter {
    shown: VecDeque<u64>,
    heights: Heights,
    found: VecDeque<u64>,
    /// Visible lines that are dividers.
    dividers: VecDeque<u64>,
    /// Number of the next line to test.
    next: u64,
}

impl LineFilter {
    /// Tests up to `max` further lines; returns false if none are left.
    pub fn advance(&mut self, store: &Store, max: usize, test: &mut dyn FnMut(&Line) -> Tested) -> bool {
        self.next = self.next.max(store.first_number());
        for _ in 0..max {
            let Some(line) = store.get(self.next) else { return false };
            let Tested { height, is_found, is_printed } = test(line);
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

    /// Drops lines before `first` and returns their total height.
    pub fn drop_before(&mut self, first: u64) -> u64 {
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

    /// Number of visible lines.
    pub fn len(&self) -> usize {
        self.shown.len()
    }

    /// Number of visible lines that containers printed.
    pub fn printed(&self) -> usize {
        self.shown.len() - self.dividers.len()
    }

    /// True if no line is visible.
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// Heights of the visible lines.
    pub const fn heights(&self) -> &Heights {
        &self.heights
    }

    /// Number of the visible line at an index.
    pub fn number_at(&self, place: usize) -> Option<u64> {
        self.shown.get(place).copied()
    }

    /// Index of a line, or of the first visible line after it.
    pub fn place_of(&self, number: u64) -> usize {
        self.shown.partition_point(|shown| *shown < number)
    }

    /// Sets the height of a visible line and returns the change.
    pub fn set_height(&mut self, number: u64, height: u32) -> i64 {
        let place = self.place_of(number);
        if self.number_at(place) == Some(number) { self.heights.set(place, height) } else { 0 }
    }

    /// Number of matching lines.
    pub fn found(&self) -> usize {
        self.found.len()
    }

    /// Position of a matching line among all matches, from 1.
    pub fn rank(&self, number: u64) -> Option<usize> {
        self.found.binary_search(&number).ok().map(|place| place + 1)
    }

    /// The next or previous match; wraps around at the end.
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

    /// Test that shows even numbers, and matches multiples of three.
    fn test(line: &Line) -> Tested {
        let is_printed = line.number.is_multiple_of(4);
        Tested {
            height: line.number.is_multiple_of(2).then_some(10),
            is_found: line.number.is_multiple_of(3),
            is_printed,
        }
    }

    #[test]
    fn lines_are_tested_once_and_in_batches() {
        let mut store = store(20);
        let mut filter = LineFilter::default();
        assert!(filter.advance(&store, 15, &mut test));
        assert!(!filter.advance(&store, 15, &mut test));
        assert_eq!((filter.len(), filter.found(), filter.heights().total()), (10, 4, 100));
        // 0, 4, 8, 12 and 16.
        assert_eq!(filter.printed(), 5);
        store.push(Line { number: 20, source: 0, at: None, text: Box::default(), kind: Kind::Divider });
        filter.advance(&store, 15, &mut test);
        assert_eq!((filter.len(), filter.number_at(10)), (11, Some(20)));
    }

    #[test]
    fn the_search_wraps_around_in_both_directions() {
        let mut filter = LineFilter::default();
        filter.advance(&store(20), 20, &mut test);
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
            assert_eq!(filter.next_found(from, forward), Some(to), "{from} {forward}");
        }
        assert_eq!((filter.rank(12), filter.rank(13)), (Some(3), None));
        assert_eq!(LineFilter::default().next_found(3, true), None);
        assert_eq!(LineFilter::default().next_found(3, false), None);
    }

    #[test]
    fn lines_that_left_the_store_are_dropped() {
        let mut filter = LineFilter::default();
        filter.advance(&store(20), 20, &mut test);
        // 0, 2, 4 and 6 are dropped: 40 high, among them two matches.
        assert_eq!(filter.drop_before(7), 40);
        assert_eq!(filter.printed(), 3);
        assert_eq!((filter.number_at(0), filter.found(), filter.place_of(9)), (Some(8), 2, 1));
        assert_eq!(filter.set_height(10, 25), 15);
        assert_eq!(filter.set_height(11, 25), 0);
    }
}
