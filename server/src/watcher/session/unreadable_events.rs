//! Unreadable events, after which all containers are inspected.

use crate::engine::{EngineError, EventMessage};
use std::time::Duration;
use tokio::time::Instant;

/// Minimum time between inspects of all containers because of unreadable events.
const FULL_INSPECT_INTERVAL: Duration = Duration::from_secs(3);

/// Unreadable events, each of which requires an inspect of all containers.
#[derive(Default)]
pub(super) struct UnreadableEvents {
    since: Option<Instant>,
    settled_at: Option<Instant>,
}

impl UnreadableEvents {
    /// Returns a readable event, or `None` for an unreadable one, after which all containers are
    /// inspected.
    ///
    /// # Errors
    /// If the stream has ended.
    pub(super) fn readable(
        &mut self,
        event: Option<Result<EventMessage, EngineError>>,
    ) -> Result<Option<EventMessage>, EngineError> {
        match event.ok_or(EngineError::Closed)? {
            Ok(message) => Ok(Some(message)),
            Err(EngineError::InvalidResponse(error)) => {
                if self.since.is_none() {
                    tracing::warn!(error, "unreadable event; inspecting all containers");
                }
                self.since.get_or_insert_with(Instant::now);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// True if it is time to inspect all containers.
    pub(super) fn is_due(&self) -> bool {
        self.since.is_some() && self.settled_at.is_none_or(|at| at.elapsed() >= FULL_INSPECT_INTERVAL)
    }

    /// Handles a list requested at `requested_at`. Returns true if all containers are to be
    /// inspected.
    pub(super) fn settle(&mut self, requested_at: Instant) -> bool {
        let settles = self.is_due() && self.since.is_some_and(|since| since <= requested_at);
        if settles {
            (self.since, self.settled_at) = (None, Some(Instant::now()));
        }
        settles
    }
}
