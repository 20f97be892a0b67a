//! What comes of an action on a whole selection: its progress, what was not done, and who is next. In a chunk of its own.

use super::{actions::Actions, bulk::Bulk};
use crate::model::Container;
use crate::prelude::*;
use leptos::task::spawn_local;
use std::{sync::Arc, time::Duration};

/// How long it says that all was done.
const SAID_FOR: Duration = Duration::from_secs(6);

/// How far it has come, and what was not done.
pub fn results(bulk: RwSignal<Option<Bulk>>, actions: Actions) -> Erased {
    let said = text(move || bulk.read().as_ref().map(Bulk::say).unwrap_or_default());
    let failures = Memo::new(move |_| bulk.read().as_ref().map(Bulk::failures).unwrap_or_default());
    let is_over = Memo::new(move |_| bulk.read().as_ref().is_some_and(Bulk::is_over));
    let retry = move |_| {
        if let Some(again) = bulk.get_untracked().map(|bulk| bulk.again()) {
            bulk.set(Some(again));
            pump(bulk, actions);
        }
    };
    view! {
        <div class="selection-bar__results">
            <p class="selection-bar__progress" aria-live="polite">
                {said}
            </p>
            {live(move || {
                let failures = failures.get();
                (!failures.is_empty())
                    .then(|| {
                        let failure = |(container, error): (Arc<Container>, crate::client::ActionError)| {
                            view! {
                                <li>
                                    <bdi class="selection-bar__name">{container.name.clone()}</bdi>
                                    ": "
                                    <span dir="auto">{error.detail}</span>
                                </li>
                            }
                        };
                        view! {
                            <ul class="selection-bar__failures" role="list" tabindex="0" aria-label="Not done">
                                {failures.into_iter().map(failure).collect_view()}
                            </ul>
                        }
                    })
                    .erased()
            })}
            {live(move || {
                let has_failed = !failures.read().is_empty();
                is_over
                    .get()
                    .then(|| {
                        view! {
                            <div class="selection-bar__after">
                                {has_failed
                                    .then(|| {
                                        view! {
                                            <button type="button" class="button" on:click=retry>
                                                "Try the failed again"
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
            })}
        </div>
    }
    .erased()
}

/// Begins what can be begun; each that is done begins the next. Goes on when the page's list is left.
pub fn pump(bulk: RwSignal<Option<Bulk>>, actions: Actions) {
    while let Some((place, container)) = bulk.try_update(|bulk| bulk.as_mut()?.begin_next()).flatten() {
        let Some(action) = bulk.with_untracked(|bulk| bulk.as_ref().map(|bulk| bulk.action)) else { return };
        spawn_local(async move {
            let result = actions.carry_out(action, container).await;
            bulk.try_update(|bulk| {
                if let Some(bulk) = bulk {
                    bulk.settle(place, result);
                }
            });
            pump(bulk, actions);
            say_for_a_while(bulk);
        });
    }
}

/// Takes the result off the screen where there is nothing to be read in it.
fn say_for_a_while(bulk: RwSignal<Option<Bulk>>) {
    let finished = bulk.try_get_untracked().flatten().filter(|bulk| bulk.is_over() && bulk.failures().is_empty());
    if let Some(finished) = finished {
        set_timeout(
            move || {
                if bulk.try_get_untracked().flatten() == Some(finished) {
                    bulk.try_set(None);
                }
            },
            SAID_FOR,
        );
    }
}
