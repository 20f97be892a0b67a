//! First snapshot of a session, sent as one observation: the list, with the inspects that arrive
//! in time.

use super::{Change, Session};
use crate::{
    engine::{ContainerList, EngineError, ListRow},
    watcher::{calls::Cause, unannounced::Unannounced},
};
use futures::StreamExt as _;
use std::{pin::pin, time::Duration};
use tokio::time::{Instant, sleep_until};

/// Timeout for each inspect before the first snapshot; after it, the list row is used.
pub(super) const FIRST_INSPECT_TIMEOUT: Duration = Duration::from_millis(100);
/// Timeout for all inspects before the first snapshot.
const FIRST_SNAPSHOT_TIMEOUT: Duration = Duration::from_secs(2);

impl Session<'_> {
    /// Sends the snapshot. Keeps the events received meanwhile in `early`.
    ///
    /// If the link is lost after the list, the changes known by then are sent: the roster, which
    /// outlives the session, has them already and will not report them again.
    pub(super) async fn send_first_snapshot(
        &mut self,
        list: impl Future<Output = Result<ContainerList, EngineError>>,
    ) -> Result<(), EngineError> {
        let requested_at = Instant::now();
        let listing = self.first_list(list).await?;
        let removed = self.watcher.roster.retain_listed(&listing);
        let mut snapshot = Change { removed, ..Change::default() };
        let inspected = self.first_inspects(&listing.rows, &mut snapshot).await;
        for row in &listing.rows {
            if !self.calls.was_removed(row.id) {
                snapshot.upserted.extend(self.apply_row(row, requested_at));
            }
        }
        // For each container, the last entry counts.
        snapshot.upserted.extend(self.watcher.roster.complete_from_list(&listing.rows));
        for id in &snapshot.removed {
            self.watcher.forget(*id);
        }
        self.watcher.publish(snapshot).await;
        // Containers of the first snapshot need no event.
        self.calls.unannounced = Unannounced::default();
        inspected
    }

    /// Waits for the list, and polls the event stream meanwhile, because bollard opens it at its
    /// first poll.
    async fn first_list(
        &mut self,
        list: impl Future<Output = Result<ContainerList, EngineError>>,
    ) -> Result<ContainerList, EngineError> {
        let mut list = pin!(list);
        loop {
            tokio::select! {
                listing = &mut list => return listing,
                message = self.events.next() => self.early.extend(self.unreadable_events.readable(message)?),
            }
        }
    }

    /// Inspects the listed containers, and adds the responses that arrive in time to the snapshot.
    async fn first_inspects(&mut self, rows: &[ListRow], snapshot: &mut Change) -> Result<(), EngineError> {
        for row in rows {
            match self.watcher.roster.problem(row.id) {
                Some(problem) => self.calls.mark_failing(row.id, problem.clone()),
                None => self.calls.mark_dirty(row.id, &Cause::Comparison),
            }
        }
        let until = Instant::now() + FIRST_SNAPSHOT_TIMEOUT;
        loop {
            self.calls.start_due();
            if self.calls.only_older_left(FIRST_INSPECT_TIMEOUT) || Instant::now() >= until {
                return Ok(());
            }
            let check_at = until.min(Instant::now() + FIRST_INSPECT_TIMEOUT / 10);
            tokio::select! {
                message = self.events.next() => self.early.extend(self.unreadable_events.readable(message)?),
                Some(done) = self.calls.in_flight.next() => {
                    let change = self.apply_response(done)?;
                    snapshot.upserted.extend(change.upserted);
                    snapshot.removed.extend(change.removed);
                }
                () = sleep_until(check_at) => {}
            }
        }
    }
}
