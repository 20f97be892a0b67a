//! Position of a reader in a log.
//!
//! In: lines. Out: a [`LogPosition`] after each. A [`Place`] is used as the `id` of server-sent
//! events. Pure.

use super::Line;
use crate::engine::LogTime;
use std::{fmt, str::FromStr};

/// Position after the `count`-th of consecutive lines printed at `time`.
///
/// All readers get the lines of a log in the same order, so a position is valid for all of them
/// while the log contains it. The position is the `id` of a server-sent event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogPosition {
    /// Time of the line.
    pub time: LogTime,
    /// Number of the line among those with the same time, from 1.
    pub count: u32,
    /// Digest of the line's text if counting may have started among lines of the same time, at the
    /// start of a `tail`.
    pub mark: Option<u32>,
}

impl LogPosition {
    /// True if this is the position after `line`, which was counted as `here`.
    pub fn is_at(&self, here: &Self, line: &Line) -> bool {
        let known = self.mark.is_none_or(|mark| mark == digest(&line.text));
        self.time == here.time && here.count >= self.count && known
    }
}

impl fmt::Display for LogPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { time: LogTime(nanos), count, mark } = self;
        write!(f, "{nanos}.{count}")?;
        mark.map_or(Ok(()), |mark| write!(f, "~{mark:x}"))
    }
}

impl FromStr for LogPosition {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (position, mark) = text.split_once('~').map_or((text, None), |(position, mark)| (position, Some(mark)));
        let (nanos, count) = position.split_once('.').ok_or(())?;
        let mark = mark.map(|mark| u32::from_str_radix(mark, 16)).transpose().map_err(drop)?;
        Ok(Self { time: LogTime(nanos.parse().map_err(drop)?), count: count.parse().map_err(drop)?, mark })
    }
}

/// Place at which a reader of a log continues after an interruption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// After a line.
    Behind(LogPosition),
    /// No line was sent yet. The reader began at this time of the engine's clock, so all later
    /// lines are wanted, however few the query asks for.
    Opened(LogTime),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Behind(position) => position.fmt(f),
            Self::Opened(LogTime(nanos)) => write!(f, "@{nanos}"),
        }
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text.strip_prefix('@') {
            Some(nanos) => nanos.parse().map(|nanos| Self::Opened(LogTime(nanos))).map_err(drop),
            None => text.parse().map(Self::Behind),
        }
    }
}

/// Assigns positions to lines.
#[derive(Debug, Default)]
pub struct PositionCounter {
    last: Option<LogPosition>,
    /// True if there may be lines of the same time before the first.
    begins_midway: bool,
}

impl PositionCounter {
    /// Creates a counter. `begins_midway` is true if reading starts at a line and not at a time.
    pub fn new(begins_midway: bool) -> Self {
        Self { last: None, begins_midway }
    }

    /// Returns the position after `line`, which follows the previous one.
    pub fn count(&mut self, line: &Line) -> LogPosition {
        let count = match self.last.filter(|last| last.time == line.time) {
            Some(last) => last.count.saturating_add(1),
            None => {
                self.begins_midway &= self.last.is_none();
                1
            }
        };
        let position = LogPosition { time: line.time, count, mark: self.begins_midway.then(|| digest(&line.text)) };
        self.last = Some(position);
        position
    }
}

/// FNV-1a digest, which is short and the same in every version of this server.
fn digest(text: &[u8]) -> u32 {
    text.iter().fold(0x811c_9dc5, |digest, byte| (digest ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::model::LogStream;

    fn line(time: u64, text: &str) -> Line {
        Line { stream: LogStream::Stdout, time: LogTime(time), text: text.into(), truncated: false }
    }

    #[test]
    fn lines_with_the_same_time_are_counted() {
        let mut counter = PositionCounter::new(false);
        let places: Vec<_> = [5, 5, 7, 6, 6].map(|time| counter.count(&line(time, "")).to_string()).into();
        assert_eq!(places, ["5.1", "5.2", "7.1", "6.1", "6.2"]);
    }

    #[test]
    fn a_count_that_began_within_a_time_keeps_the_text() {
        let mut counter = PositionCounter::new(true);
        let places: Vec<_> = [(5, "a"), (5, "b"), (7, "c")].map(|(time, text)| counter.count(&line(time, text))).into();
        assert!(places[0].mark.is_some() && places[1].mark.is_some() && places[2].mark.is_none());
        // Its number in the complete count may be its own or higher, but its text is known.
        let third = LogPosition { time: LogTime(5), count: 3, mark: None };
        assert!(places[1].is_at(&third, &line(5, "b")));
        assert!(!places[1].is_at(&third, &line(5, "a")));
        assert!(!places[1].is_at(&LogPosition { count: 1, ..third }, &line(5, "b")));
    }

    #[test]
    fn a_place_round_trips() {
        for text in ["1795426609387842386.1", "5.2~1f", "0.4294967295~ffffffff", "@1795426609387842386"] {
            assert_eq!(text.parse::<Place>().map(|place| place.to_string()), Ok(text.to_owned()));
        }
        for wrong in ["", "5", "5.", ".1", "5.x", "x.1", "5.1~", "5.1~x", "-5.1", "5.4294967296", "5.1,6.1"] {
            assert_eq!(wrong.parse::<LogPosition>(), Err(()), "{wrong}");
        }
    }
}
