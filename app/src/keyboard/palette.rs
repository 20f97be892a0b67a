//! The command palette: go to a container, do something to it, change the view; by a few letters of its name.
//!
//! In: whether it is open, and all that [`entries()`] offers then. Out: one of them, done. The field keeps the focus; arrows move the selection, as
//! the combobox pattern has it. Next: [`matching`], which ranks.

pub mod entries;
pub mod matching;

use super::quick_parts::Hands;
use crate::base_path;
use crate::prelude::*;
use crate::{
    acting::{actions::use_actions, selection::Asked},
    client::use_realtime_containers,
    list::why_link::use_why,
    parts::{
        dialog::{Dialog, Modal},
        key::key,
    },
    prefs::motion,
};
use entries::{Deed, Entry, LOG, entries, logs_together};
use leptos::{ev::KeyboardEvent, html, wasm_bindgen::JsCast, web_sys::HtmlElement};
use leptos_router::hooks::use_location;
use matching::best;

/// So many are shown: more than anybody reads before typing another letter.
const MOST: usize = 40;

/// So many a page is, for the keys that move by one.
const PAGE: usize = 8;

/// What is offered for what was typed, and which of it is selected.
#[derive(Clone, Copy)]
struct Choosing {
    offered: StoredValue<Vec<Entry>>,
    found: RwSignal<Vec<Entry>>,
    selected: RwSignal<usize>,
}

/// A modal dialog; Escape closes it, and the browser puts the focus back.
#[component]
pub fn Palette(
    /// What can be done on any page.
    hands: Hands,
) -> Erased {
    let modal = Modal::default();
    let field = NodeRef::<html::Input>::new();
    let choosing = Choosing {
        offered: StoredValue::new(Vec::new()),
        found: RwSignal::new(Vec::new()),
        selected: RwSignal::new(0),
    };
    let hook = use_realtime_containers();
    let actions = use_actions();
    let why = use_why();
    let location = use_location();
    let offer = move || {
        let (path, search) = (location.pathname.get_untracked(), location.search.get_untracked());
        let now = hook.now.get_untracked();
        let offered = hook
            .rows
            .with_picture(|picture| entries(picture, now, actions.are_allowed(), base_path::path(&path), &search));
        choosing.offered.set_value(offered.unwrap_or_default());
        choosing.search("");
    };
    let on_open = Callback::new(move |()| {
        offer();
        if let Some(field) = field.get_untracked() {
            field.set_value("");
            let _ = field.focus();
        }
    });
    let choose = move |at: usize| {
        let deed = choosing.found.with_untracked(|found| found.get(at).map(|entry| entry.deed.clone()));
        // First, so that the focus is where it was before.
        modal.close();
        match deed {
            Some(Deed::Go(href)) => hands.go(href),
            Some(Deed::Act(action, id)) => {
                if let Some(container) = untrack(|| actions.container(id)) {
                    actions.wish(action, container);
                }
            }
            Some(Deed::ActOnAll(action, ids)) => actions.selection().asked().set(Some(Asked::Act(action, ids))),
            Some(Deed::Why(id)) => why.set(Some(id)),
            Some(Deed::Theme(theme)) => choose_theme(theme),
            Some(Deed::Pause(paused)) => motion::pause(paused),
            Some(Deed::Help) => hands.help.set(true),
            Some(Deed::Refresh) => hook.refresh(),
            Some(Deed::Reconnect) => hook.reconnect(),
            None => {}
        }
    };
    let press = move |event: KeyboardEvent| {
        let count = choosing.found.read_untracked().len().max(1);
        let at = choosing.selected.get_untracked();
        let to = match key(&event).as_str() {
            "ArrowDown" => (at + 1) % count,
            "ArrowUp" => (at + count - 1) % count,
            "PageDown" => (at + PAGE).min(count - 1),
            "PageUp" => at.saturating_sub(PAGE),
            "Enter" => {
                event.prevent_default();
                choose(at);
                return;
            }
            _ => return,
        };
        event.prevent_default();
        choosing.select(to);
    };
    let active = text(move || {
        let at = choosing.selected.get();
        if at < choosing.found.read().len() { option_id(at) } else { String::new() }
    });
    let content = view! {
            <div class="palette__body">
                <input
                    class="palette__field"
                    type="text"
                    role="combobox"
                    aria-label="Go to a container, or do something"
                    aria-expanded="true"
                    aria-autocomplete="list"
                    aria-controls="palette-list"
                    aria-activedescendant=active
                    placeholder="Go to a container, or do something…"
                    autocomplete="off"
                    spellcheck="false"
                    node_ref=field
                    on:input=move |event| choosing.search(&event_target_value(&event))
                    on:keydown=press
                />
                <ul class="palette__list" id="palette-list" role="listbox" aria-label="Commands">
                    {live(move || {
                        let found = choosing.found.get();
                        found.into_iter().enumerate().map(|(at, entry)| option(at, entry, choosing, choose)).collect_view().erased()
                    })}
                </ul>
                <p class="palette__none" role="status">
                    {text(move || if choosing.found.read().is_empty() { "Nothing is called that" } else { "" }.to_owned())}
                </p>
                <p class="palette__foot" aria-hidden="true">
                    <kbd>"↑"</kbd> <kbd>"↓"</kbd> " choose " <kbd>"Enter"</kbd> " do it " <kbd>"Esc"</kbd> " leave"
                </p>
            </div>
    }
    .erased();
    view! {
        <Dialog
            modal
            class="palette"
            is_open=hands.palette.into()
            on_open
            on_close=Callback::new(move |()| hands.palette.set(false))
            label="Commands"
            closes_on_backdrop=true
            content
        />
    }
    .erased()
}

impl Choosing {
    fn search(self, words: &str) {
        let found = self.offered.with_value(|offered| {
            let mut found = best(offered, words, MOST);
            // Behind the one log that all the words mean, if there is one.
            let place = usize::from(found.first().is_some_and(|first| first.kind == LOG));
            found.splice(place..place, logs_together(offered, words));
            found
        });
        self.found.set(found);
        self.select(0);
    }

    fn select(self, at: usize) {
        self.selected.set(at);
        request_animation_frame(move || {
            let option = document().get_element_by_id(&option_id(at));
            let list =
                document().get_element_by_id("palette-list").and_then(|list| list.dyn_into::<HtmlElement>().ok());
            if let (Some(option), Some(list)) = (option.and_then(|option| option.dyn_into::<HtmlElement>().ok()), list)
            {
                // Not `scrollIntoView`: that would move the page, too.
                let (top, bottom) = (option.offset_top(), option.offset_top() + option.offset_height());
                let (from, height) = (list.scroll_top(), list.client_height());
                if top < from {
                    list.set_scroll_top(if at == 0 { 0 } else { top });
                } else if bottom > from + height {
                    list.set_scroll_top(bottom - height);
                }
            }
        });
    }
}

fn option_id(at: usize) -> String {
    format!("palette-option-{at}")
}

fn option(at: usize, entry: Entry, choosing: Choosing, choose: impl Fn(usize) + Send + 'static) -> Erased {
    let Entry { label, hint, kind, keys, .. } = entry;
    let is_selected = Memo::new(move |_| choosing.selected.get() == at);
    view! {
        <li
            class="palette__option"
            id=option_id(at)
            role="option"
            aria-selected=word(move || Some(if is_selected.get() { "true" } else { "false" }))
            on:pointermove=move |_| {
                if choosing.selected.get_untracked() != at {
                    choosing.selected.set(at);
                }
            }
            on:click=move |_| choose(at)
        >
            <bdi class="palette__label">{label}</bdi>
            " "
            <span class="palette__hint" dir="auto">{hint}</span>
            " "
            {(!keys.is_empty()).then(|| view! { <kbd class="palette__keys">{keys}</kbd> " " })}
            <span class="palette__kind">{kind}</span>
        </li>
    }
    .erased()
}

/// The switch in the header does it, and shows it.
fn choose_theme(theme: &str) {
    let found = document().query_selector(&format!("input[name=theme][value={theme}]")).ok().flatten();
    if let Some(radio) = found.and_then(|radio| radio.dyn_into::<HtmlElement>().ok()) {
        radio.click();
    }
}
