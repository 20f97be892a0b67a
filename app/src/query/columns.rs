//! Columns of the table. The name and the buttons are always shown.

use super::{Choice, Density};

/// An optional column.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Column {
    /// State, health and duration.
    #[default]
    State,
    /// CPU usage.
    Cpu,
    /// Memory usage.
    Memory,
    /// Bytes received and sent.
    Network,
    /// Bytes read and written.
    Disk,
    /// Number of processes.
    Pids,
    /// Published ports.
    Ports,
    /// Compose project and service.
    Project,
    /// The image, below the name.
    Image,
}

/// The visible columns, as a bit set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Columns(u16);

impl Default for Columns {
    /// All but the number of processes.
    fn default() -> Self {
        Self(0x1ff ^ Column::Pids.bit())
    }
}

impl Column {
    const fn bit(self) -> u16 {
        1 << self as u16
    }

    /// Minimum width of a column and its gap, in quarters of a rem, as in `_container_row.scss`.
    const fn width_quarters(self, density: Density) -> u32 {
        let is_compact = matches!(density, Density::Compact);
        match self {
            Self::State => {
                if is_compact {
                    62
                } else {
                    50
                }
            }
            Self::Cpu => 32,
            Self::Memory => {
                if is_compact {
                    38
                } else {
                    44
                }
            }
            Self::Network | Self::Disk => {
                if is_compact {
                    48
                } else {
                    28
                }
            }
            Self::Pids => 26,
            Self::Ports => {
                if is_compact {
                    38
                } else {
                    30
                }
            }
            Self::Project => 30,
            Self::Image => 0,
        }
    }
}

/// Columns that the stylesheet hides in this order if there is no room; both traffic columns go
/// together.
const HIDING_ORDER: [(&str, &[Column]); 4] = [
    ("pids", &[Column::Pids]),
    ("traffic", &[Column::Network, Column::Disk]),
    ("project", &[Column::Project]),
    ("ports", &[Column::Ports]),
];

/// Width of name, buttons, their gap, and the row's padding: 9 + 9.5 + 1 + 3 rem.
const FIXED_QUARTERS: u32 = 90;

/// Smallest width in the stylesheet, in rem; below it there is no room for any of these columns.
const MIN_WIDTH: u32 = 56;
/// Distance between the widths in the stylesheet, in rem.
const WIDTH_STEP: u32 = 3;

const fn in_steps(width: u32) -> u32 {
    MIN_WIDTH + width.saturating_sub(MIN_WIDTH).div_ceil(WIDTH_STEP) * WIDTH_STEP
}

impl Columns {
    /// True if the column is visible.
    pub const fn has(self, column: Column) -> bool {
        self.0 & column.bit() != 0
    }

    /// The same columns with one hidden, or shown if it was hidden.
    #[must_use]
    pub const fn with_toggled(self, column: Column) -> Self {
        Self(self.0 ^ column.bit())
    }

    /// Parses `cpu,memory`; unknown words are ignored.
    pub fn parse(words: &str) -> Self {
        let is_named = |column: &Column| words.split(',').any(|word| word == column.as_str());
        Self(Column::ALL.iter().copied().filter(is_named).fold(0, |bits, column| bits | column.bit()))
    }

    /// Writes them for [`Self::parse`].
    pub fn to_words(self) -> String {
        self.words(true, ",")
    }

    /// Hidden columns for the stylesheet: `ports pids`, and `figures` if no number is left.
    pub fn hidden(self) -> String {
        let mut words = self.words(false, " ");
        if ![Column::Cpu, Column::Memory, Column::Network, Column::Disk, Column::Pids]
            .into_iter()
            .any(|column| self.has(column))
        {
            words.push_str(" figures");
        }
        words
    }

    /// For each column that may be hidden, the minimum width of the table in rem, for the
    /// stylesheet: `pids-92 traffic-83`. Columns that are hidden first need room beside all others.
    pub fn min_widths(self, density: Density) -> String {
        let mut shown = self;
        let mut words = String::new();
        for (word, columns) in HIDING_ORDER {
            let width = shown.width_quarters(density).div_ceil(4);
            let before = shown;
            for column in columns.iter().filter(|column| self.has(**column)) {
                shown = shown.with_toggled(*column);
            }
            if shown != before {
                if !words.is_empty() {
                    words.push(' ');
                }
                words.push_str(word);
                words.push('-');
                words.push_str(&in_steps(width).to_string());
            }
        }
        words
    }

    /// Minimum width of these columns in quarters of a rem, with name, touch-size buttons and a
    /// selection box.
    fn width_quarters(self, density: Density) -> u32 {
        let columns = Column::ALL.iter().filter(|column| self.has(**column));
        columns.map(|column| column.width_quarters(density)).sum::<u32>() + FIXED_QUARTERS
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
        assert_eq!(Columns::parse("image,cpu,nonsense,,").to_words(), "cpu,image");
        assert_eq!(Columns::parse(&Columns::default().to_words()), Columns::default());
    }

    #[test]
    fn a_column_needs_room_beside_the_visible_ones() {
        let fits = |words: &str| Columns::parse(words).min_widths(Density::Normal);
        // 22.5 + 12.5 state + 8 CPU + 11 memory + 2 × 7 traffic + 6.5 processes + 7.5 ports + 7.5 project = 89.5 rem.
        assert_eq!(
            fits("state,cpu,memory,network,disk,pids,ports,project,image"),
            "pids-92 traffic-83 project-71 ports-62"
        );
        // 22.5 + 12.5 + 8 + 6.5 = 49.5: below the smallest width of a table.
        assert_eq!(fits("state,cpu,pids"), "pids-56");
        // 22.5 + 14 + 7.5 = 44.
        assert_eq!(fits("network,disk,project"), "traffic-56 project-56");
        assert_eq!(fits("state,cpu,memory"), "");
        // 22.5 + 15.5 + 8 + 9.5 + 24 + 6.5 + 9.5 + 7.5 = 103 rem: the maximum.
        let compact = Columns::parse("state,cpu,memory,network,disk,pids,ports,project").min_widths(Density::Compact);
        assert_eq!(compact, "pids-104 traffic-98 project-74 ports-65");
    }

    #[test]
    fn the_stylesheet_has_every_possible_width() {
        let sheet = include_str!("../../../style/components/_container_row.scss");
        assert!(
            sheet.contains(&format!("$rem: {MIN_WIDTH} + {WIDTH_STEP} * $step")),
            "from {MIN_WIDTH} by {WIDTH_STEP}"
        );
        let mut widest = [0; HIDING_ORDER.len()];
        for (columns, density) in
            (0..0x200).flat_map(|bits| Density::ALL.iter().map(move |density| (Columns(bits), density)))
        {
            for fit in columns.min_widths(*density).split_whitespace() {
                let (word, width) = fit.split_once('-').unwrap_or_default();
                let place = HIDING_ORDER.iter().position(|(other, _)| *other == word).unwrap_or_default();
                widest[place] = widest[place].max(width.parse().unwrap_or(0));
            }
        }
        let expected = HIDING_ORDER.iter().zip(widest).map(|((word, _), width): (_, u32)| format!("{word}: {width}"));
        let expected = expected.collect::<Vec<_>>().join(", ");
        assert!(sheet.contains(&format!("({expected})")), "({expected})");
    }

    #[test]
    fn hidden_columns_are_named_for_the_stylesheet() {
        assert_eq!(Columns::default().hidden(), "pids");
        assert_eq!(Columns::default().with_toggled(Column::Pids).hidden(), "");
        assert_eq!(Columns::parse("state,ports,image").hidden(), "cpu memory network disk pids project figures");
    }
}
