//! Streams events while they are recorded.

use super::{
    EventQuery, Timeline,
    log::{Key, Recorded},
};
use crate::now;
use app::model::Occurrence;
use std::time::Duration;
use tokio::sync::watch;

/// Delay of events for users with a limited scope, because an event arrives before its container is
/// known.
const VISIBILITY_DELAY: Duration = Duration::from_secs(1);
/// Maximum number of events per batch.
const MAX_BATCH: usize = 100;

/// A reader of the timeline, which only stores its position.
#[derive(Debug)]
pub struct Reader {
    timeline: Timeline,
    query: EventQuery,
    /// Number of the next event.
    next: u64,
    /// Key of the last event that was read before a restart of the server; events up to it are
    /// skipped.
    read: Option<Key>,
    recorded: watch::Receiver<u64>,
}

impl Reader {
    pub(super) fn new(timeline: Timeline, query: EventQuery, after: Option<&str>) -> Self {
        let recorded = timeline.shared.recorded.subscribe();
        let key = after.and_then(|id| id.parse::<Key>().ok());
        let (next, read) = {
            let state = timeline.lock();
            match key.map(|key| (key, state.log.number(key))) {
                Some((_, Some(number))) => (number + 1, None),
                Some((key, None)) => (0, Some(key)),
                // From the start of the log; the query filters by time.
                None if query.since.is_some() => (0, None),
                None => (state.log.end(), None),
            }
        };
        Self { timeline, query, next, read, recorded }
    }

    /// Returns the next events in the order of recording; waits for the first. Cancel safe.
    pub async fn next(&mut self) -> Vec<Occurrence> {
        loop {
            self.recorded.borrow_and_update();
            let batch = self.batch();
            if !batch.is_empty() {
                return batch;
            }
            // This reader holds the timeline, so its sender exists.
            let more = self.recorded.changed();
            if self.timeline.seen.is_some() {
                let _ = tokio::time::timeout(VISIBILITY_DELAY / 4, more).await;
            } else {
                let _ = more.await;
            }
        }
    }

    /// True if it is not yet known whether the reader may see the container.
    fn is_too_new(&self, recorded: &Recorded) -> bool {
        self.timeline.seen.is_some() && now().since(recorded.occurrence.at) < VISIBILITY_DELAY
    }

    fn batch(&mut self) -> Vec<Occurrence> {
        let state = self.timeline.lock();
        let mut batch = Vec::new();
        for (number, recorded) in state.log.from(self.next) {
            if batch.len() == MAX_BATCH || self.is_too_new(recorded) {
                break;
            }
            self.next = number + 1;
            let was_read = self.read.is_some_and(|read| recorded.key == read || recorded.key.nanos < read.nanos);
            let is_visible = self.query.matches(recorded) && self.timeline.shows(recorded.occurrence.key());
            if !was_read && is_visible {
                batch.push(recorded.to_occurrence());
            }
        }
        batch
    }
}
