//! Requests for past events: the newest, those before the oldest, or those since a time.

use super::{EventList, TimelineQuery, TimelineState, reader::Reader};
use crate::prelude::*;
use crate::{
    client::{ActionError, get_json},
    model::{Occurrence, Occurrences},
};
use leptos::task::spawn_local;
use std::sync::Arc;

/// Number of events per request.
pub(super) const PAGE_SIZE: usize = 500;

impl Reader {
    pub(super) fn fetch_newest(self, turn: u32) {
        let Some(address) = self.query.try_with_untracked(|query| query.address("/api/events", PAGE_SIZE)) else {
            return;
        };
        self.update(|parts| parts.is_fetching = true);
        spawn_local(async move {
            let response = get_json::<Occurrences>(&address).await;
            if self.update(|parts| parts.turn) != Some(turn) {
                return;
            }
            self.update(|parts| parts.is_fetching = false);
            match response {
                Ok(Occurrences { events, recorded_since }) => {
                    // Without events, the stream starts at the beginning.
                    let last_id = events.last().map(|event| event.id.clone()).unwrap_or_default();
                    let is_complete = events.len() < PAGE_SIZE;
                    self.events.try_update(|list| {
                        list.recorded_since = Some(recorded_since);
                        list.is_complete = is_complete;
                        list.add(events);
                    });
                    self.update(|parts| parts.last_id = Some(last_id));
                    self.resume();
                    self.state.try_set(TimelineState::Waiting);
                }
                Err(problem) => self.failed(TimelineState::Failed(problem)),
            }
        });
    }

    pub(super) fn fetch_older(self) {
        let oldest = self.events.try_with_untracked(EventList::oldest).flatten();
        let (Some(oldest), Some(turn)) = (oldest, self.update(|parts| parts.turn)) else { return };
        let Some(address) = self.query.try_with_untracked(|query| query.address("/api/events", PAGE_SIZE)) else {
            return;
        };
        spawn_local(async move {
            // Events of the same millisecond are returned again; the list ignores them.
            let response = get_json::<Occurrences>(&format!("{address}&until={oldest}")).await;
            if let (Ok(Occurrences { events, .. }), true) = (response, self.update(|parts| parts.turn) == Some(turn)) {
                let is_complete = events.len() < PAGE_SIZE;
                self.events.try_update(|list| {
                    list.is_complete = is_complete;
                    list.add(events);
                });
            }
        });
    }
}

/// Fetches the newest events of a query, at most `limit`.
///
/// # Errors
/// [`ActionError`], as [`get_json()`].
pub async fn fetch_events(query: &TimelineQuery, limit: usize) -> Result<Vec<Arc<Occurrence>>, ActionError> {
    let response = get_json::<Occurrences>(&query.address("/api/events", limit)).await?;
    Ok(response.events.into_iter().map(Arc::new).collect())
}
