//! What is asked for at once: the newest, those before the oldest, or those since a time.

use super::{Book, Reading, Wanted, reader::Reader};
use crate::{
    client::{ActionError, ask},
    model::{Occurrence, Occurrences},
};
use leptos::task::spawn_local;
use std::sync::Arc;

/// Asked for at once; more when somebody wants to see them.
pub(super) const PAGE: usize = 500;

impl Reader {
    pub(super) fn ask(self, turn: u32) {
        let Some(address) = self.wanted.try_with_untracked(|wanted| wanted.address("/api/events", PAGE)) else {
            return;
        };
        self.update(|parts| parts.asking = true);
        spawn_local(async move {
            let answer = ask::<Occurrences>(&address).await;
            if self.update(|parts| parts.turn) != Some(turn) {
                return;
            }
            self.update(|parts| parts.asking = false);
            match answer {
                Ok(Occurrences { events, recorded_since }) => {
                    // Without any, the stream begins at the beginning.
                    let place = events.last().map(|event| event.id.clone()).unwrap_or_default();
                    let is_all = events.len() < PAGE;
                    self.book.try_update(|book| {
                        book.recorded_since = Some(recorded_since);
                        book.begins = is_all;
                        book.add(events);
                    });
                    self.update(|parts| parts.place = Some(place));
                    self.resume();
                    self.reading.try_set(Reading::Waiting);
                }
                Err(problem) => self.failed(Reading::Failed(problem)),
            }
        });
    }

    pub(super) fn ask_older(self) {
        let oldest = self.book.try_with_untracked(Book::oldest).flatten();
        let (Some(oldest), Some(turn)) = (oldest, self.update(|parts| parts.turn)) else { return };
        let Some(address) = self.wanted.try_with_untracked(|wanted| wanted.address("/api/events", PAGE)) else {
            return;
        };
        spawn_local(async move {
            // Those of the same millisecond come again, and are known.
            let answer = ask::<Occurrences>(&format!("{address}&until={oldest}")).await;
            if let (Ok(Occurrences { events, .. }), true) = (answer, self.update(|parts| parts.turn) == Some(turn)) {
                let is_all = events.len() < PAGE;
                self.book.try_update(|book| {
                    book.begins = is_all;
                    book.add(events);
                });
            }
        });
    }
}

/// What happened since a time, the newest so many; once.
///
/// # Errors
/// [`ActionError`], as [`ask()`].
pub async fn happened(wanted: &Wanted, limit: usize) -> Result<Vec<Arc<Occurrence>>, ActionError> {
    let answer = ask::<Occurrences>(&wanted.address("/api/events", limit)).await?;
    Ok(answer.events.into_iter().map(Arc::new).collect())
}
