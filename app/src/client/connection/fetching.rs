//! The snapshots of the machine: by hand at any time, and by itself in Static.

use super::FetchProblem;
use crate::model::Timestamp;

/// At most one is under way.
#[derive(Debug, Default)]
pub(super) struct Fetching {
    current: Option<Fetch>,
    newest: u32,
    due: Option<Timestamp>,
    last: Option<Result<(), FetchProblem>>,
}

#[derive(Debug, Clone, Copy)]
struct Fetch {
    number: u32,
    by_hand: bool,
}

impl Fetching {
    /// The number of the fetch to begin; `None` when one is under way, which then counts for both.
    pub(super) fn ask(&mut self, by_hand: bool) -> Option<u32> {
        self.due = None;
        if let Some(fetch) = &mut self.current {
            fetch.by_hand |= by_hand;
            return None;
        }
        self.newest += 1;
        self.current = Some(Fetch { number: self.newest, by_hand });
        Some(self.newest)
    }

    /// It has ended; another is due then.
    pub(super) fn end(&mut self, result: Result<(), FetchProblem>, due: Option<Timestamp>) {
        self.current = None;
        self.last = Some(result);
        self.due = due;
    }

    /// No more by itself. One that a person asked for still counts.
    pub(super) fn stop(&mut self) {
        self.due = None;
        self.current = self.current.filter(|fetch| fetch.by_hand);
    }

    /// How the last one ended matters no more.
    pub(super) fn forget(&mut self) {
        self.last = None;
    }

    /// Whether this one has not been given up.
    pub(super) fn expects(&self, number: u32) -> bool {
        self.current.is_some_and(|fetch| fetch.number == number)
    }

    /// Whether a person waits for the one under way.
    pub(super) fn is_by_hand(&self) -> bool {
        self.current.is_some_and(|fetch| fetch.by_hand)
    }

    /// When the next one is due by itself.
    pub(super) fn due(&self) -> Option<Timestamp> {
        self.due
    }

    /// How the last one ended, as long as that matters.
    pub(super) fn last(&self) -> Option<&Result<(), FetchProblem>> {
        self.last.as_ref()
    }

    #[cfg(test)]
    pub(super) const fn newest(&self) -> u32 {
        self.newest
    }
}
