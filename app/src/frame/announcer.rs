//! Announcements for screen readers: containers that stop, fail, become unhealthy or recover,
//! completed actions, and the loss and return of the connection. One polite live region, with at
//! most one sentence every few seconds.
//!
//! In: changes of the rows. Out: the text of the region. [`news`] (pure) chooses the text; this
//! module chooses the time.

pub mod news;

use super::attention_title::{DISCONNECTED, use_attention_title};
use crate::prelude::*;
use crate::{acting::actions::use_actions, client::use_realtime_containers};
use news::{NewsTracker, Snapshot};
use std::time::Duration;

/// Interval between announcements: long enough to hear one, and something else in between.
const SENTENCE_INTERVAL: Duration = Duration::from_secs(4);

/// Delay between a change and its announcement, so that related changes become one: a forced
/// removal, for example, stops the container first.
const COALESCE_DELAY: Duration = Duration::from_millis(300);

/// Schedules the announcements: one at a time, with an interval between them.
#[derive(Clone, Copy)]
struct Schedule {
    /// Announces the next sentence; false if there is none.
    speak: Callback<(), bool>,
    is_busy: StoredValue<bool>,
    has_changes: StoredValue<bool>,
}

impl Schedule {
    /// Handles a change.
    fn on_change(self) {
        if self.is_busy.try_get_value().unwrap_or(true) {
            self.has_changes.try_set_value(true);
        } else {
            self.is_busy.try_set_value(true);
            set_timeout(move || self.announce(), COALESCE_DELAY);
        }
    }

    fn announce(self) {
        // The page was closed.
        if self.is_busy.try_get_value().is_none() {
            return;
        }
        self.has_changes.try_set_value(false);
        if self.speak.run(()) {
            set_timeout(move || self.release(), SENTENCE_INTERVAL);
        } else {
            self.release();
        }
    }

    fn release(self) {
        if self.is_busy.try_set_value(false).is_none() && self.has_changes.try_get_value() == Some(true) {
            self.on_change();
        }
    }
}

/// The live region that screen readers read out.
#[component]
pub fn Announcer() -> Erased {
    let hook = use_realtime_containers();
    let actions = use_actions();
    let title = use_attention_title();
    let tracker = StoredValue::new(NewsTracker::default());
    let sentence = RwSignal::new(String::new());
    let next = move || {
        let done = actions.done().get_untracked();
        let is_ours =
            |key| untrack(|| actions.pending(key)).is_some() || done.iter().any(|tracked| tracked.before.key() == key);
        let now = hook.now.get_untracked();
        let is_lost = *title.read_untracked() == DISCONNECTED;
        hook.rows.with_picture(|picture| {
            let snapshot = Snapshot { now, containers: &picture.containers, done: &done, is_lost, is_ours: &is_ours };
            tracker.try_update_value(|tracker| tracker.next(&snapshot)).flatten()
        })
    };
    let speak = Callback::new(move |()| match next().flatten() {
        Some(text) => {
            sentence.try_set(text);
            true
        }
        None => false,
    });
    let schedule = Schedule { speak, is_busy: StoredValue::new(false), has_changes: StoredValue::new(false) };
    Effect::new(move |former: Option<()>| {
        hook.rows.container_revision().track();
        title.track();
        actions.done().track();
        if former.is_some() {
            schedule.on_change();
        } else {
            // The tracker remembers the initial state, which is not announced.
            speak.run(());
        }
    });
    view! {
        <p class="visually-hidden" aria-live="polite" data-announcements="">
            {move || sentence.get()}
        </p>
    }
    .erased()
}
