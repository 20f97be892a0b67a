//! Display options of the list: scales, columns, collapsing, saved views and pins. In its own
//! chunk.

use super::{
    saved_views::{KEY, SavedView, load, store, with},
    toolbar::ToolbarParts,
};
use crate::base_path::address;
use crate::prelude::*;
use crate::{
    acting::action_menu::place_at,
    parts::{
        icon::{Glyph, Icon},
        key::key,
        radio_group::{RadioGroup, RadioOption},
    },
    prefs::remembered::{Remembered, use_remembered},
    query::{Choice, Column, CpuScale, ListQuery, MemoryScale},
};
use leptos::{
    ev::{self, KeyboardEvent},
    html,
};

/// A panel of options below its button. The browser closes it on Escape and on a click outside, and
/// restores the focus.
#[component]
pub fn ListOptions(
    /// The toolbar's shared state.
    parts: ToolbarParts,
) -> Erased {
    let element = NodeRef::<html::Div>::new();
    let remembered = use_remembered();
    Effect::new(move |_| {
        if let (Some(place), Some(element)) = (parts.options_at.get(), element.get()) {
            let _ = element.show_popover();
            place_at(&element, place);
            let _ = element.focus();
        }
    });
    view! {
        <div
            class="list-options"
            role="dialog"
            aria-label="List options"
            popover="auto"
            tabindex="-1"
            node_ref=element
        >
            {scales(parts, remembered)}
            {columns(parts, remembered)}
            {views(parts, remembered)}
            {pins(remembered)}
        </div>
    }
    .erased()
}

/// Changes the query, and stores the change as a preference.
fn choose(parts: ToolbarParts, remembered: Remembered, edit: impl Fn(&mut ListQuery)) {
    let mut query = parts.query.get_untracked();
    edit(&mut query);
    remembered.change(edit);
    parts.on_change.run(query);
}

fn scales(parts: ToolbarParts, remembered: Remembered) -> Erased {
    let query = parts.query;
    let cpu = Memo::new(move |_| query.read().cpu.as_str());
    let memory = Memo::new(move |_| query.read().memory.as_str());
    let select_cpu =
        Callback::new(move |word: &'static str| choose(parts, remembered, |query| query.cpu = Choice::parse(word)));
    let select_memory =
        Callback::new(move |word: &'static str| choose(parts, remembered, |query| query.memory = Choice::parse(word)));
    view! {
        <div class="list-options__scales">
            <span class="list-options__legend">"CPU scale"</span>
            <RadioGroup name="cpu" label="CPU scale" options=options(CpuScale::ALL) selected=cpu on_select=select_cpu />
            <span class="list-options__legend">"Memory scale"</span>
            <RadioGroup name="mem" label="Memory scale" options=options(MemoryScale::ALL) selected=memory on_select=select_memory />
        </div>
    }
    .erased()
}

fn options<T: Choice>(choices: &[T]) -> Vec<RadioOption> {
    choices.iter().map(|choice| RadioOption { value: choice.as_str(), label: choice.label(), glyph: None }).collect()
}

fn columns(parts: ToolbarParts, remembered: Remembered) -> Erased {
    let column = move |column: &Column| {
        let column = *column;
        let is_on = Signal::derive(move || parts.query.read().columns.has(column));
        check(column.label(), is_on, move || {
            choose(parts, remembered, |query| {
                if query.columns.has(column) == is_on.get_untracked() {
                    query.columns = query.columns.with_toggled(column);
                }
            });
        })
    };
    let folds = Signal::derive(move || parts.query.read().folds_stopped == Some(true));
    let turn = move || {
        let folds = !folds.get_untracked();
        choose(parts, remembered, |query| query.folds_stopped = folds.then_some(true));
    };
    view! {
        <fieldset class="list-options__set">
            <legend class="list-options__legend">"Table columns (shown if there is room)"</legend>
            <div class="list-options__columns">{Column::ALL.iter().map(column).collect_view()}</div>
        </fieldset>
        {check("Hide stopped containers", folds, turn)}
    }
    .erased()
}

fn check(label: &'static str, is_on: Signal<bool>, turn: impl Fn() + Send + 'static) -> Erased {
    view! {
        <label class="list-options__check">
            <input type="checkbox" prop:checked=move || is_on.get() on:change=move |_| turn() />
            {label}
        </label>
    }
    .erased()
}

/// The views saved in this browser, kept in sync with other tabs.
fn views(parts: ToolbarParts, remembered: Remembered) -> Erased {
    let views = RwSignal::new(load());
    let problem = RwSignal::new("");
    let handle = window_event_listener(ev::storage, move |event| {
        if event.key().is_none_or(|changed| changed == KEY) {
            views.try_set(load());
        }
    });
    on_cleanup(move || handle.remove());
    let keep = move |kept: Vec<SavedView>| {
        problem.set(if store(&kept) { "" } else { "Storage is blocked. Views are lost on reload." });
        views.set(kept);
    };
    let name = NodeRef::<html::Input>::new();
    let save = move || {
        let Some(input) = name.get_untracked() else { return };
        let called = input.value().trim().to_owned();
        if !called.is_empty() {
            let href = parts.query.get_untracked().href();
            keep(with(views.get_untracked(), SavedView { name: called, href }));
            input.set_value("");
        }
    };
    let on_key = move |event: KeyboardEvent| {
        if key(&event) == "Enter" {
            event.prevent_default();
            save();
        }
    };
    let entry = move |view: SavedView| {
        let SavedView { name, href } = view;
        let (own, gone, own_href) = (name.clone(), name.clone(), href.clone());
        let is_default = {
            let href = href.clone();
            move || remembered.home() == Some(href.clone())
        };
        let is_pressed = is_default.clone();
        let delete = move |_| keep(views.get_untracked().into_iter().filter(|view| view.name != gone).collect());
        view! {
            <li class="list-options__view">
                <a class="list-options__name" href=address(&href) data-noscroll="">
                    <bdi>{name}</bdi>
                </a>
                <button
                    type="button"
                    class="button"
                    aria-pressed=move || if is_pressed() { "true" } else { "false" }
                    aria-label=format!("Open {own} by default")
                    title="Open this view by default"
                    on:click=move |_| remembered.set_home((!untrack(&is_default)).then_some(own_href.as_str()))
                >
                    "Default"
                </button>
                <button type="button" class="icon-button" aria-label=format!("Delete view {own}") on:click=delete>
                    <Icon glyph=Glyph::Trash />
                </button>
            </li>
        }
    };
    view! {
        <fieldset class="list-options__set">
            <legend class="list-options__legend">"Saved views"</legend>
            {move || {
                let views = views.get();
                (!views.is_empty())
                    .then(|| {
                        view! {
                            <ul class="list-options__views" role="list" aria-label="Saved views">
                                {views.into_iter().map(entry).collect_view()}
                            </ul>
                        }
                    })
                    .erased()
            }}
            <div class="list-options__view">
                <input
                    class="toolbar__select list-options__name"
                    aria-label="View name"
                    placeholder="View name"
                    autocomplete="off"
                    maxlength="60"
                    node_ref=name
                    on:keydown=on_key
                />
                <button type="button" class="button" on:click=move |_| save()>
                    "Save view"
                </button>
            </div>
            <p class="list-options__problem" aria-live="polite">
                {move || problem.get().to_owned()}
            </p>
        </fieldset>
    }
    .erased()
}

fn pins(remembered: Remembered) -> Erased {
    (move || {
        let pins = remembered.pins();
        let entry = move |pin: String| {
            let name = pin.trim_start_matches('/').to_owned();
            let label = format!("Unpin {name}");
            view! {
                <li class="list-options__view">
                    <bdi class="list-options__name">{name}</bdi>
                    <button type="button" class="icon-button" aria-label=label on:click=move |_| remembered.set_pins(std::slice::from_ref(&pin), false)>
                        <Icon glyph=Glyph::Close />
                    </button>
                </li>
            }
        };
        (!pins.is_empty())
            .then(|| {
                view! {
                    <fieldset class="list-options__set">
                        <legend class="list-options__legend">"Pinned to the top"</legend>
                        <ul class="list-options__views" role="list" aria-label="Pinned to the top">
                            {pins.into_iter().map(entry).collect_view()}
                        </ul>
                    </fieldset>
                }
            })
            .erased()
    })
    .erased()
}
