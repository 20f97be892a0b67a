//! The page's query: the choices in the URL, and the search text, which is ahead of the URL
//! while the user types.

use crate::prelude::*;
use crate::{
    parts::typed_search::{TypedSearch, use_typed_search},
    prefs::remembered::use_remembered,
    query::ListQuery,
};
use leptos_router::hooks::use_location;

/// The page's choices. `Copy`, so that any closure can capture it.
#[derive(Clone, Copy)]
pub struct Choices {
    query: Memo<ListQuery>,
    typed: TypedSearch,
}

/// The choices in this page's URL.
///
/// # Server-side
/// Read-only.
pub fn use_choices() -> Choices {
    let search = use_location().search;
    let remembered = use_remembered();
    let address = Memo::new(move |_| ListQuery::parse_over(remembered.query(), &search.read()));
    let typed = use_typed_search(move || address.read().search.clone());
    Choices { query: Memo::new(move |_| ListQuery { search: typed.words(), ..address.get() }), typed }
}

impl Choices {
    /// The current query.
    pub fn query(&self) -> Memo<ListQuery> {
        self.query
    }

    /// Sets the search text. The list updates immediately, the URL after a delay and without a new
    /// history entry.
    pub fn search(&self, words: String) {
        let query = self.query;
        self.typed.search(words, move || query.try_get_untracked().map(|query| query.href()));
    }

    /// Applies any other change, with a new history entry.
    pub fn change(&self, query: &ListQuery) {
        self.typed.change(query.search.clone(), query.href(), false);
    }
}
