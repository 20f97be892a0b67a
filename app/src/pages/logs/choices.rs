//! The choices in the page's URL, and the search text, which is ahead of the URL while the
//! user types.

use crate::prelude::*;
use crate::{
    logs::{LogsQuery, merged_path},
    model::ContainerId,
    parts::typed_search::{TypedSearch, use_typed_search},
};
use leptos_router::hooks::{use_location, use_params_map};

/// The page's choices. `Copy`, so it can be captured by any closure.
#[derive(Debug, Clone, Copy)]
pub struct LogChoices {
    query: Memo<LogsQuery>,
    ids: Memo<Vec<ContainerId>>,
    single: Memo<bool>,
    typed: TypedSearch,
}

/// The choices in this page's URL.
///
/// # Server-side
/// Read-only.
pub fn use_log_choices() -> LogChoices {
    let search = use_location().search;
    let params = use_params_map();
    let read = Memo::new(move |_| LogsQuery::parse(&search.read()));
    let single = Memo::new(move |_| params.read().get_str("id").is_some());
    let ids = Memo::new(move |_| match params.read().get_str("id") {
        Some(id) => id.parse().ok().into_iter().collect(),
        None => read.read().1.clone(),
    });
    let typed = use_typed_search(move || read.read().0.search.clone());
    let query = Memo::new(move |_| LogsQuery { search: typed.words(), ..read.read().0.clone() });
    LogChoices { query, ids, single, typed }
}

impl LogChoices {
    /// All choices except the containers.
    pub fn query(&self) -> Signal<LogsQuery> {
        self.query.into()
    }

    /// The containers.
    pub fn ids(&self) -> Memo<Vec<ContainerId>> {
        self.ids
    }

    /// True on the log page of a single container.
    pub fn is_single(&self) -> Signal<bool> {
        self.single.into()
    }

    /// Sets the search text. Matches are highlighted at once; the URL changes after a delay and
    /// without a new history entry.
    pub fn search(&self, words: String) {
        let this = *self;
        self.typed.search(words, move || Some(this.own_href(&this.query.try_get_untracked()?)));
    }

    /// Applies any other change, also without a new history entry: Back returns to the page from
    /// which the log was opened.
    pub fn change(&self, edit: impl FnOnce(&mut LogsQuery)) {
        let mut query = self.query.get_untracked();
        edit(&mut query);
        let href = self.own_href(&query);
        self.typed.change(query.search, href, true);
    }

    /// The URL of this view with other containers.
    pub fn href(&self, ids: &[ContainerId]) -> String {
        self.query.read().href(&merged_path(ids))
    }

    /// The URL of this page with other choices.
    fn own_href(&self, query: &LogsQuery) -> String {
        let path = match (self.single.get_untracked(), self.ids.read_untracked().first()) {
            (true, Some(id)) => format!("/containers/{id}/logs"),
            _ => merged_path(&self.ids.read_untracked()),
        };
        query.href(&path)
    }
}
