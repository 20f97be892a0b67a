//! The choices of `/events`: what the address says, and, a moment ahead of it, the words being typed.

use super::EventsQuery;
use crate::parts::typed_search::{TypedSearch, use_typed_search};
use crate::prelude::*;
use leptos_router::hooks::use_location;

/// The page's choices. `Copy`: pass it about freely.
#[derive(Clone, Copy)]
pub struct Choices {
    query: Memo<EventsQuery>,
    typed: TypedSearch,
}

/// The choices in this page's address.
///
/// # Server-side
/// Only read.
pub fn use_events_query() -> Choices {
    let search = use_location().search;
    let address = Memo::new(move |_| EventsQuery::parse(&search.read()));
    let typed = use_typed_search(move || address.read().words.clone());
    Choices { query: Memo::new(move |_| EventsQuery { words: typed.words(), ..address.get() }), typed }
}

impl Choices {
    /// Everything chosen.
    pub fn query(&self) -> Signal<EventsQuery> {
        self.query.into()
    }

    /// Takes the words as they are typed: the entries follow at once, the address after a pause, without a step in the history.
    pub fn search(&self, words: String) {
        let query = self.query;
        self.typed.search(words, move || query.try_get_untracked().map(|query| query.href()));
    }
}
