//! The choices in the page's URL, and the search text, which is ahead of the URL while the
//! user types.

use crate::base_path;
use crate::prelude::*;
use crate::{
    client::{Rows, use_realtime_containers},
    logs::{LogRef, LogsQuery, merged_path},
    model::{ContainerKey, EngineName},
    pages::container::reference::{Named, use_named_container},
    parts::typed_search::{TypedSearch, use_typed_search},
};
use leptos_router::hooks::use_location;

/// The page's choices. `Copy`, so that any closure can capture it.
#[derive(Debug, Clone, Copy)]
pub struct LogChoices {
    query: Memo<LogsQuery>,
    named: Memo<Named>,
    ids: Memo<Vec<ContainerKey>>,
    single: Memo<bool>,
    rows: Rows,
    path: Memo<String>,
    typed: TypedSearch,
}

/// The choices in this page's URL.
///
/// # Server-side
/// Read-only.
pub fn use_log_choices() -> LogChoices {
    let search = use_location().search;
    let named = use_named_container();
    let hook = use_realtime_containers();
    let rows = hook.rows;
    let read = Memo::new(move |_| LogsQuery::parse(&search.read()));
    let single = Memo::new(move |_| named.read().by.is_some());
    let ids = Memo::new(move |former: Option<&Vec<ContainerKey>>| match &*named.read() {
        Named { by: Some(_), keys } => keys.clone(),
        Named { by: None, .. } => {
            rows.keys().track();
            let engines: Vec<_> = hook.engines.read().iter().map(|engine| engine.id).collect();
            let former = former.map_or(&[][..], Vec::as_slice);
            read.read().1.iter().filter_map(|by| key(by, &engines, former, rows)).collect()
        }
    });
    let pathname = use_location().pathname;
    let path = Memo::new(move |_| {
        named.track();
        base_path::path(&pathname.read_untracked()).to_owned()
    });
    let typed = use_typed_search(move || read.read().0.search.clone());
    let query = Memo::new(move |_| LogsQuery { search: typed.words(), ..read.read().0.clone() });
    LogChoices { query, named, ids, single, rows, path, typed }
}

/// The container in the URL; if several engines have it, that of the first one, unless the URL
/// names the engine. A removed container keeps its engine.
fn key(by: &LogRef, engines: &[EngineName], former: &[ContainerKey], rows: Rows) -> Option<ContainerKey> {
    if let Some(name) = &by.engine {
        let engine = engines.iter().find(|engine| engine.as_str() == name)?;
        return Some(ContainerKey::new(*engine, by.id));
    }
    let known = former.iter().find(|key| key.id == by.id).copied().or_else(|| rows.find(by.id));
    Some(known.unwrap_or_else(|| ContainerKey::new(engines.first().copied().unwrap_or_default(), by.id)))
}

impl LogChoices {
    /// The container of the page's path, if it has one.
    pub fn named(&self) -> Memo<Named> {
        self.named
    }

    /// All choices except the containers.
    pub fn query(&self) -> Signal<LogsQuery> {
        self.query.into()
    }

    /// The containers.
    pub fn ids(&self) -> Memo<Vec<ContainerKey>> {
        self.ids
    }

    /// True on the log page of a single container.
    pub fn is_single(&self) -> Signal<bool> {
        self.single.into()
    }

    /// Sets the search text. Matches are highlighted immediately; the URL changes after a delay and
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
    pub fn href(&self, ids: &[ContainerKey]) -> String {
        self.query.read().href(&merged_path(ids, self.rows.has_several_engines()))
    }

    /// The URL of this page with other choices.
    fn own_href(&self, query: &LogsQuery) -> String {
        if self.single.get_untracked() {
            return query.href(&self.path.read_untracked());
        }
        query.href(&untrack(|| merged_path(&self.ids.read_untracked(), self.rows.has_several_engines())))
    }
}
