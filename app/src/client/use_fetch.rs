//! A response of the server that is fetched again whenever its inputs change.

use super::{ActionError, get_json};
use crate::prelude::*;
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// The response, or an error; `None` before the first one.
pub type Fetched<T> = Signal<Option<Result<Arc<T>, ActionError>>>;

/// Fetches JSON from `url`, and again when the URL or `trigger` changes. Without a URL, fetches
/// nothing. A response is kept until the next one arrives; an error replaces it only for another
/// URL.
///
/// # Server-side
/// Fetches nothing.
pub fn use_fetch<T: DeserializeOwned + Send + Sync + 'static>(
    url: Signal<Option<String>>,
    trigger: Signal<u64>,
) -> Fetched<T> {
    let fetched = RwSignal::new(None::<Result<Arc<T>, ActionError>>);
    Effect::new(move |former: Option<Option<String>>| {
        trigger.get();
        let current = url.get();
        if former.is_some_and(|former| former != current) {
            fetched.set(None);
        }
        let Some(address) = current.clone() else { return current };
        spawn_local(async move {
            let new = get_json::<T>(&address).await.map(Arc::new);
            let is_current = url.try_get_untracked().flatten().is_some_and(|url| url == address);
            let is_known = matches!(fetched.try_get_untracked(), Some(Some(Ok(_))));
            if is_current && (new.is_ok() || !is_known) {
                fetched.try_set(Some(new));
            }
        });
        current
    });
    fetched.into()
}
