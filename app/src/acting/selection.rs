//! The selected containers, for actions on several at once. Part of [`super::actions::Actions`].
//!
//! In: clicks on the checkboxes rendered here, and keys. Out: keys in the order of selection. The
//! bar that is shown while containers are selected is in its own chunk: [`super::selection_bar`].

use super::actions::use_actions;
use crate::prelude::*;
use crate::{
    client::{Action, Rows, use_realtime_containers},
    model::{Container, ContainerKey},
    parts::{container_element::key_at, key::key},
    query::{Entry, ListQuery, arrange},
};
use leptos::{
    ev::{KeyboardEvent, MouseEvent},
    wasm_bindgen::JsCast,
    web_sys::Element,
};
use std::sync::Arc;

/// The selected containers. `Copy`, so that any closure can capture it.
#[derive(Debug, Clone, Copy)]
pub struct Selection {
    selected: RwSignal<Vec<ContainerKey>>,
    /// Start of a range, and the selection at that time.
    anchor: StoredValue<Option<(ContainerKey, Vec<ContainerKey>)>>,
    /// The list on the page, if there is one.
    list: RwSignal<Option<SelectableList>>,
    /// True if the list is used with the keyboard, so that the chunk with the other keys is needed.
    keys_needed: RwSignal<bool>,
    /// A request that the bar handles once it is loaded.
    bar_request: RwSignal<Option<BarRequest>>,
}

/// A request to the selection bar, which is in its own chunk.
#[derive(Debug, Clone, PartialEq)]
pub enum BarRequest {
    /// Select or deselect the project of a container.
    ProjectOf(ContainerKey),
    /// Perform an action on several containers, after a confirmation if data could be lost.
    Act(Action, Vec<ContainerKey>),
}

/// The list on the page.
#[derive(Debug, Clone, Copy)]
pub struct SelectableList {
    /// Entries in display order.
    pub entries: Memo<Vec<Entry>>,
    /// The list's query.
    pub query: Memo<ListQuery>,
}

impl Selection {
    /// Creates an empty selection.
    pub(super) fn new() -> Self {
        Self {
            selected: RwSignal::new(Vec::new()),
            anchor: StoredValue::new(None),
            list: RwSignal::new(None),
            keys_needed: RwSignal::new(false),
            bar_request: RwSignal::new(None),
        }
    }

    /// Makes `list` selectable until the current owner is cleaned up; then clears the selection.
    pub fn attach(self, list: SelectableList) {
        self.clear();
        self.list.set(Some(list));
        on_cleanup(move || {
            // The router builds the next page, which may have attached its list, before it cleans
            // up this one.
            let is_attached = |attached: &Option<SelectableList>| attached.is_some_and(|it| it.entries == list.entries);
            if self.list.try_with_untracked(is_attached) == Some(true) {
                self.list.set(None);
                self.clear();
            }
        });
    }

    /// Entries of the list on the page; empty without a list.
    pub fn entries(self) -> Vec<Entry> {
        self.list.get().and_then(|list| list.entries.try_get()).unwrap_or_default()
    }

    /// True if the container is selected.
    pub fn contains(self, key: ContainerKey) -> bool {
        self.selected.read().contains(&key)
    }

    /// The selected containers in the order of selection.
    pub fn all(self) -> ReadSignal<Vec<ContainerKey>> {
        self.selected.read_only()
    }

    /// The request that the bar handles next. The bar removes it.
    pub const fn bar_request(self) -> RwSignal<Option<BarRequest>> {
        self.bar_request
    }

    /// True if the chunk with the bar and the keys is needed.
    pub fn needs_bar(self) -> bool {
        self.keys_needed.get() || !self.selected.read().is_empty() || self.bar_request.read().is_some()
    }

    /// Requests the chunk with the keys, because the list is used with the keyboard.
    pub fn load_keys(self) {
        if self.keys_needed.try_get_untracked() == Some(false) {
            self.keys_needed.set(true);
        }
    }

    /// Selects or deselects a container, and makes it the anchor of the next range.
    pub fn toggle(self, key: ContainerKey) {
        self.set(&[key], !self.selected.try_with_untracked(|selected| selected.contains(&key)).unwrap_or(true));
        let selected = self.selected.try_get_untracked().unwrap_or_default();
        self.anchor.try_set_value(Some((key, selected)));
    }

    /// Selects the range from the anchor to this container in list order, instead of the previous
    /// range.
    pub fn extend_to(self, key: ContainerKey) {
        let list = self.list.try_get_untracked().flatten();
        match (self.anchor.try_get_value().flatten(), list) {
            (Some((from, before)), Some(list)) => {
                let range = list.entries.try_with_untracked(|entries| range(entries, from, key));
                self.selected.try_set(before);
                self.set(&range.unwrap_or_default(), true);
            }
            _ => self.toggle(key),
        }
    }

    /// Selects or deselects containers.
    pub fn set(self, keys: &[ContainerKey], is_on: bool) {
        self.selected.try_update(|selected| {
            if is_on {
                let new = keys.iter().filter(|key| !selected.contains(key)).copied().collect::<Vec<_>>();
                selected.extend(new);
            } else {
                selected.retain(|key| !keys.contains(key));
            }
        });
    }

    /// Clears the selection.
    pub fn clear(self) {
        self.selected.try_set(Vec::new());
        self.anchor.try_set_value(None);
    }

    /// Selects a whole group, collapsed or not, or deselects it if all of it is selected.
    fn toggle_group(self, rows: Rows, name: Option<&str>) {
        let Some(list) = self.list.try_get_untracked().flatten() else { return };
        let query = ListQuery { folded: Vec::new(), ..list.query.get_untracked() };
        let keys = rows.with_picture(|picture| members(&arrange(picture, &query).entries, name)).unwrap_or_default();
        let is_whole = self.selected.with_untracked(|selected| keys.iter().all(|key| selected.contains(key)));
        self.set(&keys, !is_whole);
    }

    /// Handles `x`, which selects the focused container, and `X`, which selects its project. The
    /// bar handles the other keys.
    pub fn on_key(self, event: &KeyboardEvent) {
        let key = key(event);
        if (key != "x" && key != "X") || event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        match target.and_then(|target| key_at(&target)) {
            Some(container) if key == "x" => self.toggle(container),
            Some(container) => {
                self.load_keys();
                self.bar_request.set(Some(BarRequest::ProjectOf(container)));
            }
            None => {}
        }
    }
}

/// The containers between two others, inclusive, in list order.
fn range(entries: &[Entry], from: ContainerKey, to: ContainerKey) -> Vec<ContainerKey> {
    let place = |key| entries.iter().position(|entry| *entry == Entry::Container(key));
    let Some(end) = place(to) else { return Vec::new() };
    let start = place(from).unwrap_or(end);
    containers(entries.get(start.min(end)..=start.max(end)).unwrap_or_default())
}

/// The containers under a heading.
fn members(entries: &[Entry], heading: Option<&str>) -> Vec<ContainerKey> {
    let is_own = |entry: &Entry| matches!(entry, Entry::Heading(name) if name.as_deref() == heading);
    let Some(start) = entries.iter().position(is_own) else { return Vec::new() };
    let own = entries.get(start + 1..).unwrap_or_default();
    let end = own.iter().position(|entry| matches!(entry, Entry::Heading(_))).unwrap_or(own.len());
    containers(own.get(..end).unwrap_or_default())
}

/// The containers among the entries.
pub fn containers(entries: &[Entry]) -> Vec<ContainerKey> {
    let container = |entry: &Entry| match entry {
        Entry::Container(key) => Some(*key),
        Entry::Heading(_) => None,
    };
    entries.iter().filter_map(container).collect()
}

/// The checkbox that selects a container; `None` if the server allows no actions.
pub fn select_box(container: ReadSignal<Arc<Container>>) -> Option<Erased> {
    let actions = use_actions();
    let selection = actions.selection();
    let key = container.read_untracked().key();
    let on_click = move |event: MouseEvent| {
        if event.shift_key() {
            selection.extend_to(key);
        } else {
            selection.toggle(key);
        }
    };
    actions.are_allowed().then(|| {
        view! {
            <input
                type="checkbox"
                class="select-box"
                aria-label=move || format!("Select {}", container.read().name)
                prop:checked=move || selection.contains(key)
                on:click=on_click
            />
        }
        .erased()
    })
}

/// The button that selects a group; `None` if the server allows no actions.
pub fn select_group(name: Option<String>) -> Option<Erased> {
    let actions = use_actions();
    let rows = use_realtime_containers().rows;
    let on_click = move |_| actions.selection().toggle_group(rows, name.as_deref());
    actions.are_allowed().then(|| {
        view! {
            <button type="button" class="select-group" on:click=on_click>
                "Select"
                <span class="visually-hidden">" all containers in this group"</span>
            </button>
        }
        .erased()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::ContainerState, samples::container};

    fn key(number: u16) -> ContainerKey {
        container(number, "", ContainerState::Running).key()
    }

    fn entries() -> Vec<Entry> {
        let heading = |name: &str| Entry::Heading(Some(name.to_owned()));
        let row = |number| Entry::Container(key(number));
        vec![heading("a"), row(1), row(2), heading("b"), row(3), row(4), Entry::Heading(None), row(5)]
    }

    #[test]
    fn a_range_works_in_both_directions_and_skips_headings() {
        for (from, to, numbers) in [(2, 4, &[2, 3, 4][..]), (4, 2, &[2, 3, 4]), (3, 3, &[3]), (9, 2, &[2]), (2, 9, &[])]
        {
            let found = range(&entries(), key(from), key(to));
            assert_eq!(found, numbers.iter().map(|number| key(*number)).collect::<Vec<_>>(), "{from} to {to}");
        }
    }

    #[test]
    fn a_group_contains_the_entries_under_its_heading() {
        for (name, numbers) in [(Some("a"), &[1, 2][..]), (Some("b"), &[3, 4]), (None, &[5]), (Some("c"), &[])] {
            let found = members(&entries(), name);
            assert_eq!(found, numbers.iter().map(|number| key(*number)).collect::<Vec<_>>(), "{name:?}");
        }
    }

    fn list() -> SelectableList {
        SelectableList { entries: Memo::new(|_| entries()), query: Memo::new(|_| ListQuery::default()) }
    }

    #[test]
    fn the_next_page_keeps_its_list_when_the_last_page_is_cleaned_up() {
        Owner::new().with(|| {
            let selection = Selection::new();
            let (last, next) = (Owner::new(), Owner::new());
            last.with(|| selection.attach(list()));
            selection.toggle(key(1));
            next.with(|| selection.attach(list()));
            assert_eq!(selection.all().get_untracked(), []);
            last.cleanup();
            assert_eq!(selection.entries(), entries());
            next.cleanup();
            assert_eq!(selection.entries(), []);
        });
    }

    #[test]
    fn a_shortened_range_deselects_the_rest() {
        Owner::new().with(|| {
            let selection = Selection::new();
            selection.list.set(Some(list()));
            let selected = || selection.all().get_untracked();
            selection.toggle(key(5));
            selection.toggle(key(1));
            selection.extend_to(key(4));
            assert_eq!(selected(), [key(5), key(1), key(2), key(3), key(4)]);
            selection.extend_to(key(2));
            assert_eq!(selected(), [key(5), key(1), key(2)]);
            selection.toggle(key(5));
            assert_eq!(selected(), [key(1), key(2)]);
            selection.clear();
            selection.extend_to(key(3));
            assert_eq!(selected(), [key(3)], "a range without an anchor starts there");
        });
    }
}
