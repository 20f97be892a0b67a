//! The lines of a page, within bounds: the oldest are dropped.

use super::Line;
use crate::model::Timestamp;
use std::{collections::VecDeque, mem::size_of, sync::Arc};

/// Maximum number of lines: more than a user scrolls through. The download has all lines.
pub const MAX_LINES: usize = 100_000;

/// Maximum memory of all lines together, in bytes, so that one log cannot crash the browser's tab.
const MAX_BYTES: usize = 96 << 20;

/// Memory of a line besides its text, in bytes, including allocations.
const LINE_OVERHEAD: usize = size_of::<Line>() + 32;

/// Lines in order of arrival, numbered consecutively.
#[derive(Debug, Default)]
pub struct Store {
    lines: VecDeque<Arc<Line>>,
    /// Number of the next line.
    next: u64,
    bytes: usize,
    /// Number of lines that containers printed.
    printed: usize,
}

impl Store {
    /// Number of the next line.
    pub const fn next_number(&self) -> u64 {
        self.next
    }

    /// Number of the oldest line; also the number of dropped lines.
    pub fn first_number(&self) -> u64 {
        self.next - self.lines.len() as u64
    }

    /// Number of lines.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// True if there are no lines.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Number of lines that containers printed; the others are dividers.
    pub const fn printed(&self) -> usize {
        self.printed
    }

    /// Time of the oldest printed line.
    pub fn oldest_at(&self) -> Option<Timestamp> {
        self.lines.iter().find(|line| line.is_printed()).and_then(|line| line.at)
    }

    /// Adds a line that was created with [`Self::next_number`].
    pub fn push(&mut self, line: Line) {
        debug_assert_eq!(line.number, self.next, "numbers are consecutive");
        self.bytes += line.text.len() + LINE_OVERHEAD;
        self.next += 1;
        self.printed += usize::from(line.is_printed());
        self.lines.push_back(Arc::new(line));
        while self.lines.len() > MAX_LINES || (self.bytes > MAX_BYTES && self.lines.len() > 1) {
            if let Some(oldest) = self.lines.pop_front() {
                self.bytes -= oldest.text.len() + LINE_OVERHEAD;
                self.printed -= usize::from(oldest.is_printed());
            }
        }
    }

    /// The line with this number, unless it was dropped.
    pub fn get(&self, number: u64) -> Option<&Arc<Line>> {
        let place = number.checked_sub(self.first_number())?;
        self.lines.get(usize::try_from(place).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::Kind;

    fn push(store: &mut Store, bytes: usize) {
        let text = "x".repeat(bytes).into_boxed_str();
        store.push(Line { number: store.next_number(), source: 0, at: None, text, kind: Kind::Divider });
    }

    #[test]
    fn the_oldest_lines_are_dropped_beyond_the_maximum_number() {
        let mut store = Store::default();
        for _ in 0..MAX_LINES + 3 {
            push(&mut store, 1);
        }
        assert_eq!((store.len(), store.first_number()), (MAX_LINES, 3));
        assert!(store.get(2).is_none() && store.get(MAX_LINES as u64 + 3).is_none());
        assert_eq!(store.get(3).map(|line| line.number), Some(3));
    }

    #[test]
    fn the_oldest_lines_are_dropped_beyond_the_maximum_memory() {
        let mut store = Store::default();
        for _ in 0..4 {
            push(&mut store, MAX_BYTES / 3);
        }
        assert_eq!((store.len(), store.first_number()), (2, 2));
        push(&mut store, MAX_BYTES * 2);
        assert_eq!(store.len(), 1);
    }
}
