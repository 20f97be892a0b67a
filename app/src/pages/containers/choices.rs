//! The query of the page: what the address says, and, a moment ahead of it, the search being typed.

use crate::prelude::*;
use crate::{
    parts::typed_search::{TypedSearch, use_typed_search},
    prefs::remembered::use_remembered,
    query::ListQuery,
};
use leptos_router::hooks::use_location;

/// The page's choices. `Copy`: pass it about freely.
#[derive(Clone, Copy)]
pub struct Choices {
    query: Memo<ListQuery>,
    typed: TypedSearch,
}

/// The choices in this page's address.
///
/// # Server-side
/// Only read.
pub fn use_choices() -> Choices {
    let search = use_location().search;
    let remembered = use_remembered();
    let address = Memo::new(move |_| ListQuery::parse_over(remembered.query(), &search.read()));
    let typed = use_typed_search(move || address.read().search.clone());
    Choices { query: Memo::new(move |_| ListQuery { search: typed.words(), ..address.get() }), typed }
}

impl Choices {
    /// Everything chosen.
    pub fn query(&self) -> Signal<ListQuery> {
        self.query.into()
    }

    /// Takes the search as it is typed: the list follows at once, the address after a pause, without a step in the history.
    pub fn search(&self, words: String) {
        let query = self.query;
        self.typed.search(words, move || query.try_get_untracked().map(|query| query.href()));
    }

    /// Takes any other choice, as a step in the history.
    pub fn change(&self, query: &ListQuery) {
        self.typed.change(query.search.clone(), query.href(), false);
    }
}
