//! Passes engine events to the timeline, including those from before this session.
//!
//! In: the engine's event stream. Out: live events for the session; all events for the timeline.

use super::Watcher;
use crate::{
    engine::{EngineClient, EngineError, EventMessage, LogTime},
    timeline::MAX_AGE,
};
use app::model::Timestamp;
use futures::{Stream, StreamExt as _};
use std::{future::ready, time::Duration};
use tokio::time::Instant;

/// Wait for replayed events before gaps in the timeline are filled with the times in inspect.
pub(super) const RECALL_DELAY: Duration = Duration::from_secs(1);
/// Time within which replayed events arrive. Later events are live whatever their timestamp: clocks
/// may be set back, and a virtual machine's clock stops while its host sleeps.
pub(super) const REPLAY_WINDOW: Duration = Duration::from_secs(3);

impl Watcher {
    /// Streams events since `since`. The timeline also records events that it missed before, as far
    /// as the engine remembers them: Docker keeps 256 events, Podman a file.
    ///
    /// # Errors
    /// If the request target is invalid, which does not happen.
    pub(super) fn events(
        &self,
        client: &EngineClient,
        since: Timestamp,
    ) -> Result<impl Stream<Item = Result<EventMessage, EngineError>> + use<>, EngineError> {
        let since = LogTime::from(since);
        let missed = self.timeline.newest(self.address.name).map_or_else(|| since.before(MAX_AGE), LogTime);
        let from = since.min(missed);
        let (timeline, engine) = (self.timeline.clone(), self.address.name);
        let past_until = Instant::now() + REPLAY_WINDOW;
        let is_present = move |message: &EventMessage| {
            let nanos = message.nanos().and_then(|nanos| u64::try_from(nanos).ok());
            nanos.is_none_or(|nanos| nanos >= since.0) || Instant::now() >= past_until
        };
        let events = client.events(&from.to_string())?;
        Ok(events.filter(move |message| {
            let present = message.as_ref().map_or(true, |message| {
                timeline.record(engine, message);
                is_present(message)
            });
            ready(present)
        }))
    }
}
