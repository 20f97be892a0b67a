//! Containers the way the query wants them: cards or table, dense or roomy, fresh or dimmed.

use super::{
    container_card::ContainerCard, container_table::ContainerTable, entry_list::EntryList,
    focus_keeper::use_focus_keeper, group_heading::Grouped, nearness::provide_nearness,
};
use crate::prelude::*;
use crate::{
    acting::actions::use_actions,
    frame::{freshness::NumbersAge, numbers_age::use_numbers_age},
    query::{Density, Entry, Group, ListQuery, View},
};
use leptos::{ev::FocusEvent, wasm_bindgen::JsCast, web_sys::Element};

/// The list itself; never blank, only dimmed while what it shows is old.
#[component]
pub fn ContainerList(
    /// What to show, in order.
    entries: Signal<Vec<Entry>>,
    /// Its groups; without them there are no headings.
    #[prop(optional)]
    groups: Option<Signal<Vec<Group>>>,
    /// How.
    query: Signal<ListQuery>,
    /// Whether what is shown may be out of date.
    stale: Signal<bool>,
    /// Set while somebody is at the list, by pointer or keyboard: it should not move away from under them.
    #[prop(optional)]
    held: RwSignal<bool>,
    /// Whether the table's headings change the order. Default: yes.
    #[prop(default = true)]
    sortable: bool,
) -> Erased {
    let grouped = groups.map(|groups| Grouped { groups, query });
    let actions = use_actions();
    let (selection, selectable) = (actions.selection(), actions.are_allowed());
    let keeper = use_focus_keeper(entries);
    provide_nearness(entries);
    let is_table = Memo::new(move |_| query.read().view == View::Table);
    let age = use_numbers_age();
    let class = text(move || {
        let mut class = "container-list".to_owned();
        if query.read().density == Density::Compact {
            class.push_str(" container-list--compact");
        }
        if stale.get() {
            class.push_str(" container-list--stale");
        }
        if age.get() != NumbersAge::Current {
            class.push_str(" container-list--aged");
        }
        class
    });
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
            data-stale=text(move || stale.get().to_string())
            data-hides=text(move || query.read().columns.hidden())
            data-fits=text(move || query.read().columns.fits(query.read().density))
            data-selectable=selectable.then_some("")
            data-selecting=word(move || (!selection.all().read().is_empty()).then_some(""))
        >
            {live(move || {
                if is_table.get() {
                    view! { <ContainerTable entries grouped query=sortable.then_some(query) /> }.erased()
                } else {
                    view! { <Cards entries grouped /> }.erased()
                }
            })}
        </div>
    }
    .erased()
}

/// A button that was pressed keeps the focus for long; only the keyboard's focus says that somebody is there.
fn is_focused_by_keyboard(event: &FocusEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|element| element.matches(":focus-visible").unwrap_or(false))
}

#[component]
fn Cards(
    /// What to show, in order.
    entries: Signal<Vec<Entry>>,
    /// Its groups, if it has any.
    grouped: Option<Grouped>,
) -> Erased {
    view! {
        // A list without markers is no list to some screen readers unless it says so.
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
