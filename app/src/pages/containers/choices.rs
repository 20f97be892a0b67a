//! The query of the page: what the address says, and, a moment ahead of it, the search being typed.

use crate::prelude::*;
use crate::{prefs::remembered::use_remembered, query::ListQuery};
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
    query: Memo<ListQuery>,
    typed: RwSignal<String>,
    written: StoredValue<String>,
    timer: StoredValue<Option<TimeoutHandle>>,
    navigate: Callback<(String, bool)>,
}

/// The choices in this page's address.
///
/// # Server-side
/// Only read.
pub fn use_choices() -> Choices {
    let search = use_location().search;
    let remembered = use_remembered();
    let address = Memo::new(move |_| ListQuery::parse_over(remembered.query(), &search.read()));
    let typed = RwSignal::new(address.with_untracked(|query| query.search.clone()));
    let query = Memo::new(move |_| ListQuery { search: typed.get(), ..address.get() });
    let written = StoredValue::new(typed.get_untracked());
    let go = use_navigate();
    let navigate = Callback::new(move |(href, replace): (String, bool)| {
        go(&href, NavigateOptions { replace, scroll: false, ..NavigateOptions::default() });
    });
    let timer = StoredValue::new(None::<TimeoutHandle>);
    // Back, Forward and links change the words in the field; our own writing must not, it may be behind the typing.
    Effect::new(move |_| {
        let words = address.read().search.clone();
        if written.try_get_value().as_ref() != Some(&words) {
            written.set_value(words.clone());
            typed.set(words);
        }
    });
    let choices = Choices { query, typed, written, timer, navigate };
    on_cleanup(move || choices.stop_timer());
    choices
}

impl Choices {
    /// Everything chosen.
    pub fn query(&self) -> Signal<ListQuery> {
        self.query.into()
    }

    /// Takes the search as it is typed: the list follows at once, the address after a pause, without a step in the history.
    pub fn search(&self, words: String) {
        self.typed.set(words);
        self.stop_timer();
        let this = *self;
        let write = move || {
            if let Some(query) = this.query.try_get_untracked() {
                this.go(&query, true);
            }
        };
        self.timer.set_value(set_timeout_with_handle(write, PAUSE).ok());
    }

    /// Takes any other choice, as a step in the history.
    pub fn change(&self, query: &ListQuery) {
        self.stop_timer();
        self.go(query, false);
    }

    fn go(&self, query: &ListQuery, replace: bool) {
        self.written.set_value(query.search.clone());
        self.navigate.run((query.href(), replace));
    }

    fn stop_timer(&self) {
        if let Some(Some(timer)) = self.timer.try_update_value(Option::take) {
            timer.clear();
        }
    }
}
