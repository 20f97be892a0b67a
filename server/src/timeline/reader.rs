//! Reads the timeline as it is written.

use super::{
    EventQuery, Timeline,
    log::{Key, Recorded},
};
use crate::now;
use app::model::Occurrence;
use std::time::Duration;
use tokio::sync::watch;

/// An event is told sooner than its container is known; for those who may see some containers only, it waits for that.
const KNOWN_AFTER: Duration = Duration::from_secs(1);
/// Given out together at most.
const BATCH: usize = 100;

/// Stands behind what it has read; nothing is kept for it.
#[derive(Debug)]
pub struct Reader {
    timeline: Timeline,
    query: EventQuery,
    /// The number of what comes next.
    next: u64,
    /// What is not later than this was read from another server, which this one does not remember.
    read: Option<Key>,
    recorded: watch::Receiver<u64>,
}

impl Reader {
    pub(super) fn new(timeline: Timeline, query: EventQuery, behind: Option<&str>) -> Self {
        let recorded = timeline.shared.recorded.subscribe();
        let key = behind.and_then(|id| id.parse::<Key>().ok());
        let (next, read) = {
            let state = timeline.lock();
            match key.map(|key| (key, state.log.number(key))) {
                Some((_, Some(number))) => (number + 1, None),
                Some((key, None)) => (0, Some(key)),
                // From some time on: the query sees to that.
                None if query.since.is_some() => (0, None),
                None => (state.log.end(), None),
            }
        };
        Self { timeline, query, next, read, recorded }
    }

    /// The next few, in the order they were recorded; waits for the first. Cancel safe.
    pub async fn next(&mut self) -> Vec<Occurrence> {
        loop {
            self.recorded.borrow_and_update();
            let batch = self.batch();
            if !batch.is_empty() {
                return batch;
            }
            // The timeline is held here, so that its sender is not gone.
            let more = self.recorded.changed();
            if self.timeline.seen.is_some() {
                let _ = tokio::time::timeout(KNOWN_AFTER / 4, more).await;
            } else {
                let _ = more.await;
            }
        }
    }

    /// Whether its container may be in the reader's sight without anybody knowing yet.
    fn is_too_new(&self, recorded: &Recorded) -> bool {
        self.timeline.seen.is_some() && now().since(recorded.occurrence.at) < KNOWN_AFTER
    }

    fn batch(&mut self) -> Vec<Occurrence> {
        let state = self.timeline.lock();
        let mut batch = Vec::new();
        for (number, recorded) in state.log.from(self.next) {
            if batch.len() == BATCH || self.is_too_new(recorded) {
                break;
            }
            self.next = number + 1;
            let was_read = self.read.is_some_and(|read| recorded.key == read || recorded.key.nanos < read.nanos);
            let is_told = self.query.wants(recorded) && self.timeline.tells_of(recorded.occurrence.container_id);
            if !was_read && is_told {
                batch.push(recorded.told());
            }
        }
        batch
    }
}
