//! Which columns the table has. The name and the buttons always are there.

use super::Choice;

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
    fn what_is_left_out_is_named_for_the_stylesheet() {
        assert_eq!(Columns::default().hidden(), "pids");
        assert_eq!(Columns::default().with_turned(Column::Pids).hidden(), "");
        assert_eq!(Columns::parse("state,ports,image").hidden(), "cpu memory network disk pids project figures");
    }
}
