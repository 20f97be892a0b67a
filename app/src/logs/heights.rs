//! Where each shown line stands, though few are drawn: lines have heights of their own when they wrap or are open.
//!
//! Lengths are in 64ths of a CSS pixel, which is as finely as browsers lay out. Sums are kept by blocks, so that a place is found in some
//! hundred steps among 100,000, and the oldest lines leave without the others being counted anew.

use std::{collections::VecDeque, ops::Range};

/// Lines in a block: as many steps within one as there are blocks, about.
const BLOCK: usize = 256;

/// The heights of all shown lines.
#[derive(Debug, Default, Clone)]
pub struct Heights {
    each: VecDeque<u32>,
    blocks: VecDeque<u64>,
    /// How many lines of the first block have left.
    left: usize,
    total: u64,
}

impl Heights {
    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.each.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.each.is_empty()
    }

    /// Of all together.
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// Adds a line at the end.
    pub fn push(&mut self, height: u32) {
        if (self.left + self.each.len()).is_multiple_of(BLOCK) {
            self.blocks.push_back(0);
        }
        self.each.push_back(height);
        self.total += u64::from(height);
        if let Some(block) = self.blocks.back_mut() {
            *block += u64::from(height);
        }
    }

    /// Drops the first line and tells its height; 0 where there is none.
    pub fn pop(&mut self) -> u64 {
        let Some(height) = self.each.pop_front().map(u64::from) else { return 0 };
        self.total -= height;
        if let Some(block) = self.blocks.front_mut() {
            *block -= height;
        }
        self.left += 1;
        if self.left == BLOCK || self.each.is_empty() {
            self.blocks.pop_front();
            self.left = 0;
        }
        height
    }

    /// Changes a line's height, and tells by how much.
    pub fn set(&mut self, place: usize, height: u32) -> i64 {
        let block = (place + self.left) / BLOCK;
        let (Some(each), Some(block)) = (self.each.get_mut(place), self.blocks.get_mut(block)) else { return 0 };
        let before = u64::from(std::mem::replace(each, height));
        *block = *block - before + u64::from(height);
        self.total = self.total - before + u64::from(height);
        i64::from(height) - before.cast_signed()
    }

    /// Where a line begins; behind the last, where all end.
    pub fn top(&self, place: usize) -> u64 {
        let block = (place + self.left) / BLOCK;
        let before: u64 = self.blocks.iter().take(block).sum();
        let first = (block * BLOCK).saturating_sub(self.left);
        before
            + self
                .each
                .range(first.min(self.each.len())..place.min(self.each.len()))
                .copied()
                .map(u64::from)
                .sum::<u64>()
    }

    /// The line at that distance from the top; the last one beyond the end, 0 where there is none.
    pub fn at(&self, distance: u64) -> usize {
        let mut rest = distance;
        let mut block = 0;
        while let Some(sum) = self.blocks.get(block).filter(|sum| rest >= **sum && block + 1 < self.blocks.len()) {
            rest -= sum;
            block += 1;
        }
        let mut place = (block * BLOCK).saturating_sub(self.left);
        while let Some(height) = self.each.get(place).map(|height| u64::from(*height)).filter(|height| rest >= *height)
        {
            rest -= height;
            place += 1;
        }
        place.min(self.each.len().saturating_sub(1))
    }

    /// The lines of a window that begins at `top`, is `height` high, and reaches `margin` further both ways.
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
    fn of_nothing_nothing_is_near() {
        let heights = Heights::default();
        assert_eq!((heights.window(0, 100, 50), heights.at(7), heights.top(3), heights.total()), (0..0, 0, 0, 0));
    }

    #[test]
    fn a_window_holds_what_it_touches() {
        let mut heights = Heights::default();
        for _ in 0..1_000 {
            heights.push(10);
        }
        // 100 to 199 is lines 10 to 19; the margin of 25 adds two and a half on either side.
        assert_eq!(heights.window(100, 99, 25), 7..23);
        assert_eq!(heights.window(0, 5, 0), 0..1);
        assert_eq!(heights.window(99_999, 10, 0), 999..1_000);
    }

    proptest! {
        #[test]
        fn blocks_say_the_same_as_counting_one_by_one(
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
