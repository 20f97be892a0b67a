//! Skips lines up to the position where a reader was interrupted.
//!
//! In: lines with positions. Out: whether the position was found; lines that are new if it is
//! missing. Pure.

use super::{Line, LogPosition};
use crate::engine::LogTime;
use std::time::Duration;

/// Maximum known amount by which times decrease from line to line: engines assign timestamps to
/// stdout and stderr before they write the lines.
pub(super) const MAX_DISORDER: Duration = Duration::from_secs(1);
/// Maximum number of lines held until it is known whether they were sent before. Only reached if
/// the position is missing from the log and the container prints this many lines within
/// [`MAX_DISORDER`].
const MAX_HELD_LINES: usize = 4_096;
/// Maximum total text of the held lines, in bytes.
const MAX_HELD_BYTES: usize = 4 << 20;

/// Searches for a position in the lines of a log.
#[derive(Debug)]
pub(super) struct Seeker {
    target: LogPosition,
    held: Vec<(Line, LogPosition)>,
    held_bytes: usize,
}

/// Result of searching a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum SeekResult {
    /// The position was not reached yet.
    NotReached,
    /// The position is after this line; the following lines are new.
    Found,
    /// The position is no longer in the log; these lines are new.
    Missing(Vec<(Line, LogPosition)>),
}

impl Seeker {
    pub(super) fn new(target: LogPosition) -> Self {
        Self { target, held: Vec::new(), held_bytes: 0 }
    }

    /// Time from which to read to include the position.
    pub(super) fn from(target: LogPosition) -> LogTime {
        target.time.before(MAX_DISORDER)
    }

    pub(super) fn take(&mut self, line: Line, position: LogPosition) -> SeekResult {
        if self.target.is_at(&position, &line) {
            return SeekResult::Found;
        }
        let time = line.time;
        if time > self.target.time {
            self.held_bytes += line.text.len();
            self.held.push((line, position));
        }
        let full = self.held.len() >= MAX_HELD_LINES || self.held_bytes >= MAX_HELD_BYTES;
        if full || time > self.target.time.after(MAX_DISORDER) {
            SeekResult::Missing(self.give_up())
        } else {
            SeekResult::NotReached
        }
    }

    pub(super) fn target(&self) -> LogPosition {
        self.target
    }

    /// True if the seeker holds lines.
    pub(super) fn holds(&self) -> bool {
        !self.held.is_empty()
    }

    /// Ends the search. Returns the lines that are new by their time.
    pub(super) fn give_up(&mut self) -> Vec<(Line, LogPosition)> {
        std::mem::take(&mut self.held)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]
    use super::{super::PositionCounter, *};
    use app::model::LogStream;
    use proptest::prelude::*;

    fn line(time: u64, text: &str) -> Line {
        Line { stream: LogStream::Stdout, time: LogTime(time), text: text.into(), truncated: false }
    }

    /// Lines of `log` that are sent to a reader interrupted at `position`.
    fn resumed_after(log: &[Line], position: LogPosition) -> Vec<String> {
        let (mut counter, mut seeker, mut output) =
            (PositionCounter::new(false), Some(Seeker::new(position)), Vec::new());
        for line in log {
            let position = counter.count(line);
            match seeker.as_mut().map(|seeker| seeker.take(line.clone(), position)) {
                Some(SeekResult::NotReached) => continue,
                Some(SeekResult::Found) => seeker = None,
                Some(SeekResult::Missing(lines)) => {
                    seeker = None;
                    output.extend(lines.into_iter().map(|(line, _)| line));
                }
                None => output.push(line.clone()),
            }
        }
        output.extend(seeker.map(|mut seeker| seeker.give_up()).unwrap_or_default().into_iter().map(|(line, _)| line));
        output.into_iter().map(|line| String::from_utf8(line.text).unwrap()).collect()
    }

    #[test]
    fn a_rotated_position_loses_no_later_lines() {
        let gone = LogPosition { time: LogTime(5_000_000_000), count: 1, mark: None };
        let log = [(4_900_000_000, "old"), (5_100_000_000, "new"), (7_000_000_000, "newer"), (7_100_000_000, "newest")];
        let log = log.map(|(time, text)| line(time, text));
        assert_eq!(resumed_after(&log, gone), ["new", "newer", "newest"]);
        assert_eq!(resumed_after(&log[..2], gone), ["new"]);
        assert_eq!(resumed_after(&[], gone), [""; 0]);
    }

    #[test]
    fn held_lines_are_bounded() {
        let gone = LogPosition { time: LogTime(5), count: 1, mark: None };
        let mut seeker = Seeker::new(gone);
        let position = LogPosition { time: LogTime(6), count: 1, mark: None };
        for _ in 1..MAX_HELD_LINES {
            assert_eq!(seeker.take(line(6, "x"), position), SeekResult::NotReached);
        }
        assert!(
            matches!(seeker.take(line(6, "x"), position), SeekResult::Missing(lines) if lines.len() == MAX_HELD_LINES)
        );
        let mut seeker = Seeker::new(gone);
        assert!(
            matches!(seeker.take(line(6, &"x".repeat(MAX_HELD_BYTES)), position), SeekResult::Missing(lines) if lines.len() == 1)
        );
    }

    proptest! {
        /// Times may repeat and go back by less than a second; the reader is interrupted after any
        /// line.
        #[test]
        fn an_interrupted_reader_gets_every_line_once(
            steps in prop::collection::vec((0..3_u64, 0..4_u64), 1..60), cut in 0..60_usize,
        ) {
            let mut time = 10_000_000_000;
            let log: Vec<_> = steps.iter().enumerate().map(|(number, (forward, back))| {
                time += forward * 400_000_000;
                line(time - back * 100_000_000, &number.to_string())
            }).collect();
            let cut = cut % log.len();
            let mut counter = PositionCounter::new(false);
            let places: Vec<_> = log.iter().map(|line| counter.count(line)).collect();
            // If other lines are between those of one time, the count alone does not identify the
            // run of lines.
            let alone = log.iter().zip(&places).filter(|(_, position)| **position == places[cut]).count() == 1;
            prop_assume!(alone);
            let after: Vec<_> = (cut + 1..log.len()).map(|number| number.to_string()).collect();
            prop_assert_eq!(resumed_after(&log, places[cut]), after);
        }

        /// A reader may begin with the last of several lines with the same time.
        #[test]
        fn a_reader_that_began_within_a_time_resumes_by_its_text(before in 0..5_usize, read in 1..5_usize) {
            let log: Vec<_> = (0..10).map(|number| line(5, &number.to_string())).chain([line(9, "end")]).collect();
            let mut counter = PositionCounter::new(true);
            let position = log[before..before + read].iter().map(|line| counter.count(line)).last().unwrap();
            let after: Vec<_> = (before + read..10).map(|number| number.to_string()).chain(["end".to_owned()]).collect();
            prop_assert_eq!(resumed_after(&log, position), after);
        }
    }
}
