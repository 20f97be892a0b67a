//! Which containers are selected, so that something can be done to all of them: part of [`super::actions::Actions`].
//!
//! In: presses of the boxes drawn here, and keys. Out: ids, in the order they were selected. What is shown and done while
//! something is selected is in a chunk of its own: [`super::selection_bar`].

use super::actions::use_actions;
use crate::prelude::*;
use crate::{
    client::{Action, Rows, use_realtime_containers},
    model::{Container, ContainerId},
    parts::key::key,
    query::{Entry, ListQuery, arrange},
};
use leptos::{
    ev::{KeyboardEvent, MouseEvent},
    wasm_bindgen::JsCast,
    web_sys::Element,
};
use std::sync::Arc;

/// The containers selected. `Copy`: pass it about freely.
#[derive(Debug, Clone, Copy)]
pub struct Selection {
    chosen: RwSignal<Vec<ContainerId>>,
    /// Where a range begins, and what was selected when it did.
    anchor: StoredValue<Option<(ContainerId, Vec<ContainerId>)>>,
    /// The list on the page, if there is one.
    list: RwSignal<Option<Shown>>,
    /// Whether somebody is at the list with the keyboard, so that the rest of the keys is wanted.
    at_hand: RwSignal<bool>,
    /// What the bar is to do as soon as it is here.
    asked: RwSignal<Option<Asked>>,
}

/// What only the bar can do, which is in a chunk of its own.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked {
    /// Select the project of a container, or no longer.
    ProjectOf(ContainerId),
    /// Do something to several containers, after asking where data could be lost.
    Act(Action, Vec<ContainerId>),
}

/// A list that is on the page.
#[derive(Debug, Clone, Copy)]
pub struct Shown {
    /// What it shows, in order.
    pub entries: Signal<Vec<Entry>>,
    /// How it is asked for.
    pub query: Signal<ListQuery>,
}

impl Selection {
    /// Nothing is selected.
    pub(super) fn new() -> Self {
        Self {
            chosen: RwSignal::new(Vec::new()),
            anchor: StoredValue::new(None),
            list: RwSignal::new(None),
            at_hand: RwSignal::new(false),
            asked: RwSignal::new(None),
        }
    }

    /// Selects from this list as long as the caller is on the page; nothing stays selected without a list.
    pub fn serve(self, list: Shown) {
        self.list.set(Some(list));
        on_cleanup(move || {
            self.list.try_set(None);
            self.clear();
        });
    }

    /// What the list on the page shows, in order; nothing where there is none.
    pub fn entries(self) -> Vec<Entry> {
        self.list.get().and_then(|list| list.entries.try_get()).unwrap_or_default()
    }

    /// Whether a container is selected.
    pub fn has(self, id: ContainerId) -> bool {
        self.chosen.read().contains(&id)
    }

    /// All that are selected, in the order they were.
    pub fn all(self) -> Signal<Vec<ContainerId>> {
        self.chosen.into()
    }

    /// What the bar is to do; it takes it out.
    pub const fn asked(self) -> RwSignal<Option<Asked>> {
        self.asked
    }

    /// Whether the bar and the keys are wanted.
    pub fn is_wanted(self) -> bool {
        self.at_hand.get() || !self.chosen.read().is_empty() || self.asked.read().is_some()
    }

    /// Somebody is at the list with the keyboard.
    pub fn come_to_hand(self) {
        if self.at_hand.try_get_untracked() == Some(false) {
            self.at_hand.set(true);
        }
    }

    /// Selects a container, or no longer; ranges begin there.
    pub fn toggle(self, id: ContainerId) {
        self.set(&[id], !self.chosen.try_with_untracked(|chosen| chosen.contains(&id)).unwrap_or(true));
        let chosen = self.chosen.try_get_untracked().unwrap_or_default();
        self.anchor.try_set_value(Some((id, chosen)));
    }

    /// Selects all from where the last range began to here, in the order of the list, and gives up what that range held beyond.
    pub fn extend_to(self, id: ContainerId) {
        let list = self.list.try_get_untracked().flatten();
        match (self.anchor.try_get_value().flatten(), list) {
            (Some((from, before)), Some(list)) => {
                let range = list.entries.try_with_untracked(|entries| range(entries, from, id));
                self.chosen.try_set(before);
                self.set(&range.unwrap_or_default(), true);
            }
            _ => self.toggle(id),
        }
    }

    /// Selects containers, or no longer.
    pub fn set(self, ids: &[ContainerId], is_on: bool) {
        self.chosen.try_update(|chosen| {
            if is_on {
                let new = ids.iter().filter(|id| !chosen.contains(id)).copied().collect::<Vec<_>>();
                chosen.extend(new);
            } else {
                chosen.retain(|id| !ids.contains(id));
            }
        });
    }

    /// Selects nothing.
    pub fn clear(self) {
        self.chosen.try_set(Vec::new());
        self.anchor.try_set_value(None);
    }

    /// Selects a whole group, or no longer if all of it is selected; a folded group's containers, too.
    fn toggle_group(self, rows: Rows, name: Option<&str>) {
        let Some(list) = self.list.try_get_untracked().flatten() else { return };
        let query = ListQuery { folded: Vec::new(), ..list.query.get_untracked() };
        let ids = rows.with_picture(|picture| members(&arrange(picture, &query).entries, name)).unwrap_or_default();
        let is_whole = self.chosen.with_untracked(|chosen| ids.iter().all(|id| chosen.contains(id)));
        self.set(&ids, !is_whole);
    }

    /// `x` selects the container that has the focus, `X` its project. The other keys are the bar's.
    pub fn on_key(self, event: &KeyboardEvent) {
        let key = key(event);
        if (key != "x" && key != "X") || event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        match target.and_then(|target| container_at(&target)) {
            Some(id) if key == "x" => self.toggle(id),
            Some(id) => {
                self.come_to_hand();
                self.asked.set(Some(Asked::ProjectOf(id)));
            }
            None => {}
        }
    }
}

/// The container whose element this is, or is in.
pub fn container_at(element: &Element) -> Option<ContainerId> {
    let row = element.closest(".container-list [data-container-id]").ok().flatten()?;
    row.get_attribute("data-container-id")?.parse().ok()
}

/// From one container to the other, whichever comes first.
fn range(entries: &[Entry], from: ContainerId, to: ContainerId) -> Vec<ContainerId> {
    let place = |id| entries.iter().position(|entry| *entry == Entry::Container(id));
    let Some(end) = place(to) else { return Vec::new() };
    let start = place(from).unwrap_or(end);
    containers(entries.get(start.min(end)..=start.max(end)).unwrap_or_default())
}

/// What stands under a heading.
fn members(entries: &[Entry], heading: Option<&str>) -> Vec<ContainerId> {
    let is_own = |entry: &Entry| matches!(entry, Entry::Heading(name) if name.as_deref() == heading);
    let Some(start) = entries.iter().position(is_own) else { return Vec::new() };
    let own = entries.get(start + 1..).unwrap_or_default();
    let end = own.iter().position(|entry| matches!(entry, Entry::Heading(_))).unwrap_or(own.len());
    containers(own.get(..end).unwrap_or_default())
}

/// The containers among them.
pub fn containers(entries: &[Entry]) -> Vec<ContainerId> {
    let container = |entry: &Entry| match entry {
        Entry::Container(id) => Some(*id),
        Entry::Heading(_) => None,
    };
    entries.iter().filter_map(container).collect()
}

/// The box that selects a container; nothing where this server allows no actions.
pub fn select_box(container: Signal<Arc<Container>>) -> Option<Erased> {
    let actions = use_actions();
    let selection = actions.selection();
    let id = container.read_untracked().id;
    let press = move |event: MouseEvent| {
        if event.shift_key() {
            selection.extend_to(id);
        } else {
            selection.toggle(id);
        }
    };
    actions.are_allowed().then(|| {
        view! {
            <input
                type="checkbox"
                class="select-box"
                aria-label=text(move || format!("Select {}", container.read().name))
                prop:checked=move || selection.has(id)
                on:click=press
            />
        }
        .erased()
    })
}

/// The button that selects a group; nothing where this server allows no actions.
pub fn select_group(name: Option<String>) -> Option<Erased> {
    let actions = use_actions();
    let rows = use_realtime_containers().rows;
    let press = move |_| actions.selection().toggle_group(rows, name.as_deref());
    actions.are_allowed().then(|| {
        view! {
            <button type="button" class="select-group" on:click=press>
                "Select"
                <span class="visually-hidden">" the containers of this group"</span>
            </button>
        }
        .erased()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::ContainerState, samples::container};

    fn id(number: u16) -> ContainerId {
        container(number, "", ContainerState::Running).id
    }

    fn entries() -> Vec<Entry> {
        let heading = |name: &str| Entry::Heading(Some(name.to_owned()));
        let row = |number| Entry::Container(id(number));
        vec![heading("a"), row(1), row(2), heading("b"), row(3), row(4), Entry::Heading(None), row(5)]
    }

    #[test]
    fn a_range_goes_either_way_and_leaves_out_headings() {
        for (from, to, numbers) in [(2, 4, &[2, 3, 4][..]), (4, 2, &[2, 3, 4]), (3, 3, &[3]), (9, 2, &[2]), (2, 9, &[])]
        {
            let found = range(&entries(), id(from), id(to));
            assert_eq!(found, numbers.iter().map(|number| id(*number)).collect::<Vec<_>>(), "{from} to {to}");
        }
    }

    #[test]
    fn a_group_is_what_stands_under_its_heading() {
        for (name, numbers) in [(Some("a"), &[1, 2][..]), (Some("b"), &[3, 4]), (None, &[5]), (Some("c"), &[])] {
            let found = members(&entries(), name);
            assert_eq!(found, numbers.iter().map(|number| id(*number)).collect::<Vec<_>>(), "{name:?}");
        }
    }

    #[test]
    fn a_range_that_is_drawn_back_gives_up_what_it_held_beyond() {
        Owner::new().with(|| {
            let selection = Selection::new();
            let list = Shown { entries: Signal::stored(entries()), query: Signal::stored(ListQuery::default()) };
            selection.list.set(Some(list));
            let chosen = || selection.all().get_untracked();
            selection.toggle(id(5));
            selection.toggle(id(1));
            selection.extend_to(id(4));
            assert_eq!(chosen(), [id(5), id(1), id(2), id(3), id(4)]);
            selection.extend_to(id(2));
            assert_eq!(chosen(), [id(5), id(1), id(2)]);
            selection.toggle(id(5));
            assert_eq!(chosen(), [id(1), id(2)]);
            selection.clear();
            selection.extend_to(id(3));
            assert_eq!(chosen(), [id(3)], "a range without a beginning begins there");
        });
    }
}
