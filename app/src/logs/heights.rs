//! Positions of the lines on the page. Only lines near the viewport are rendered, and lines differ
//! in height when they wrap or are expanded.
//!
//! Lengths are in 64ths of a CSS pixel, the precision of browser layout. Sums are kept per block,
//! so that a position is found in a few hundred steps among 100,000 lines, and removing the oldest
//! lines is cheap.

use std::{collections::VecDeque, ops::Range};

/// Number of lines per block, about as many as there are blocks.
const BLOCK_LINES: usize = 256;

/// Heights of all visible lines.
#[derive(Debug, Default, Clone)]
pub struct Heights {
    each: VecDeque<u32>,
    blocks: VecDeque<u64>,
    /// Number of lines removed from the first block.
    removed: usize,
    total: u64,
}

impl Heights {
    /// Number of lines.
    pub fn len(&self) -> usize {
        self.each.len()
    }

    /// True if there are no lines.
    pub fn is_empty(&self) -> bool {
        self.each.is_empty()
    }

    /// Total height in CSS pixels.
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// Adds a line at the end.
    pub fn push(&mut self, height: u32) {
        if (self.removed + self.each.len()).is_multiple_of(BLOCK_LINES) {
            self.blocks.push_back(0);
        }
        self.each.push_back(height);
        self.total += u64::from(height);
        if let Some(block) = self.blocks.back_mut() {
            *block += u64::from(height);
        }
    }

    /// Removes the first line and returns its height; 0 if there is none.
    pub fn pop(&mut self) -> u64 {
        let Some(height) = self.each.pop_front().map(u64::from) else { return 0 };
        self.total -= height;
        if let Some(block) = self.blocks.front_mut() {
            *block -= height;
        }
        self.removed += 1;
        if self.removed == BLOCK_LINES || self.each.is_empty() {
            self.blocks.pop_front();
            self.removed = 0;
        }
        height
    }

    /// Sets the height of a line and returns the change.
    pub fn set(&mut self, place: usize, height: u32) -> i64 {
        let block = (place + self.removed) / BLOCK_LINES;
        let (Some(each), Some(block)) = (self.each.get_mut(place), self.blocks.get_mut(block)) else { return 0 };
        let before = u64::from(std::mem::replace(each, height));
        *block = *block - before + u64::from(height);
        self.total = self.total - before + u64::from(height);
        i64::from(height) - before.cast_signed()
    }

    /// Position of the top of a line; after the last line, the total height.
    pub fn top(&self, place: usize) -> u64 {
        let block = (place + self.removed) / BLOCK_LINES;
        let before: u64 = self.blocks.iter().take(block).sum();
        let first = (block * BLOCK_LINES).saturating_sub(self.removed);
        before
            + self
                .each
                .range(first.min(self.each.len())..place.min(self.each.len()))
                .copied()
                .map(u64::from)
                .sum::<u64>()
    }

    /// Index of the line at a distance from the top; the last line if the distance is too large, 0
    /// if there are no lines.
    pub fn at(&self, distance: u64) -> usize {
        let mut rest = distance;
        let mut block = 0;
        while let Some(sum) = self.blocks.get(block).filter(|sum| rest >= **sum && block + 1 < self.blocks.len()) {
            rest -= sum;
            block += 1;
        }
        let mut place = (block * BLOCK_LINES).saturating_sub(self.removed);
        while let Some(height) = self.each.get(place).map(|height| u64::from(*height)).filter(|height| rest >= *height)
        {
            rest -= height;
            place += 1;
        }
        place.min(self.each.len().saturating_sub(1))
    }

    /// Indexes of the lines in a viewport that starts at `top` and is `height` high, extended by
    /// `margin` on both sides.
    pub fn window(&self, top: u64, height: u64, margin: u64) -> Range<usize> {
        if self.each.is_empty() {
            return 0..0;
        }
        self.at(top.saturating_sub(margin))..self.at(top + height + margin) + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn without_lines_every_result_is_empty() {
        let heights = Heights::default();
        assert_eq!((heights.window(0, 100, 50), heights.at(7), heights.top(3), heights.total()), (0..0, 0, 0, 0));
    }

    #[test]
    fn a_viewport_contains_every_line_it_touches() {
        let mut heights = Heights::default();
        for _ in 0..1_000 {
            heights.push(10);
        }
        // 100 to 199 is lines 10 to 19; the margin of 25 adds two and a half on both sides.
        assert_eq!(heights.window(100, 99, 25), 7..23);
        assert_eq!(heights.window(0, 5, 0), 0..1);
        assert_eq!(heights.window(99_999, 10, 0), 999..1_000);
    }

    proptest! {
        #[test]
        fn sums_by_block_equal_plain_sums(
            steps in prop::collection::vec((0_u8..8, 0_u32..50, any::<prop::sample::Index>()), 1..1_500),
        ) {
            let mut heights = Heights::default();
            let mut plain = VecDeque::new();
            for (what, height, place) in steps {
                match what {
                    0 => {
                        heights.pop();
                        plain.pop_front();
                    }
                    1 if !plain.is_empty() => {
                        let place = place.index(plain.len());
                        heights.set(place, height);
                        plain[place] = height;
                    }
                    _ => {
                        heights.push(height);
                        plain.push_back(height);
                    }
                }
            }
            let sum = |to: usize| plain.iter().take(to).copied().map(u64::from).sum::<u64>();
            prop_assert_eq!(heights.len(), plain.len());
            prop_assert_eq!(heights.total(), sum(plain.len()));
            for place in (0..plain.len()).step_by(97).chain([plain.len()]) {
                prop_assert_eq!(heights.top(place), sum(place));
                if place < plain.len() && plain[place] > 0 {
                    prop_assert_eq!(heights.at(sum(place)), place);
                }
            }
        }
    }
}
