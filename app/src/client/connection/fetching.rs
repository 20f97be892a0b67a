//! Snapshot fetches of the machine: requested by the user, and periodic in Static.

use super::FetchProblem;
use crate::model::Timestamp;

/// Fetches of snapshots, of which at most one is in progress.
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
    by_user: bool,
}

impl Fetching {
    /// Returns the number of the fetch to start; `None` if a fetch is in progress, which then
    /// counts for both.
    pub(super) fn start(&mut self, by_user: bool) -> Option<u32> {
        self.due = None;
        if let Some(fetch) = &mut self.current {
            fetch.by_user |= by_user;
            return None;
        }
        self.newest += 1;
        self.current = Some(Fetch { number: self.newest, by_user });
        Some(self.newest)
    }

    /// Ends the fetch, and sets the time of the next one.
    pub(super) fn end(&mut self, result: Result<(), FetchProblem>, due: Option<Timestamp>) {
        self.current = None;
        self.last = Some(result);
        self.due = due;
    }

    /// Ends periodic fetches. A fetch requested by the user continues.
    pub(super) fn stop(&mut self) {
        self.due = None;
        self.current = self.current.filter(|fetch| fetch.by_user);
    }

    /// Forgets the result of the last fetch.
    pub(super) fn forget(&mut self) {
        self.last = None;
    }

    /// True if this fetch has not been given up.
    pub(super) fn expects(&self, number: u32) -> bool {
        self.current.is_some_and(|fetch| fetch.number == number)
    }

    /// True if the user requested the fetch in progress.
    pub(super) fn is_by_user(&self) -> bool {
        self.current.is_some_and(|fetch| fetch.by_user)
    }

    /// Time of the next periodic fetch.
    pub(super) fn due(&self) -> Option<Timestamp> {
        self.due
    }

    /// Result of the last fetch, unless it was forgotten.
    pub(super) fn last(&self) -> Option<&Result<(), FetchProblem>> {
        self.last.as_ref()
    }

    #[cfg(test)]
    pub(super) const fn newest(&self) -> u32 {
        self.newest
    }
}
