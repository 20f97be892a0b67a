//! Runs an action on a selection and shows its progress and failures. In its own chunk.

use super::{actions::Actions, bulk::Bulk};
use crate::model::Container;
use crate::prelude::*;
use leptos::task::spawn_local;
use std::{sync::Arc, time::Duration};

/// Time after which a complete success is dismissed.
const SUCCESS_TIMEOUT: Duration = Duration::from_secs(6);

/// The progress and the failures.
pub fn results(bulk: RwSignal<Option<Bulk>>, actions: Actions) -> Erased {
    let summary = move || bulk.read().as_ref().map(Bulk::summary).unwrap_or_default();
    let failures = Memo::new(move |_| bulk.read().as_ref().map(Bulk::failures).unwrap_or_default());
    let is_finished = Memo::new(move |_| bulk.read().as_ref().is_some_and(Bulk::is_finished));
    let retry = move |_| {
        if let Some(retry) = bulk.get_untracked().map(|bulk| bulk.retry_failed()) {
            bulk.set(Some(retry));
            pump(bulk, actions);
        }
    };
    view! {
        <div class="selection-bar__results">
            <p class="selection-bar__progress" aria-live="polite">
                {summary}
            </p>
            {move || {
                let failures = failures.get();
                (!failures.is_empty())
                    .then(|| {
                        let failure = |(container, error): (Arc<Container>, crate::client::ActionError)| {
                            view! {
                                <li>
                                    <bdi class="selection-bar__name">{actions.full_name(&container)}</bdi>
                                    ": "
                                    <span dir="auto">{error.detail}</span>
                                </li>
                            }
                        };
                        view! {
                            <ul class="selection-bar__failures" role="list" tabindex="0" aria-label="Failed">
                                {failures.into_iter().map(failure).collect_view()}
                            </ul>
                        }
                    })
                    .erased()
            }}
            {move || {
                let has_failed = !failures.read().is_empty();
                is_finished
                    .get()
                    .then(|| {
                        view! {
                            <div class="selection-bar__after">
                                {has_failed
                                    .then(|| {
                                        view! {
                                            <button type="button" class="button" on:click=retry>
                                                "Retry failed"
                                            </button>
                                        }
                                    })}
                                <button type="button" class="button" on:click=move |_| bulk.set(None)>
                                    "Dismiss"
                                </button>
                            </div>
                        }
                    })
                    .erased()
            }}
        </div>
    }
    .erased()
}

/// Starts as many requests as the limit allows; each completed request starts the next. Continues
/// when the user leaves the list.
pub fn pump(bulk: RwSignal<Option<Bulk>>, actions: Actions) {
    while let Some((place, container)) = bulk.try_update(|bulk| bulk.as_mut()?.start_next()).flatten() {
        let Some(action) = bulk.with_untracked(|bulk| bulk.as_ref().map(|bulk| bulk.action)) else { return };
        spawn_local(async move {
            let result = actions.run(action, container).await;
            bulk.try_update(|bulk| {
                if let Some(bulk) = bulk {
                    bulk.settle(place, result);
                }
            });
            pump(bulk, actions);
            dismiss_success_later(bulk);
        });
    }
}

/// Dismisses the result after a while if there were no failures.
fn dismiss_success_later(bulk: RwSignal<Option<Bulk>>) {
    let finished = bulk.try_get_untracked().flatten().filter(|bulk| bulk.is_finished() && bulk.failures().is_empty());
    if let Some(finished) = finished {
        set_timeout(
            move || {
                if bulk.try_get_untracked().flatten() == Some(finished) {
                    bulk.try_set(None);
                }
            },
            SUCCESS_TIMEOUT,
        );
    }
}
