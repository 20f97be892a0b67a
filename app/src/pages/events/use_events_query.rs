//! The query of `/events`: the choices in the URL, and the search text, which is ahead of the
//! URL while the user types.

use super::EventsQuery;
use crate::parts::typed_search::{TypedSearch, use_typed_search};
use crate::prelude::*;
use leptos_router::hooks::use_location;

/// The page's choices. `Copy`, so that any closure can capture it.
#[derive(Clone, Copy)]
pub struct Choices {
    query: Memo<EventsQuery>,
    typed: TypedSearch,
}

/// The choices in this page's URL.
///
/// # Server-side
/// Read-only.
pub fn use_events_query() -> Choices {
    let search = use_location().search;
    let address = Memo::new(move |_| EventsQuery::parse(&search.read()));
    let typed = use_typed_search(move || address.read().words.clone());
    Choices { query: Memo::new(move |_| EventsQuery { words: typed.words(), ..address.get() }), typed }
}

impl Choices {
    /// The current query.
    pub fn query(&self) -> Signal<EventsQuery> {
        self.query.into()
    }

    /// Sets the search text. The entries update immediately, the URL after a delay and without a
    /// new history entry.
    pub fn search(&self, words: String) {
        let query = self.query;
        self.typed.search(words, move || query.try_get_untracked().map(|query| query.href()));
    }
}
