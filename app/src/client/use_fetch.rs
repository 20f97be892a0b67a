//! An answer of the server that is asked for again whenever what it depends on changes.

use super::{ActionError, ask};
use crate::prelude::*;
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// What is known of the answer: `None` before the first one.
pub type Answer<T> = Signal<Option<Result<Arc<T>, ActionError>>>;

/// Asks at `url`, and again when it or `turn` changes; without an address, nothing is asked. What was answered stays until there is something new; an error takes its
/// place only where nothing was known, or where another address is asked.
///
/// # Server-side
/// Nothing is asked; nothing is known.
pub fn use_answer<T: DeserializeOwned + Send + Sync + 'static>(
    url: Signal<Option<String>>,
    turn: Signal<u64>,
) -> Answer<T> {
    let answer = RwSignal::new(None::<Result<Arc<T>, ActionError>>);
    Effect::new(move |former: Option<Option<String>>| {
        turn.get();
        let asked = url.get();
        if former.is_some_and(|former| former != asked) {
            answer.set(None);
        }
        let Some(address) = asked.clone() else { return asked };
        spawn_local(async move {
            let new = ask::<T>(&address).await.map(Arc::new);
            let is_current = url.try_get_untracked().flatten().is_some_and(|url| url == address);
            let is_known = matches!(answer.try_get_untracked(), Some(Some(Ok(_))));
            if is_current && (new.is_ok() || !is_known) {
                answer.try_set(Some(new));
            }
        });
        asked
    });
    answer.into()
}
