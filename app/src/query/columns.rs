//! The set of columns that the table shows, and the width it needs. Next: [`Column`].

use super::{Choice, Column, Density};

/// The visible columns, as a bit set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Columns(u16);

const _: () = assert!(Column::ALL.len() <= u16::BITS as usize);

impl Default for Columns {
    fn default() -> Self {
        Self::of(|column| column.is_default())
    }
}

/// Width of the name, the buttons, the gap between them, and the row's own edges: 9 + 9.5 + 1 + 3
/// rem.
const ALWAYS_REM: f32 = 22.5;
/// Width of the gap beside a column in rem.
const GAP_REM: f32 = 1.0;

const fn bit(column: Column) -> u16 {
    1 << column as u16
}

const fn in_steps(width: u32) -> u32 {
    Columns::FIRST_WIDTH
        + width.saturating_sub(Columns::FIRST_WIDTH).div_ceil(Columns::WIDTH_STEP) * Columns::WIDTH_STEP
}

impl Columns {
    /// Minimum width in rem that the stylesheet compares with; a narrower list has no room for any
    /// column that can be dropped.
    pub(super) const FIRST_WIDTH: u32 = 56;
    /// Step in rem between the container-query widths of the stylesheet, which start at
    /// [`Columns::FIRST_WIDTH`].
    pub(super) const WIDTH_STEP: u32 = 3;

    /// The columns for which a condition holds.
    fn of(is_shown: impl Fn(&Column) -> bool) -> Self {
        Self(Column::ALL.iter().filter(|column| is_shown(column)).fold(0, |bits, column| bits | bit(*column)))
    }

    /// True if a column is shown.
    pub const fn has(self, column: Column) -> bool {
        self.0 & bit(column) != 0
    }

    /// The same columns with one of them hidden, or shown if it was hidden.
    #[must_use]
    pub const fn with_toggled(self, column: Column) -> Self {
        Self(self.0 ^ bit(column))
    }

    /// Parses `cpu,memory`; ignores unknown words.
    pub fn parse(words: &str) -> Self {
        Self::of(|column| words.split(',').any(|word| word == column.as_str()))
    }

    /// Formats the columns for [`Self::parse`].
    pub fn to_words(self) -> String {
        self.words(true, ",")
    }

    /// Columns that the stylesheet hides: `pids ports`, and `figures` if none of the figures is
    /// left.
    pub fn hidden(self) -> String {
        let mut words = self.words(false, " ");
        if !Column::FIGURES.into_iter().any(|column| self.has(column)) {
            words.push_str(" figures");
        }
        words
    }

    /// Width for each group of columns that can be dropped: the width in rem from which on there is
    /// room for it, for the stylesheet: `pids-92 traffic-83`. Groups that are dropped first need
    /// room beside all the others.
    pub fn min_widths(self, density: Density) -> String {
        let mut shown = self;
        let mut words = String::new();
        for group in Column::DROP_ORDER {
            let width = shown.min_rem(density).ceil() as u32;
            let rest = Self::of(|column| shown.has(*column) && column.drop_group() != Some(group));
            if rest != shown {
                if !words.is_empty() {
                    words.push(' ');
                }
                words.push_str(group);
                words.push('-');
                words.push_str(&in_steps(width).to_string());
            }
            shown = rest;
        }
        words
    }

    /// Minimum width of these columns in rem, including the name, buttons large enough for fingers,
    /// and a checkbox.
    fn min_rem(self, density: Density) -> f32 {
        let columns = Column::ALL.iter().filter(|column| self.has(**column) && column.has_cell());
        columns.map(|column| column.min_rem(density) + GAP_REM).sum::<f32>() + ALWAYS_REM
    }

    /// Maximum width in rem at which a list has no room for a group of columns, whichever others
    /// are shown.
    #[cfg(test)]
    pub(super) fn widest(group: &str) -> u32 {
        let choices = (0..1 << Column::ALL.len())
            .flat_map(|bits| Density::ALL.iter().map(move |density| Self(bits).min_widths(*density)));
        let width = |fits: String| {
            let found = fits.split(' ').find_map(|fit| fit.strip_prefix(group)?.strip_prefix('-')?.parse().ok());
            found.unwrap_or_default()
        };
        choices.map(width).max().unwrap_or_default()
    }

    fn words(self, are_shown: bool, between: &str) -> String {
        let mut words = String::new();
        for column in Column::ALL.iter().filter(|column| self.has(**column) == are_shown) {
            if !words.is_empty() {
                words.push_str(between);
            }
            words.push_str(column.as_str());
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_round_trip() {
        for words in ["", "cpu", "state,cpu,memory,network,disk,pids,ports,project,image"] {
            assert_eq!(Columns::parse(words).to_words(), words);
        }
        assert_eq!(Columns::parse("image,cpu,unknown,,").to_words(), "cpu,image");
        assert_eq!(Columns::parse(&Columns::default().to_words()), Columns::default());
    }

    #[test]
    fn a_column_needs_room_beside_the_visible_ones() {
        let min_widths = |words: &str| Columns::parse(words).min_widths(Density::Normal);
        // 22.5 + 12.5 state + 8 CPU + 11 memory + 2 × 7 traffic + 6.5 processes + 7.5 ports + 7.5
        // project = 89.5 rem.
        assert_eq!(
            min_widths("state,cpu,memory,network,disk,pids,ports,project,image"),
            "pids-92 traffic-83 project-71 ports-62"
        );
        // 22.5 + 12.5 + 8 + 6.5 = 49.5: below the smallest width of a table.
        assert_eq!(min_widths("state,cpu,pids"), "pids-56");
        // 22.5 + 14 + 7.5 = 44.
        assert_eq!(min_widths("network,disk,project"), "traffic-56 project-56");
        assert_eq!(min_widths("state,cpu,memory"), "");
        // 22.5 + 18 + 8 + 9.5 + 24 + 6.5 + 9.5 + 7.5 = 105.5 rem: the maximum.
        let compact = Columns::parse("state,cpu,memory,network,disk,pids,ports,project").min_widths(Density::Compact);
        assert_eq!(compact, "pids-107 traffic-101 project-77 ports-68");
    }

    #[test]
    fn hidden_columns_are_named_for_the_stylesheet() {
        let all = Columns::of(|_| true);
        assert_eq!(all.hidden(), "");
        assert_eq!(all.with_toggled(Column::Ports).with_toggled(Column::Pids).hidden(), "pids ports");
        let without_figures = Columns::of(|column| !Column::FIGURES.contains(column)).hidden();
        assert!(without_figures.starts_with("cpu ") && without_figures.ends_with(" figures"), "{without_figures}");
        assert!(!Columns::default().has(Column::Pids) && Columns::default().has(Column::State));
    }
}
