//! What the timeline is told: every event, also those that it missed, and what inspect remembers of the time before.

use super::Watcher;
use crate::{
    engine::{EngineClient, EngineError},
    logs::LogTime,
    timeline::MOST_AGE,
};
use app::model::Timestamp;
use bollard::models::EventMessage;
use futures::{Stream, StreamExt as _};
use std::{future::ready, time::Duration};

/// What the engine remembers of events has come by then, so that inspect's times are asked for the rest only.
pub(super) const RECALL_AFTER: Duration = Duration::from_secs(1);

impl Watcher {
    /// Events from `since` on. The timeline is told of these and of all that it has missed, as far as the engine remembers: Docker its
    /// last 256 events, Podman what its file of events holds.
    pub(super) fn events(
        &self,
        client: &EngineClient,
        since: Timestamp,
    ) -> impl Stream<Item = Result<EventMessage, EngineError>> + use<> {
        let since = LogTime::from(since);
        let missed = self.timeline.newest().map_or_else(|| since.before(MOST_AGE), LogTime);
        let from = if self.distrusts_past { since } else { since.min(missed) };
        let timeline = self.timeline.clone();
        let is_present = move |message: &EventMessage| {
            let nanos = message.time_nano.and_then(|nanos| u64::try_from(nanos).ok());
            nanos.is_none_or(|nanos| nanos >= since.0)
        };
        client.events(Some(from.to_string())).filter(move |message| {
            let present = message.as_ref().map_or(true, |message| {
                timeline.record(message);
                is_present(message)
            });
            ready(present)
        })
    }
}
