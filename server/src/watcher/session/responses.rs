//! Handling of the engine's responses in a session: changes of the roster, for the caller to
//! publish.

use super::Session;
use crate::{
    engine::{ContainerList, EngineError, ListRow, convert::Inspected},
    watcher::calls::{Cause, Completed},
};
use app::model::{Container, ContainerId, EngineProblem, Timestamp};
use tokio::time::Instant;

/// Number of routine inspects per list: 8 take 3 ms of an engine's time, and reach 50 containers in
/// 21 s.
const ROUTINE_INSPECTS: usize = 8;

/// Changes of containers from one event or response.
#[derive(Debug, Default)]
pub(super) struct Change {
    pub(super) upserted: Vec<Container>,
    pub(super) removed: Vec<ContainerId>,
    /// Time of the event that caused the change, on this server's clock.
    pub(super) event_at: Option<Timestamp>,
    /// True if a run began.
    pub(super) started: bool,
}

impl From<Option<Container>> for Change {
    fn from(container: Option<Container>) -> Self {
        Self { upserted: container.into_iter().collect(), ..Self::default() }
    }
}

impl Session<'_> {
    /// Applies the response of a call.
    ///
    /// # Errors
    /// If a ping or list failed, so that the link is lost.
    pub(super) fn apply_response(&mut self, done: Completed) -> Result<Change, EngineError> {
        match done {
            Completed::Pinged(result) => {
                let failing = result.map(|()| self.calls.pinged())?;
                Ok(self.report_failing(failing))
            }
            Completed::Listed { requested_at, result } => Ok(self.apply_list(&result?, requested_at)),
            Completed::Inspected { id, requested_at, result } => Ok(self.apply_inspect(id, requested_at, *result)),
            // Handled by the caller; no container changes.
            Completed::Described(_) => Ok(Change::default()),
        }
    }

    /// Marks containers whose inspect fails.
    fn report_failing(&mut self, failing: Vec<(ContainerId, EngineProblem)>) -> Change {
        let mut change = Change::default();
        for (id, problem) in failing {
            tracing::warn!(container.id = %id, reason = problem.message, "the engine cannot inspect a container");
            change.upserted.extend(self.watcher.roster.set_problem(id, problem));
        }
        change
    }

    /// Compares the roster with a list.
    fn apply_list(&mut self, listing: &ContainerList, requested_at: Instant) -> Change {
        if listing.unreadable > 0 {
            tracing::warn!(rows = listing.unreadable, "the engine's list has unreadable rows");
        }
        let is_there = |id| listing.rows.iter().any(|row| row.id == id);
        let (there, gone) = self.calls.listed(requested_at, is_there);
        let mut change = self.report_failing(there);
        for id in gone {
            change.removed.extend(self.remove(id).removed);
        }
        for row in &listing.rows {
            if !self.calls.was_removed(row.id)
                && (self.calls.is_slow_or_failing(row.id) || self.watcher.roster.relies_on_list(row.id))
                && let Some(container) = self.apply_row(row, requested_at)
            {
                change.event_at = change.event_at.or(self.calls.take_event_at(row.id));
                change.upserted.push(container);
            }
        }
        let roster = &mut self.watcher.roster;
        change.upserted.extend(roster.complete_from_list(&listing.rows));
        self.calls.set_absent(roster.missing(&listing.rows));
        let routine = if self.unreadable_events.settle(requested_at) { usize::MAX } else { ROUTINE_INSPECTS };
        // Recently removed containers are ignored by `mark_dirty`.
        for id in roster.differing(&listing.rows, requested_at).into_iter().chain(roster.stalest(routine)) {
            self.calls.mark_dirty(id, &Cause::Comparison);
        }
        change
    }

    /// Applies a list row to a container without a current inspect.
    pub(super) fn apply_row(&mut self, row: &ListRow, requested_at: Instant) -> Option<Container> {
        let container = self.watcher.roster.apply_row(row, requested_at, self.calls.problem(row.id))?;
        if !container.state.has_processes() {
            self.watcher.end_run(row.id);
        }
        Some(container)
    }

    /// Removes a container that both the list and inspect report as gone.
    fn remove(&mut self, id: ContainerId) -> Change {
        let event_at = self.calls.take_event(id);
        self.calls.forget(id);
        self.watcher.forget(id);
        let removed: Vec<_> = self.watcher.roster.remove(id).then_some(id).into_iter().collect();
        if !removed.is_empty() && event_at.is_none() {
            self.calls.unannounced.found(id, Instant::now());
        }
        Change { removed, event_at: event_at.flatten(), ..Change::default() }
    }

    fn apply_inspect(
        &mut self,
        id: ContainerId,
        requested_at: Instant,
        result: Result<Inspected, EngineError>,
    ) -> Change {
        // It was removed while the response was in flight.
        let Some(dirty_again) = self.calls.completed(id) else { return Change::default() };
        let mut inspected = match result {
            Ok(inspected) => inspected,
            Err(error) => {
                tracing::debug!(container.id = %id, %error, "inspect failed");
                if self.calls.is_confirmed_gone(id, &error) {
                    return self.remove(id);
                }
                self.calls.failed(id, &error);
                return Change::default();
            }
        };
        self.calls.recovered(id);
        // The response may be older than the event that marked it.
        if dirty_again {
            self.calls.mark_dirty(id, &Cause::Comparison);
            return Change::default();
        }
        let event_at = self.calls.take_event(id);
        self.watcher.timeline.explain(&mut inspected.container);
        let started = self.watcher.track_run(&inspected);
        self.watcher.timeline.set_lifecycle_settings(self.watcher.key(id), inspected.lifecycle_settings());
        // Completing a list row is not a sign of a missed event.
        let was_listed = self.watcher.roster.relies_on_list(id);
        let changed = self.watcher.roster.apply_inspect(inspected, requested_at);
        if changed.is_some() && event_at.is_none() && !was_listed {
            self.calls.unannounced.found(id, Instant::now());
        }
        Change { event_at: event_at.flatten(), started, ..Change::from(changed) }
    }
}
