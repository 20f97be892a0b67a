//! Says what matters to those who do not see the page: what stops, dies, fails its health check and recovers, what was done from here, and
//! that the link is lost or back. One polite live region, and at most one sentence every few seconds.
//!
//! In: the rows as they change. Out: the text of the region. What to say is [`news`]' (pure); here is when.

pub mod news;

use super::trouble_title::{DISCONNECTED, use_trouble_title};
use crate::prelude::*;
use crate::{acting::actions::use_actions, client::use_realtime_containers};
use news::{Newsreader, Present};
use std::time::Duration;

/// From one sentence to the next: time to hear it, and to hear something else.
const PAUSE: Duration = Duration::from_secs(4);

/// From a change to the sentence: what is removed by force stops first, and is one piece of news.
const GATHERING: Duration = Duration::from_millis(300);

/// Whose turn it is: a change's, or the silence's after a sentence.
#[derive(Clone, Copy)]
struct Turn {
    /// Says what there is to say; false when that is nothing.
    speak: Callback<(), bool>,
    is_taken: StoredValue<bool>,
    is_asked_for: StoredValue<bool>,
}

impl Turn {
    /// Something changed.
    fn ask(self) {
        if self.is_taken.try_get_value().unwrap_or(true) {
            self.is_asked_for.try_set_value(true);
        } else {
            self.is_taken.try_set_value(true);
            set_timeout(move || self.take(), GATHERING);
        }
    }

    fn take(self) {
        // Gone with the page.
        if self.is_taken.try_get_value().is_none() {
            return;
        }
        self.is_asked_for.try_set_value(false);
        if self.speak.run(()) {
            set_timeout(move || self.give(), PAUSE);
        } else {
            self.give();
        }
    }

    fn give(self) {
        if self.is_taken.try_set_value(false).is_none() && self.is_asked_for.try_get_value() == Some(true) {
            self.ask();
        }
    }
}

/// The live region.
#[component]
pub fn Announcer() -> Erased {
    let hook = use_realtime_containers();
    let actions = use_actions();
    let title = use_trouble_title();
    let reader = StoredValue::new(Newsreader::default());
    let sentence = RwSignal::new(String::new());
    let next = move || {
        let done = actions.done().get_untracked();
        let is_ours = |id| untrack(|| actions.pending(id)).is_some() || done.iter().any(|deed| deed.before.id == id);
        let now = hook.now.get_untracked();
        let is_lost = *title.read_untracked() == DISCONNECTED;
        hook.rows.with_picture(|picture| {
            let present = Present { now, containers: &picture.containers, done: &done, is_lost, is_ours: &is_ours };
            reader.try_update_value(|reader| reader.next(&present)).flatten()
        })
    };
    let speak = Callback::new(move |()| match next().flatten() {
        Some(said) => {
            sentence.try_set(said);
            true
        }
        None => false,
    });
    // What there is at first is no news.
    Effect::new(move |former: Option<()>| {
        if former.is_none() {
            speak.run(());
        }
    });
    let turn = Turn { speak, is_taken: StoredValue::new(false), is_asked_for: StoredValue::new(false) };
    Effect::new(move |_| {
        hook.rows.told().track();
        title.track();
        actions.done().track();
        turn.ask();
    });
    view! {
        <p class="visually-hidden" aria-live="polite" data-announcements="">
            {text(move || sentence.get())}
        </p>
    }
    .erased()
}
