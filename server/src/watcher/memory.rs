//! What the timeline is told: every event, also those that it missed, and what inspect remembers of the time before.

use super::Watcher;
use crate::{
    engine::{EngineClient, EngineError, EventMessage, LogTime},
    timeline::MOST_AGE,
};
use app::model::Timestamp;
use futures::{Stream, StreamExt as _};
use std::{future::ready, time::Duration};
use tokio::time::Instant;

/// What the engine remembers of events has come by then, so that inspect's times are asked for the rest only.
pub(super) const RECALL_AFTER: Duration = Duration::from_secs(1);
/// The past comes at once. What comes later happens now, whatever the clock says that stamped it: clocks are set back, an hour and
/// more, and a virtual machine's stands still while its host sleeps.
pub(super) const PAST_COMES_WITHIN: Duration = Duration::from_secs(3);

impl Watcher {
    /// Events from `since` on. The timeline is told of these and of all that it has missed, as far as the engine remembers: Docker its
    /// last 256 events, Podman what its file of events holds.
    ///
    /// # Errors
    /// When the address cannot be written, which does not happen.
    pub(super) fn events(
        &self,
        client: &EngineClient,
        since: Timestamp,
    ) -> Result<impl Stream<Item = Result<EventMessage, EngineError>> + use<>, EngineError> {
        let since = LogTime::from(since);
        let missed = self.timeline.newest().map_or_else(|| since.before(MOST_AGE), LogTime);
        let from = since.min(missed);
        let timeline = self.timeline.clone();
        let past_until = Instant::now() + PAST_COMES_WITHIN;
        let is_present = move |message: &EventMessage| {
            let nanos = message.nanos().and_then(|nanos| u64::try_from(nanos).ok());
            nanos.is_none_or(|nanos| nanos >= since.0) || Instant::now() >= past_until
        };
        let events = client.events(&from.to_string())?;
        Ok(events.filter(move |message| {
            let present = message.as_ref().map_or(true, |message| {
                timeline.record(message);
                is_present(message)
            });
            ready(present)
        }))
    }
}
