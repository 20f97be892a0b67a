//! Handling of the engine's responses in a session: changes of the roster, for the caller to
//! publish.

use super::UnreadableEvents;
use crate::{
    engine::{ContainerList, EngineError, convert::Inspected},
    watcher::{
        Watcher,
        calls::{Calls, Cause, Completed},
    },
};
use app::model::{Container, ContainerId, EngineProblem, Timestamp};
use tokio::time::Instant;

/// Routine inspects per list: 8 take 3 ms of an engine's time, and reach 50 containers in 21 s.
const ROUTINE_INSPECTS: usize = 8;

/// Changes from a call.
#[derive(Default)]
pub(super) struct Change {
    pub(super) upserted: Vec<Container>,
    pub(super) removed: Vec<ContainerId>,
    pub(super) event_at: Option<Timestamp>,
    /// A run began.
    pub(super) started: bool,
}

impl From<Option<Container>> for Change {
    fn from(container: Option<Container>) -> Self {
        Self { upserted: container.into_iter().collect(), ..Self::default() }
    }
}

impl Watcher {
    pub(super) fn handle_completed(
        &mut self,
        done: Completed,
        calls: &mut Calls,
        unreadable_events: &mut UnreadableEvents,
    ) -> Result<Change, EngineError> {
        match done {
            Completed::Pinged(result) => {
                let responded = result.map(|()| calls.pinged())?;
                Ok(self.report_failing(responded))
            }
            Completed::Listed { requested_at, result } => {
                Ok(self.handle_list(&result?, requested_at, calls, unreadable_events))
            }
            Completed::Inspected { id, requested_at, result } => {
                Ok(self.handle_inspect(id, requested_at, *result, calls))
            }
            // Handled by the caller, which has the engine's facts.
            Completed::Described(_) => Ok(Change::default()),
        }
    }

    /// Marks containers whose inspect fails.
    pub(super) fn report_failing(&mut self, failed: Vec<(ContainerId, EngineProblem)>) -> Change {
        let mut change = Change::default();
        for (id, problem) in failed {
            tracing::warn!(container.id = %id, reason = problem.message, "the engine cannot inspect a container");
            change.upserted.extend(self.roster.set_problem(id, problem));
        }
        change
    }

    /// Compares the roster with a list.
    pub(super) fn handle_list(
        &mut self,
        listing: &ContainerList,
        requested_at: Instant,
        calls: &mut Calls,
        unreadable_events: &mut UnreadableEvents,
    ) -> Change {
        if listing.unreadable > 0 {
            tracing::warn!(rows = listing.unreadable, "the engine's list has unreadable rows");
        }
        let is_there = |id| listing.rows.iter().any(|row| row.id == id);
        let (there, gone) = calls.listed(requested_at, is_there);
        let mut change = self.report_failing(there);
        for id in gone {
            change.removed.extend(self.remove(id, calls).removed);
        }
        for row in &listing.rows {
            if !calls.was_removed(row.id)
                && (calls.is_slow_or_failing(row.id) || self.roster.relies_on_list(row.id))
                && let Some(container) = self.apply_row(row, requested_at, calls)
            {
                change.event_at = change.event_at.or(calls.take_event_at(row.id));
                change.upserted.push(container);
            }
        }
        change.upserted.extend(self.roster.complete_from_list(&listing.rows));
        calls.set_absent(self.roster.missing(&listing.rows));
        let routine = if unreadable_events.settle(requested_at) { usize::MAX } else { ROUTINE_INSPECTS };
        let differing =
            self.roster.differing(&listing.rows, requested_at).into_iter().filter(|id| !calls.was_removed(*id));
        for id in differing.chain(self.roster.stalest(routine)).collect::<Vec<_>>() {
            calls.mark_dirty(id, &Cause::Comparison);
        }
        change
    }

    /// Removes a container that list and inspect report as gone.
    pub(super) fn remove(&mut self, id: ContainerId, calls: &mut Calls) -> Change {
        let event_at = calls.take_event(id);
        calls.forget(id);
        self.forget(id);
        let removed: Vec<_> = self.roster.remove(id).then_some(id).into_iter().collect();
        if !removed.is_empty() && event_at.is_none() {
            calls.unannounced.found(id, Instant::now());
        }
        Change { removed, event_at: event_at.flatten(), ..Change::default() }
    }

    pub(super) fn handle_inspect(
        &mut self,
        id: ContainerId,
        requested_at: Instant,
        result: Result<Inspected, EngineError>,
        calls: &mut Calls,
    ) -> Change {
        // It was removed while the response was in flight.
        let Some(dirty_again) = calls.completed(id) else { return Change::default() };
        let mut inspected = match result {
            Ok(inspected) => inspected,
            Err(error) => {
                tracing::debug!(container.id = %id, %error, "inspect failed");
                if calls.is_confirmed_gone(id, &error) {
                    return self.remove(id, calls);
                }
                calls.failed(id, &error);
                return Change::default();
            }
        };
        calls.recovered(id);
        if dirty_again {
            calls.mark_dirty(id, &Cause::Comparison);
            return Change::default();
        }
        let event_at = calls.take_event(id);
        self.timeline.explain(&mut inspected.container);
        let started = self.track_run(&inspected);
        self.timeline.set_lifecycle_settings(id, inspected.lifecycle_settings());
        // Completing a list row is no sign of a missed event.
        let was_listed = self.roster.relies_on_list(id);
        let changed = self.roster.apply_inspect(inspected, requested_at);
        if changed.is_some() && event_at.is_none() && !was_listed {
            calls.unannounced.found(id, Instant::now());
        }
        Change { event_at: event_at.flatten(), started, ..Change::from(changed) }
    }
}
