//! What the address of the page says, and, a moment ahead of it, the search being typed.

use crate::prelude::*;
use crate::{
    logs::{LogsQuery, merged_path},
    model::ContainerId,
    parts::typed_search::{TypedSearch, use_typed_search},
};
use leptos_router::hooks::{use_location, use_params_map};

/// The page's choices. `Copy`: pass it about freely.
#[derive(Debug, Clone, Copy)]
pub struct LogChoices {
    query: Memo<LogsQuery>,
    ids: Memo<Vec<ContainerId>>,
    single: Memo<bool>,
    typed: TypedSearch,
}

/// The choices in this page's address.
///
/// # Server-side
/// Only read.
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
    /// Everything chosen but the containers.
    pub fn query(&self) -> Signal<LogsQuery> {
        self.query.into()
    }

    /// Whose logs.
    pub fn ids(&self) -> Signal<Vec<ContainerId>> {
        self.ids.into()
    }

    /// Whether the address is that of one container's log.
    pub fn is_single(&self) -> Signal<bool> {
        self.single.into()
    }

    /// Takes the search as it is typed: lines are marked at once, the address follows after a pause, without a step in the history.
    pub fn search(&self, words: String) {
        let this = *self;
        self.typed.search(words, move || Some(this.own_href(&this.query.try_get_untracked()?)));
    }

    /// Takes any other choice. No step in the history either: Back leads to where the log was opened.
    pub fn change(&self, edit: impl FnOnce(&mut LogsQuery)) {
        let mut query = self.query.get_untracked();
        edit(&mut query);
        let href = self.own_href(&query);
        self.typed.change(query.search, href, true);
    }

    /// The address with these containers, seen as now.
    pub fn href(&self, ids: &[ContainerId]) -> String {
        self.query.read().href(&merged_path(ids))
    }

    /// The address of this page with other choices.
    fn own_href(&self, query: &LogsQuery) -> String {
        let path = match (self.single.get_untracked(), self.ids.read_untracked().first()) {
            (true, Some(id)) => format!("/containers/{id}/logs"),
            _ => merged_path(&self.ids.read_untracked()),
        };
        query.href(&path)
    }
}
