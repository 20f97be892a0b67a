//! Target of a movement in the list, from the positions of its elements: rows, or cards in lines.
//! Pure.

/// A direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The next element in order.
    Next,
    /// The previous element in order.
    Previous,
    /// The line below.
    Down,
    /// The line above.
    Up,
    /// Towards the end of the line.
    Right,
    /// Towards the start of the line.
    Left,
    /// The first element.
    First,
    /// The last element.
    Last,
    /// One page down.
    PageDown,
    /// One page up.
    PageUp,
}

/// An element's position in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Left edge of the element.
    pub left: f64,
    /// Top edge of the element.
    pub top: f64,
    /// Bottom edge of the element.
    pub bottom: f64,
}

/// Index of the element that a vertical movement from `from` reaches; `from` if there is none.
/// `page` is the height of a page.
///
/// Places are ordered line by line from the top, and from the left within a line.
pub fn vertical(places: &[Place], from: usize, direction: Direction, page: f64) -> usize {
    let Some(here) = places.get(from) else { return 0 };
    let below = || places.iter().skip(from).find(|place| place.top >= here.bottom - 1.0).map(|place| place.top);
    let above = || places.iter().take(from).rfind(|place| place.bottom <= here.top + 1.0).map(|place| place.top);
    let line = match direction {
        Direction::Down => below(),
        Direction::Up => above(),
        Direction::PageDown => {
            places.iter().rfind(|place| place.top <= here.top + page).map(|place| place.top).max_by_top(below())
        }
        Direction::PageUp => {
            places.iter().find(|place| place.top >= here.top - page).map(|place| place.top).min_by_top(above())
        }
        _ => None,
    };
    line.and_then(|top| nearest(places, top, here.left)).unwrap_or(from)
}

/// The element with the nearest left edge in the line at `top`.
fn nearest(places: &[Place], top: f64, left: f64) -> Option<usize> {
    let line = places.iter().enumerate().filter(|(_, place)| (place.top - top).abs() < 1.0);
    let distance = |place: &Place| (place.left - left).abs();
    line.min_by(|(_, one), (_, other)| distance(one).total_cmp(&distance(other))).map(|(at, _)| at)
}

/// Selects the farther of a page and a line, because a line may be taller than a page.
trait Further {
    fn max_by_top(self, line: Self) -> Self;
    fn min_by_top(self, line: Self) -> Self;
}

impl Further for Option<f64> {
    fn max_by_top(self, line: Self) -> Self {
        self.zip(line).map(|(page, line)| page.max(line))
    }

    fn min_by_top(self, line: Self) -> Self {
        self.zip(line).map(|(page, line)| page.min(line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Places of a full-width heading, then of cards of 100 by 50 pixels in lines of three, with
    /// two in the last.
    fn cards() -> Vec<Place> {
        let heading = Place { left: 0.0, top: 0.0, bottom: 20.0 };
        let card = |at: u32| {
            let top = 20.0 + f64::from(at / 3) * 50.0;
            Place { left: f64::from(at % 3) * 100.0, top, bottom: top + 50.0 }
        };
        std::iter::once(heading).chain((0..8).map(card)).collect()
    }

    #[test]
    fn down_and_up_keep_the_column() {
        let cards = cards();
        for (from, direction, to) in [
            (2, Direction::Down, 5),
            (5, Direction::Down, 8),
            (5, Direction::Up, 2),
            (0, Direction::Down, 1), // from a heading to the first card under it
            (3, Direction::Up, 0),   // and back to it
            (6, Direction::Down, 8), // the last line is short, so the nearest
            (8, Direction::Down, 8),
            (0, Direction::Up, 0),
        ] {
            assert_eq!(vertical(&cards, from, direction, 100.0), to, "{direction:?} from {from}");
        }
    }

    #[test]
    fn a_page_is_at_least_one_line() {
        let cards = cards();
        assert_eq!(vertical(&cards, 1, Direction::PageDown, 100.0), 7);
        assert_eq!(vertical(&cards, 1, Direction::PageDown, 10.0), 4);
        assert_eq!(vertical(&cards, 7, Direction::PageUp, 100.0), 1);
        assert_eq!(vertical(&cards, 7, Direction::PageUp, 10.0), 4);
        assert_eq!(vertical(&cards, 7, Direction::PageDown, 100.0), 7);
    }
}
