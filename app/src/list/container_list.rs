//! The list of containers in the view and density of the query; dimmed while it may be out of date.

use super::{
    container_card::ContainerCard, container_table::ContainerTable, entry_list::EntryList,
    focus_keeper::use_focus_keeper, group_heading::Grouped, viewport::provide_viewport,
};
use crate::prelude::*;
use crate::{
    acting::actions::use_actions,
    frame::{freshness::NumbersAge, numbers_age::use_numbers_age},
    query::{Density, Entry, Group, ListQuery, View},
};
use leptos::{ev::FocusEvent, wasm_bindgen::JsCast, web_sys::Element};

/// The list. Stale data is dimmed but never removed.
#[component]
pub fn ContainerList(
    /// Entries in display order.
    entries: Memo<Vec<Entry>>,
    /// Groups; without them there are no headings.
    #[prop(optional)]
    groups: Option<Memo<Vec<Group>>>,
    /// View, density and columns.
    query: Memo<ListQuery>,
    /// True if the data may be out of date.
    stale: Memo<bool>,
    /// True while the pointer or the keyboard focus is in the list, so that rows do not move
    /// meanwhile.
    #[prop(optional)]
    held: RwSignal<bool>,
    /// True if the table's headings sort the list. Default: true.
    #[prop(default = true)]
    sortable: bool,
) -> Erased {
    let grouped = groups.map(|groups| Grouped { groups, query });
    let actions = use_actions();
    let (selection, selectable) = (actions.selection(), actions.are_allowed());
    let keeper = use_focus_keeper(entries);
    provide_viewport(entries);
    let is_table = Memo::new(move |_| query.read().view == View::Table);
    let age = use_numbers_age();
    let class = move || {
        let mut class = "container-list".to_owned();
        if query.read().density == Density::Compact {
            class.push_str(" container-list--compact");
        }
        if stale.get() {
            class.push_str(" container-list--stale");
        }
        if age.read().newest != NumbersAge::Current {
            class.push_str(" container-list--aged");
        }
        class
    };
    view! {
        <div
            class=class
            on:pointerenter=move |_| held.set(true)
            on:pointerleave=move |_| held.set(false)
            on:focusin=move |event| {
                let by_keyboard = is_focused_by_keyboard(&event);
                held.set(by_keyboard);
                if by_keyboard && selectable {
                    selection.load_keys();
                }
                keeper.focus_in(&event);
            }
            on:keydown=move |event| {
                if selectable {
                    selection.on_key(&event);
                }
            }
            on:focusout=move |event| {
                held.set(false);
                keeper.focus_out(&event);
            }
            data-stale=move || stale.get().to_string()
            data-hides=move || query.read().columns.hidden()
            data-fits=move || query.read().columns.min_widths(query.read().density)
            data-selectable=selectable.then_some("")
            data-selecting=move || (!selection.all().read().is_empty()).then_some("")
        >
            {move || {
                if is_table.get() {
                    view! { <ContainerTable entries grouped query=sortable.then_some(query) /> }.erased()
                } else {
                    view! { <Cards entries grouped /> }.erased()
                }
            }}
        </div>
    }
    .erased()
}

/// True for keyboard focus. A clicked button also keeps the focus, but the user may be elsewhere.
fn is_focused_by_keyboard(event: &FocusEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|element| element.matches(":focus-visible").unwrap_or(false))
}

#[component]
fn Cards(
    /// Entries in display order.
    entries: Memo<Vec<Entry>>,
    /// Groups, if any.
    grouped: Option<Grouped>,
) -> Erased {
    view! {
        // Some screen readers ignore lists without markers unless they have a role.
        <ul class="container-list__cards" role="list" aria-label="Containers">
            <EntryList
                entries
                grouped
                draw=|row| view! { <ContainerCard row /> }.erased()
                frame=|heading| view! { <li class="container-list__group">{heading}</li> }.erased()
            />
        </ul>
    }
    .erased()
}
