//! Coordinates of values on the drawing.

use super::{Series, Value};
use crate::model::Timestamp;
use std::fmt::Write as _;

/// Width of the drawing in SVG user units; the drawing is stretched to the available width.
pub const WIDTH: u64 = 1_000;

/// Height of the drawing in SVG user units.
pub const HEIGHT: u64 = 100;

/// The visible range of time and values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plot {
    /// Time at the right edge.
    pub until: Timestamp,
    /// Duration from the left edge to the right edge.
    pub span_millis: u64,
    /// Value at the top edge; the bottom is 0.
    pub top: f64,
}

impl Plot {
    /// Time at the left edge.
    pub fn from(&self) -> Timestamp {
        Timestamp::from_millis(self.until.as_millis().saturating_sub(self.span_millis))
    }

    /// Time at a distance from the left edge, in thousandths of the width.
    pub fn instant(&self, across: u64) -> Timestamp {
        Timestamp::from_millis(self.from().as_millis() + self.span_millis * across.min(WIDTH) / WIDTH)
    }

    /// Distance of a time from the left edge, in thousandths of the width; `None` if it is not
    /// visible.
    pub fn across(&self, at: Timestamp) -> Option<u64> {
        let millis = at.as_millis().checked_sub(self.from().as_millis())?;
        (millis <= self.span_millis && self.span_millis > 0).then(|| millis * WIDTH / self.span_millis)
    }

    fn down(&self, value: f64) -> u64 {
        let share = if self.top > 0.0 { (value / self.top).clamp(0.0, 1.0) } else { 0.0 };
        HEIGHT - (share * HEIGHT as f64) as u64
    }

    /// A series as the `d` attribute of an SVG path; unknown values break the line.
    pub fn line(&self, series: &Series) -> String {
        let mut path = String::new();
        let mut before: Option<Value> = None;
        for value in &series.values {
            let (Some(across), Some(height)) = (self.across(value.at), value.value) else {
                before = None;
                continue;
            };
            let goes_on =
                before.is_some_and(|before| value.at.since(before.at).as_millis() as u64 <= series.gap_millis);
            let command = if goes_on { 'L' } else { 'M' };
            // Writing to a string cannot fail.
            let _ = write!(path, "{command}{across} {}", self.down(height));
            if !goes_on {
                // Draws a dot, so that a single point is visible.
                path.push_str("h0");
            }
            before = Some(*value);
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLOT: Plot = Plot { until: Timestamp::from_millis(100_000), span_millis: 100_000, top: 10.0 };

    fn series(values: &[(u64, Option<f64>)]) -> Series {
        let values =
            values.iter().map(|(second, value)| Value { at: Timestamp::from_millis(second * 1_000), value: *value });
        Series { values: values.collect(), gap_millis: 5_000 }
    }

    #[test]
    fn a_line_connects_the_values() {
        assert_eq!(PLOT.line(&series(&[(0, Some(0.0)), (2, Some(5.0)), (4, Some(20.0))])), "M0 100h0L20 50L40 0");
    }

    #[test]
    fn unknown_values_and_gaps_break_the_line() {
        let line = PLOT.line(&series(&[(0, Some(0.0)), (2, None), (4, Some(0.0)), (50, Some(0.0))]));
        assert_eq!(line, "M0 100h0M40 100h0M500 100h0");
    }

    #[test]
    fn distances_and_times_are_inverse() {
        let at = PLOT.instant(250);
        assert_eq!(at, Timestamp::from_millis(25_000));
        assert_eq!(PLOT.across(at), Some(250));
        assert_eq!(PLOT.across(Timestamp::from_millis(100_001)), None);
    }
}
