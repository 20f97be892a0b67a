//! Containers the way the query wants them: cards or table, dense or roomy, fresh or dimmed.

use super::{container_card::ContainerCard, container_table::ContainerTable, group_heading::GroupHeading};
use crate::{
    client::use_realtime_containers,
    query::{Density, Entry, ListQuery, View},
};
use leptos::{either::Either, ev::FocusEvent, prelude::*, wasm_bindgen::JsCast, web_sys::Element};

/// The list itself; never blank, only dimmed while what it shows is old.
#[component]
pub fn ContainerList(
    /// What to show, in order.
    entries: Signal<Vec<Entry>>,
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
) -> impl IntoView {
    let view = Memo::new(move |_| query.with(|query| query.view));
    let class = move || {
        let compact = query.with(|query| query.density == Density::Compact);
        match (compact, stale.get()) {
            (false, false) => "container-list",
            (true, false) => "container-list container-list--compact",
            (false, true) => "container-list container-list--stale",
            (true, true) => "container-list container-list--compact container-list--stale",
        }
    };
    view! {
        <div
            class=class
            on:pointerenter=move |_| held.set(true)
            on:pointerleave=move |_| held.set(false)
            on:focusin=move |event| held.set(is_focused_by_keyboard(&event))
            on:focusout=move |_| held.set(false)
            data-stale=move || if stale.get() { "true" } else { "false" }>
            {move || match view.get() {
                View::Cards => Either::Left(view! { <Cards entries /> }),
                View::Table => Either::Right(view! { <ContainerTable entries query=sortable.then_some(query) /> }),
            }}
        </div>
    }
    .into_any()
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
) -> impl IntoView {
    let rows = use_realtime_containers().rows;
    view! {
        // A list without markers is no list to some screen readers unless it says so.
        <ul class="container-list__cards" role="list" aria-label="Containers">
            <For
                each=move || entries.get()
                key=Clone::clone
                children=move |entry| match entry {
                    Entry::Container(id) => Either::Left(rows.get(id).map(|row| view! { <ContainerCard row /> })),
                    Entry::Heading { project, running, total } => {
                        Either::Right(
                            view! {
                                <li class="container-list__group">
                                    <GroupHeading project running total />
                                </li>
                            },
                        )
                    }
                }
            />
        </ul>
    }
    .into_any()
}
