//! The lines of a page, within bounds: the oldest make room.

use super::Line;
use crate::model::Timestamp;
use std::{collections::VecDeque, mem::size_of, sync::Arc};

/// More lines than anybody scrolls through; the download has all.
pub const MOST_LINES: usize = 100_000;

/// What they may take in memory, all together: a browser's tab is not to fall for one log.
const MOST_BYTES: usize = 96 << 20;

/// What a line takes beside its text, allocations included.
const OVERHEAD: usize = size_of::<Line>() + 32;

/// Lines in the order in which they came, numbered without a gap.
#[derive(Debug, Default)]
pub struct Store {
    lines: VecDeque<Arc<Line>>,
    /// The number of the next one.
    next: u64,
    bytes: usize,
    /// Lines among them that containers printed.
    printed: usize,
}

impl Store {
    /// The number of the line that comes next.
    pub const fn next_number(&self) -> u64 {
        self.next
    }

    /// The number of the oldest line, and how many made room for it.
    pub fn first_number(&self) -> u64 {
        self.next - self.lines.len() as u64
    }

    /// How many are kept.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// How many of them containers printed; the others are dividers.
    pub const fn printed(&self) -> usize {
        self.printed
    }

    /// Time of the oldest printed line.
    pub fn oldest_at(&self) -> Option<Timestamp> {
        self.lines.iter().find(|line| line.is_printed()).and_then(|line| line.at)
    }

    /// Adds a line that was made with [`Self::next_number`].
    pub fn push(&mut self, line: Line) {
        debug_assert_eq!(line.number, self.next, "numbers have no gap");
        self.bytes += line.text.len() + OVERHEAD;
        self.next += 1;
        self.printed += usize::from(line.is_printed());
        self.lines.push_back(Arc::new(line));
        while self.lines.len() > MOST_LINES || (self.bytes > MOST_BYTES && self.lines.len() > 1) {
            if let Some(oldest) = self.lines.pop_front() {
                self.bytes -= oldest.text.len() + OVERHEAD;
                self.printed -= usize::from(oldest.is_printed());
            }
        }
    }

    /// The line of that number, if it is kept.
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
    fn the_oldest_lines_make_room_by_number() {
        let mut store = Store::default();
        for _ in 0..MOST_LINES + 3 {
            push(&mut store, 1);
        }
        assert_eq!((store.len(), store.first_number()), (MOST_LINES, 3));
        assert!(store.get(2).is_none() && store.get(MOST_LINES as u64 + 3).is_none());
        assert_eq!(store.get(3).map(|line| line.number), Some(3));
    }

    #[test]
    fn and_by_bytes() {
        let mut store = Store::default();
        for _ in 0..4 {
            push(&mut store, MOST_BYTES / 3);
        }
        assert_eq!((store.len(), store.first_number()), (2, 2));
        push(&mut store, MOST_BYTES * 2);
        assert_eq!(store.len(), 1);
    }
}
