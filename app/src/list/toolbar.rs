//! Search, filter, sorting and view of the list. A form: without JavaScript, "Apply" submits it.

use super::state_filter::StateFilter;
use crate::base_path::address;
use crate::prelude::*;
use crate::{
    acting::action_menu::button_edges,
    chunks::{Chunk, Lazy},
    parts::{
        icon::{Glyph, Icon},
        key::key,
        radio_group::{RadioGroup, RadioOption},
    },
    query::{Choice, Counts, Density, Grouping, ListQuery, Sort, SortKey, View},
};
use leptos::{
    ev::{self, KeyboardEvent, MouseEvent},
    html,
    wasm_bindgen::JsCast,
    web_sys::Element,
};

/// State shared with the lazily loaded parts of the toolbar. `Copy`, so that any closure can
/// capture it.
#[derive(Debug, Clone, Copy)]
pub struct ToolbarParts {
    /// The list's query.
    pub query: Memo<ListQuery>,
    /// Called with the search text on input.
    pub on_search: Callback<String>,
    /// Called with the query after any other change.
    pub on_change: Callback<ListQuery>,
    /// The search field.
    pub search_box: NodeRef<html::Input>,
    /// Right, top and bottom edge of the button at which the options open, in CSS pixels; set on
    /// each click.
    pub options_at: RwSignal<Option<[f64; 3]>>,
    /// True if the lazily loaded parts are needed.
    wanted: RwSignal<bool>,
}

/// Controls for every field of a [`ListQuery`].
#[component]
pub fn Toolbar(
    /// The list's query.
    query: Memo<ListQuery>,
    /// Number of containers in each state.
    counts: Memo<Counts>,
    /// Called with the search text on input.
    on_search: Callback<String>,
    /// Called with the query after any other change.
    on_change: Callback<ListQuery>,
) -> Erased {
    let change = move |edit: &dyn Fn(&mut ListQuery)| {
        let mut edited = query.get_untracked();
        edit(&mut edited);
        on_change.run(edited);
    };
    let parts = ToolbarParts {
        query,
        on_search,
        on_change,
        search_box: NodeRef::new(),
        options_at: RwSignal::new(None),
        wanted: RwSignal::new(false),
    };
    provide_context(parts);
    let open_options = move |event: MouseEvent| {
        parts.options_at.set(button_edges(&event));
        parts.wanted.set(true);
    };
    let view = Memo::new(move |_| query.read().view.as_str());
    let density = Memo::new(move |_| query.read().density.as_str());
    let select_view = Callback::new(move |word: &'static str| change(&|query| query.view = Choice::parse(word)));
    let select_density = Callback::new(move |word: &'static str| change(&|query| query.density = Choice::parse(word)));
    let state = move || query.read().state.map(|state| state.as_str()).unwrap_or_default().to_owned();
    view! {
        <form class="toolbar" method="get" action=address("/containers") role="search" on:submit=move |event| event.prevent_default()>
            <SearchBox parts />
            <StateFilter counts query />
            <input type="hidden" name="state" value=state />
            <div class="toolbar__choices">
                <SortSelect query on_change />
                <GroupSelect query on_change />
                <div class="toolbar__looks">
                <RadioGroup
                    name="density"
                    label="Density"
                    options=vec![
                        radio(Density::Normal, Glyph::Roomy),
                        radio(Density::Compact, Glyph::Compact),
                    ]
                    selected=density
                    on_select=select_density
                    icons_only=true
                />
                <RadioGroup
                    name="view"
                    label="View"
                    options=vec![radio(View::Cards, Glyph::Cards), radio(View::Table, Glyph::Table)]
                    selected=view
                    on_select=select_view
                />
                    <button
                        type="button"
                        class="icon-button toolbar__options"
                        aria-label="List options"
                        title="Columns, scales and saved views"
                        aria-haspopup="dialog"
                        on:click=open_options
                    >
                        <Icon glyph=Glyph::Options />
                    </button>
                </div>
                <button class="button toolbar__apply">"Apply"</button>
            </div>
        </form>
    }
    .erased()
}

fn radio<T: Choice>(choice: T, glyph: Glyph) -> RadioOption {
    RadioOption { value: choice.as_str(), label: choice.label(), glyph: Some(glyph) }
}

/// The search field. `/` focuses it from anywhere on the page.
#[component]
fn SearchBox(
    /// The toolbar's shared state.
    parts: ToolbarParts,
) -> Erased {
    let ToolbarParts { query, on_search, search_box: input, wanted, .. } = parts;
    Effect::new(move |_| {
        let handle = window_event_listener(ev::keydown, move |event| {
            if is_search_key(&event)
                && let Some(input) = input.get_untracked()
            {
                event.prevent_default();
                let _ = input.focus();
                input.select();
            }
        });
        on_cleanup(move || handle.remove());
    });
    let words = move || query.read().search.clone();
    view! {
        <div class="toolbar__search">
            <Icon glyph=Glyph::Search />
            <input
                class="toolbar__input"
                type="search"
                role="searchbox"
                name="q"
                aria-label="Search containers"
                placeholder="Search, or state:running cpu:>50"
                autocomplete="off"
                spellcheck="false"
                aria-keyshortcuts="/"
                value=words()
                prop:value=words
                node_ref=input
                on:focus=move |_| wanted.set(true)
                on:input=move |event| on_search.run(event_target_value(&event))
            />
            <kbd class="toolbar__key" aria-hidden="true">
                "/"
            </kbd>
            <Lazy chunk=Chunk::List wanted=Callback::new(move |()| wanted.get()) />
        </div>
    }
    .erased()
}

/// True for `/` without modifiers, pressed outside a field.
fn is_search_key(event: &KeyboardEvent) -> bool {
    let is_typed = event.target().and_then(|target| target.dyn_into::<Element>().ok()).is_some_and(|element| {
        element.matches("input:not([type=radio], [type=checkbox]), textarea, select, dialog *").unwrap_or(false)
    });
    key(event) == "/" && !is_typed && !event.ctrl_key() && !event.meta_key() && !event.alt_key()
}

/// The grouping, and the label if grouped by label.
#[component]
fn GroupSelect(
    /// The list's query.
    query: Memo<ListQuery>,
    /// Called with the changed query.
    on_change: Callback<ListQuery>,
) -> Erased {
    let group = Memo::new(move |_| query.read().group);
    let select = move |event| {
        let group = Grouping::parse(&event_target_value(&event));
        on_change.run(ListQuery { group, folded: Vec::new(), ..query.get_untracked() });
    };
    let name = move |event| on_change.run(ListQuery { label: event_target_value(&event), ..query.get_untracked() });
    let option = move |choice: &Grouping| {
        let choice = *choice;
        view! {
            <option value=choice.as_str() selected=move || group.get() == choice>
                {choice.label()}
            </option>
        }
    };
    let label = move || {
        (group.get() == Grouping::Label).then(|| {
            view! {
                <input
                    class="toolbar__select"
                    name="label"
                    aria-label="Label to group by"
                    placeholder="label"
                    spellcheck="false"
                    value=query.read_untracked().label.clone()
                    on:change=name
                />
            }
        })
    };
    view! {
        <label class="toolbar__label">
            "Group "
            <select class="toolbar__select" name="group" prop:value=move || group.get().as_str() on:change=select>
                {Grouping::ALL.iter().map(option).collect_view()}
            </select>
        </label>
        {move || label().erased()}
    }
    .erased()
}

/// The sort key, and a link that reverses the order.
#[component]
fn SortSelect(
    /// The list's query.
    query: Memo<ListQuery>,
    /// Called with the changed query.
    on_change: Callback<ListQuery>,
) -> Erased {
    let sort = move || query.read().sort;
    let turned = move || {
        let mut query = query.get();
        query.sort = query.sort.toggled(query.sort.key);
        address(&query.href())
    };
    let arrow = move || {
        let glyph = if sort().key.ascends() == sort().reversed { Glyph::Down } else { Glyph::Up };
        view! { <Icon glyph /> }.erased()
    };
    let select = move |event| {
        let sort = Sort::parse(&event_target_value(&event));
        on_change.run(ListQuery { sort, ..query.get_untracked() });
    };
    let option = move |key: &SortKey| {
        let key = *key;
        view! {
            <option value=key.as_str() selected=move || sort().key == key>
                {key.label()}
            </option>
        }
    };
    view! {
        <div class="toolbar__sort">
            <label class="toolbar__label">
                "Sort "
                <select class="toolbar__select" name="sort" prop:value=move || sort().key.as_str() on:change=select>
                    {SortKey::ALL.iter().map(option).collect_view()}
                </select>
            </label>
            <a class="icon-button" href=turned data-noscroll="" aria-label="Reverse order" title="Reverse order">
                {arrow}
            </a>
        </div>
    }
    .erased()
}
