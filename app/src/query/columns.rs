//! Which columns the table has. The name and the buttons always are there.

use super::{Choice, Density};

/// A column that can be left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Column {
    /// State, health and since when.
    #[default]
    State,
    /// Its CPU.
    Cpu,
    /// Its memory.
    Memory,
    /// Bytes received and sent.
    Network,
    /// Bytes read and written.
    Disk,
    /// How many processes there are.
    Pids,
    /// Published ports.
    Ports,
    /// Compose project and service.
    Project,
    /// The image, under the name.
    Image,
}

/// The columns shown: a bit each.
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

    /// The least width of a column with the gap beside it, in quarters of a rem, as `_container_row.scss` has it.
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

/// Left out in this order where there is no room, by the stylesheet's word; the traffic's two go together.
const LEFT_OUT: [(&str, &[Column]); 4] = [
    ("pids", &[Column::Pids]),
    ("traffic", &[Column::Network, Column::Disk]),
    ("project", &[Column::Project]),
    ("ports", &[Column::Ports]),
];

/// Name, buttons, the gap between them, and the row's own edges: 9 + 9.5 + 1 + 3 rem.
const ALWAYS_QUARTERS: u32 = 90;

/// The widths that the stylesheet knows, in rem: from the first on, in steps. Below the first there is no room for any of these columns.
const FIRST_WIDTH: u32 = 56;
const STEP: u32 = 3;

const fn in_steps(width: u32) -> u32 {
    FIRST_WIDTH + width.saturating_sub(FIRST_WIDTH).div_ceil(STEP) * STEP
}

impl Columns {
    /// Whether a column is shown.
    pub const fn has(self, column: Column) -> bool {
        self.0 & column.bit() != 0
    }

    /// The same with a column left out, or shown if it was not.
    #[must_use]
    pub const fn with_turned(self, column: Column) -> Self {
        Self(self.0 ^ column.bit())
    }

    /// Reads `cpu,memory`; what it does not know says nothing.
    pub fn parse(words: &str) -> Self {
        let is_named = |column: &Column| words.split(',').any(|word| word == column.as_str());
        Self(Column::ALL.iter().copied().filter(is_named).fold(0, |bits, column| bits | column.bit()))
    }

    /// Writes what [`Self::parse`] reads.
    pub fn to_words(self) -> String {
        self.words(true, ",")
    }

    /// What the stylesheet is to leave out: `ports pids`, and `figures` where none is left.
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

    /// For each column that may be left out where there is no room, the width in rem from which on there is, as the stylesheet has them:
    /// `pids-92 traffic-83`. Those that are left out first need room beside all the others.
    pub fn fits(self, density: Density) -> String {
        let mut shown = self;
        let mut words = String::new();
        for (word, columns) in LEFT_OUT {
            let width = shown.width_quarters(density).div_ceil(4);
            let before = shown;
            for column in columns.iter().filter(|column| self.has(**column)) {
                shown = shown.with_turned(*column);
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

    /// What these columns need at the least, in quarters of a rem: with the name, buttons for fingers, and a box to select by.
    fn width_quarters(self, density: Density) -> u32 {
        let columns = Column::ALL.iter().filter(|column| self.has(**column));
        columns.map(|column| column.width_quarters(density)).sum::<u32>() + ALWAYS_QUARTERS
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
    fn columns_survive_their_words() {
        for words in ["", "cpu", "state,cpu,memory,network,disk,pids,ports,project,image"] {
            assert_eq!(Columns::parse(words).to_words(), words);
        }
        assert_eq!(Columns::parse("image,cpu,nonsense,,").to_words(), "cpu,image");
        assert_eq!(Columns::parse(&Columns::default().to_words()), Columns::default());
    }

    #[test]
    fn a_column_needs_room_beside_those_that_are_shown() {
        let fits = |words: &str| Columns::parse(words).fits(Density::Normal);
        // 22.5 + 12.5 state + 8 CPU + 11 memory + 2 × 7 traffic + 6.5 processes + 7.5 ports + 7.5 project = 89.5 rem.
        assert_eq!(
            fits("state,cpu,memory,network,disk,pids,ports,project,image"),
            "pids-92 traffic-83 project-71 ports-62"
        );
        // 22.5 + 12.5 + 8 + 6.5 = 49.5: there is room wherever the table has columns.
        assert_eq!(fits("state,cpu,pids"), "pids-56");
        // 22.5 + 14 + 7.5 = 44.
        assert_eq!(fits("network,disk,project"), "traffic-56 project-56");
        assert_eq!(fits("state,cpu,memory"), "");
        // 22.5 + 15.5 + 8 + 9.5 + 24 + 6.5 + 9.5 + 7.5 = 103 rem: the widest there is.
        let compact = Columns::parse("state,cpu,memory,network,disk,pids,ports,project").fits(Density::Compact);
        assert_eq!(compact, "pids-104 traffic-98 project-74 ports-65");
    }

    #[test]
    fn the_stylesheet_knows_every_width_there_can_be() {
        let sheet = include_str!("../../../style/components/_container_row.scss");
        assert!(sheet.contains(&format!("$rem: {FIRST_WIDTH} + {STEP} * $step")), "from {FIRST_WIDTH} by {STEP}");
        let mut widest = [0; LEFT_OUT.len()];
        for (columns, density) in
            (0..0x200).flat_map(|bits| Density::ALL.iter().map(move |density| (Columns(bits), density)))
        {
            for fit in columns.fits(*density).split_whitespace() {
                let (word, width) = fit.split_once('-').unwrap_or_default();
                let place = LEFT_OUT.iter().position(|(other, _)| *other == word).unwrap_or_default();
                widest[place] = widest[place].max(width.parse().unwrap_or(0));
            }
        }
        let told = LEFT_OUT.iter().zip(widest).map(|((word, _), width): (_, u32)| format!("{word}: {width}"));
        let told = told.collect::<Vec<_>>().join(", ");
        assert!(sheet.contains(&format!("({told})")), "({told})");
    }

    #[test]
    fn what_is_left_out_is_named_for_the_stylesheet() {
        assert_eq!(Columns::default().hidden(), "pids");
        assert_eq!(Columns::default().with_turned(Column::Pids).hidden(), "");
        assert_eq!(Columns::parse("state,ports,image").hidden(), "cpu memory network disk pids project figures");
    }
}
