//! Where a step in a list leads, by the places of its elements on the screen: rows below each other, or cards in lines. Pure.

/// A direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The next one, in order.
    Next,
    /// The one before.
    Previous,
    /// The line below.
    Down,
    /// The line above.
    Up,
    /// Towards the end of the line.
    Right,
    /// Towards its beginning.
    Left,
    /// The first of all.
    First,
    /// The last of all.
    Last,
    /// As much as fits the window, down.
    PageDown,
    /// As much as fits the window, up.
    PageUp,
}

/// An element's place, in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Its left edge.
    pub left: f64,
    /// Its top edge.
    pub top: f64,
    /// Its bottom edge.
    pub bottom: f64,
}

/// The place a vertical step from `from` leads to; `page` is the height of a page. Where there is none, it stays.
///
/// Places are in order: line by line from the top, and in a line from the left.
pub fn vertical(places: &[Place], from: usize, way: Way, page: f64) -> usize {
    let Some(here) = places.get(from) else { return 0 };
    let below = || places.iter().skip(from).find(|place| place.top >= here.bottom - 1.0).map(|place| place.top);
    let above = || places.iter().take(from).rfind(|place| place.bottom <= here.top + 1.0).map(|place| place.top);
    let line = match way {
        Way::Down => below(),
        Way::Up => above(),
        Way::PageDown => {
            places.iter().rfind(|place| place.top <= here.top + page).map(|place| place.top).max_by_top(below())
        }
        Way::PageUp => {
            places.iter().find(|place| place.top >= here.top - page).map(|place| place.top).min_by_top(above())
        }
        _ => None,
    };
    line.and_then(|top| nearest(places, top, here.left)).unwrap_or(from)
}

/// In the line that begins at `top`, the one whose left edge is nearest.
fn nearest(places: &[Place], top: f64, left: f64) -> Option<usize> {
    let line = places.iter().enumerate().filter(|(_, place)| (place.top - top).abs() < 1.0);
    let distance = |place: &Place| (place.left - left).abs();
    line.min_by(|(_, one), (_, other)| distance(one).total_cmp(&distance(other))).map(|(at, _)| at)
}

/// Of a page and a line, whichever is further: a line may be higher than a page.
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

    /// A heading over the whole width, then cards of 100 by 50 in lines of three, and two in the last.
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
        for (from, way, to) in [
            (2, Way::Down, 5),
            (5, Way::Down, 8),
            (5, Way::Up, 2),
            (0, Way::Down, 1), // from a heading to the first card under it
            (3, Way::Up, 0),   // and back to it
            (6, Way::Down, 8), // the last line is short: the nearest
            (8, Way::Down, 8),
            (0, Way::Up, 0),
        ] {
            assert_eq!(vertical(&cards, from, way, 100.0), to, "{way:?} from {from}");
        }
    }

    #[test]
    fn a_page_is_as_many_lines_as_fit_and_at_least_one() {
        let cards = cards();
        assert_eq!(vertical(&cards, 1, Way::PageDown, 100.0), 7);
        assert_eq!(vertical(&cards, 1, Way::PageDown, 10.0), 4);
        assert_eq!(vertical(&cards, 7, Way::PageUp, 100.0), 1);
        assert_eq!(vertical(&cards, 7, Way::PageUp, 10.0), 4);
        assert_eq!(vertical(&cards, 7, Way::PageDown, 100.0), 7);
    }
}
