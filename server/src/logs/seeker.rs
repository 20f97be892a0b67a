//! Finds the place where a reader was cut off, and lets pass what comes after it.

use super::{Line, Place};
use crate::engine::LogTime;
use std::time::Duration;

/// Lines of standard output and standard error are stamped before they are written down one after the other, so that times can run
/// backwards. By less than this, as far as is known.
pub(super) const DISORDER: Duration = Duration::from_secs(1);
/// Lines held until it is known whether they were sent before. Reached only where the place is gone from the log and the container
/// prints this much within [`DISORDER`].
const MOST_HELD: usize = 4_096;
/// Their text together, in bytes.
const MOST_HELD_BYTES: usize = 4 << 20;

/// Looks for a place.
#[derive(Debug)]
pub(super) struct Seeker {
    wanted: Place,
    held: Vec<(Line, Place)>,
    held_bytes: usize,
}

/// What a line led to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Sought {
    /// The place is further on.
    Further,
    /// This was the line; those that follow are new.
    Here,
    /// The place is no longer in the log: these are new.
    Gone(Vec<(Line, Place)>),
}

impl Seeker {
    pub(super) fn new(wanted: Place) -> Self {
        Self { wanted, held: Vec::new(), held_bytes: 0 }
    }

    /// Where reading has to begin so that the place is not missed.
    pub(super) fn from(wanted: Place) -> LogTime {
        wanted.time.before(DISORDER)
    }

    pub(super) fn take(&mut self, line: Line, place: Place) -> Sought {
        if self.wanted.is_at(&place, &line) {
            return Sought::Here;
        }
        let time = line.time;
        if time > self.wanted.time {
            self.held_bytes += line.text.len();
            self.held.push((line, place));
        }
        let full = self.held.len() >= MOST_HELD || self.held_bytes >= MOST_HELD_BYTES;
        if full || time > self.wanted.time.after(DISORDER) { Sought::Gone(self.give_up()) } else { Sought::Further }
    }

    pub(super) fn wanted(&self) -> Place {
        self.wanted
    }

    /// Whether it keeps lines back.
    pub(super) fn holds(&self) -> bool {
        !self.held.is_empty()
    }

    /// Nothing more comes for now: what is new by its time alone.
    pub(super) fn give_up(&mut self) -> Vec<(Line, Place)> {
        std::mem::take(&mut self.held)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]
    use super::{super::Counter, *};
    use app::model::LogStream;
    use proptest::prelude::*;

    fn line(time: u64, text: &str) -> Line {
        Line { stream: LogStream::Stdout, time: LogTime(time), text: text.into(), truncated: false }
    }

    /// What is told of `log` to a reader that was cut off at `place`.
    fn told_after(log: &[Line], place: Place) -> Vec<String> {
        let (mut counter, mut seeker, mut told) = (Counter::new(false), Some(Seeker::new(place)), Vec::new());
        for line in log {
            let place = counter.count(line);
            match seeker.as_mut().map(|seeker| seeker.take(line.clone(), place)) {
                Some(Sought::Further) => continue,
                Some(Sought::Here) => seeker = None,
                Some(Sought::Gone(lines)) => {
                    seeker = None;
                    told.extend(lines.into_iter().map(|(line, _)| line));
                }
                None => told.push(line.clone()),
            }
        }
        told.extend(seeker.map(|mut seeker| seeker.give_up()).unwrap_or_default().into_iter().map(|(line, _)| line));
        told.into_iter().map(|line| String::from_utf8(line.text).unwrap()).collect()
    }

    #[test]
    fn a_place_that_is_gone_loses_nothing_that_came_after_it() {
        let gone = Place { time: LogTime(5_000_000_000), count: 1, mark: None };
        let log = [(4_900_000_000, "old"), (5_100_000_000, "new"), (7_000_000_000, "newer"), (7_100_000_000, "newest")];
        let log = log.map(|(time, text)| line(time, text));
        assert_eq!(told_after(&log, gone), ["new", "newer", "newest"]);
        assert_eq!(told_after(&log[..2], gone), ["new"]);
        assert_eq!(told_after(&[], gone), [""; 0]);
    }

    #[test]
    fn what_is_held_is_bounded() {
        let gone = Place { time: LogTime(5), count: 1, mark: None };
        let mut seeker = Seeker::new(gone);
        let place = Place { time: LogTime(6), count: 1, mark: None };
        for _ in 1..MOST_HELD {
            assert_eq!(seeker.take(line(6, "x"), place), Sought::Further);
        }
        assert!(matches!(seeker.take(line(6, "x"), place), Sought::Gone(lines) if lines.len() == MOST_HELD));
        let mut seeker = Seeker::new(gone);
        assert!(
            matches!(seeker.take(line(6, &"x".repeat(MOST_HELD_BYTES)), place), Sought::Gone(lines) if lines.len() == 1)
        );
    }

    proptest! {
        /// Times may repeat and run backwards by less than a second; the reader is cut off behind any line.
        #[test]
        fn a_reader_that_was_cut_off_misses_nothing_and_reads_nothing_twice(
            steps in prop::collection::vec((0..3_u64, 0..4_u64), 1..60), cut in 0..60_usize,
        ) {
            let mut time = 10_000_000_000;
            let log: Vec<_> = steps.iter().enumerate().map(|(number, (forward, back))| {
                time += forward * 400_000_000;
                line(time - back * 100_000_000, &number.to_string())
            }).collect();
            let cut = cut % log.len();
            let mut counter = Counter::new(false);
            let places: Vec<_> = log.iter().map(|line| counter.count(line)).collect();
            // Of lines of one time that others stand between, the count alone cannot tell which run is meant.
            let alone = log.iter().zip(&places).filter(|(_, place)| **place == places[cut]).count() == 1;
            prop_assume!(alone);
            let after: Vec<_> = (cut + 1..log.len()).map(|number| number.to_string()).collect();
            prop_assert_eq!(told_after(&log, places[cut]), after);
        }

        /// The first lines a reader sees may be the last of several of one time.
        #[test]
        fn a_reader_that_began_midway_is_found_by_what_it_read(before in 0..5_usize, read in 1..5_usize) {
            let log: Vec<_> = (0..10).map(|number| line(5, &number.to_string())).chain([line(9, "end")]).collect();
            let mut counter = Counter::new(true);
            let place = log[before..before + read].iter().map(|line| counter.count(line)).last().unwrap();
            let after: Vec<_> = (before + read..10).map(|number| number.to_string()).chain(["end".to_owned()]).collect();
            prop_assert_eq!(told_after(&log, place), after);
        }
    }
}
