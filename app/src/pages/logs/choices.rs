//! What the address of the page says, and, a moment ahead of it, the search being typed.

use crate::prelude::*;
use crate::{
    logs::{LogsQuery, merged_path},
    model::ContainerId,
};
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate, use_params_map},
};
use std::time::Duration;

/// The address follows typing after this pause: browsers allow about 100 changes of the address in 30 s.
const PAUSE: Duration = Duration::from_millis(250);

/// The page's choices. `Copy`: pass it about freely.
#[derive(Debug, Clone, Copy)]
pub struct LogChoices {
    query: Memo<LogsQuery>,
    ids: Memo<Vec<ContainerId>>,
    single: Memo<bool>,
    typed: RwSignal<String>,
    written: StoredValue<String>,
    timer: StoredValue<Option<TimeoutHandle>>,
    navigate: Callback<(String, bool)>,
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
    let typed = RwSignal::new(read.with_untracked(|(query, _)| query.search.clone()));
    let query = Memo::new(move |_| LogsQuery { search: typed.get(), ..read.read().0.clone() });
    let written = StoredValue::new(typed.get_untracked());
    let go = use_navigate();
    let navigate = Callback::new(move |(href, replace): (String, bool)| {
        go(&href, NavigateOptions { replace, scroll: false, ..NavigateOptions::default() });
    });
    let timer = StoredValue::new(None::<TimeoutHandle>);
    // Back, Forward and links change the words in the field; our own writing must not, it may be behind the typing.
    Effect::new(move |_| {
        let words = read.read().0.search.clone();
        if written.try_get_value().as_ref() != Some(&words) {
            written.set_value(words.clone());
            typed.set(words);
        }
    });
    let choices = LogChoices { query, ids, single, typed, written, timer, navigate };
    on_cleanup(move || choices.stop_timer());
    choices
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

    /// Takes any other choice. No step in the history either: Back leads to where the log was opened.
    pub fn change(&self, edit: impl FnOnce(&mut LogsQuery)) {
        self.stop_timer();
        let mut query = self.query.get_untracked();
        edit(&mut query);
        self.go(&query, true);
    }

    /// The address with these containers, seen as now.
    pub fn href(&self, ids: &[ContainerId]) -> String {
        self.query.read().href(&merged_path(ids))
    }

    fn go(&self, query: &LogsQuery, replace: bool) {
        self.written.set_value(query.search.clone());
        let path = match (self.single.get_untracked(), self.ids.read_untracked().first()) {
            (true, Some(id)) => format!("/containers/{id}/logs"),
            _ => merged_path(&self.ids.read_untracked()),
        };
        self.navigate.run((query.href(&path), replace));
    }

    fn stop_timer(&self) {
        if let Some(Some(timer)) = self.timer.try_update_value(Option::take) {
            timer.clear();
        }
    }
}
