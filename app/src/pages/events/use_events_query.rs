//! The choices of `/events`: what the address says, and, a moment ahead of it, the words being typed.

use super::EventsQuery;
use crate::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
};
use std::time::Duration;

/// The address follows typing after this pause: browsers allow about 100 changes of the address in 30 s.
const PAUSE: Duration = Duration::from_millis(250);

/// The page's choices. `Copy`: pass it about freely.
#[derive(Clone, Copy)]
pub struct Choices {
    query: Memo<EventsQuery>,
    typed: RwSignal<String>,
    written: StoredValue<String>,
    timer: StoredValue<Option<TimeoutHandle>>,
    navigate: Callback<String>,
}

/// The choices in this page's address.
///
/// # Server-side
/// Only read.
pub fn use_events_query() -> Choices {
    let search = use_location().search;
    let address = Memo::new(move |_| EventsQuery::parse(&search.read()));
    let typed = RwSignal::new(address.with_untracked(|query| query.words.clone()));
    let query = Memo::new(move |_| EventsQuery { words: typed.get(), ..address.get() });
    let written = StoredValue::new(typed.get_untracked());
    let go = use_navigate();
    let navigate = Callback::new(move |href: String| {
        go(&href, NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() });
    });
    // Back, Forward and links change the words in the field; our own writing must not, it may be behind the typing.
    Effect::new(move |_| {
        let words = address.read().words.clone();
        if written.try_get_value().as_ref() != Some(&words) {
            written.set_value(words.clone());
            typed.set(words);
        }
    });
    let choices = Choices { query, typed, written, timer: StoredValue::new(None), navigate };
    on_cleanup(move || choices.stop_timer());
    choices
}

impl Choices {
    /// Everything chosen.
    pub fn query(&self) -> Signal<EventsQuery> {
        self.query.into()
    }

    /// Takes the words as they are typed: the entries follow at once, the address after a pause, without a step in the history.
    pub fn search(&self, words: String) {
        self.typed.set(words);
        self.stop_timer();
        let this = *self;
        let write = move || {
            if let Some(query) = this.query.try_get_untracked() {
                this.written.try_set_value(query.words.clone());
                this.navigate.run(query.href());
            }
        };
        self.timer.set_value(set_timeout_with_handle(write, PAUSE).ok());
    }

    fn stop_timer(&self) {
        if let Some(Some(timer)) = self.timer.try_update_value(Option::take) {
            timer.clear();
        }
    }
}
