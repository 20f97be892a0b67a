//! The command palette: goes to a container, performs actions and changes the view.
//!
//! In: whether it is open, and the commands from [`entries()`]. Out: the chosen command is run. The
//! field keeps the focus and arrow keys move the selection, as in the ARIA combobox pattern. Next:
//! [`matching`], which ranks the commands.

pub mod entries;
pub mod matching;

use super::quick_parts::Shortcuts;
use crate::base_path;
use crate::prelude::*;
use crate::{
    acting::{actions::use_actions, selection::BarRequest},
    client::use_realtime_containers,
    list::why_link::use_why,
    parts::{
        dialog::{Dialog, Modal},
        key::key,
    },
    prefs::motion,
};
use entries::{Entry, EntryAction, LOG, entries, merged_logs};
use leptos::{ev::KeyboardEvent, html, wasm_bindgen::JsCast, web_sys::HtmlElement};
use leptos_router::hooks::use_location;
use matching::best;

/// Maximum number of displayed results: more than a user reads before typing more.
const MAX_RESULTS: usize = 40;

/// Number of entries that Page Up and Page Down move by.
const PAGE_SIZE: usize = 8;

/// All commands, the commands that match the input, and the selected one.
#[derive(Clone, Copy)]
struct Results {
    all: StoredValue<Vec<Entry>>,
    matching: RwSignal<Vec<Entry>>,
    selected: RwSignal<usize>,
}

/// A modal dialog with a search field. Escape closes it, and the browser restores the focus.
#[component]
pub fn Palette(
    /// The shortcuts, which also control this dialog.
    shortcuts: Shortcuts,
) -> Erased {
    let modal = Modal::default();
    let field = NodeRef::<html::Input>::new();
    let results =
        Results { all: StoredValue::new(Vec::new()), matching: RwSignal::new(Vec::new()), selected: RwSignal::new(0) };
    let hook = use_realtime_containers();
    let actions = use_actions();
    let why = use_why();
    let location = use_location();
    let load = move || {
        let (path, search) = (location.pathname.get_untracked(), location.search.get_untracked());
        let now = |engine| hook.rows.engine_time(engine, hook.now.get_untracked());
        let all = hook
            .rows
            .with_picture(|picture| entries(picture, &now, actions.are_allowed(), base_path::path(&path), &search));
        results.all.set_value(all.unwrap_or_default());
        results.search("");
    };
    let on_open = Callback::new(move |()| {
        load();
        if let Some(field) = field.get_untracked() {
            field.set_value("");
            let _ = field.focus();
        }
    });
    let choose = move |at: usize| {
        let on_choose =
            results.matching.with_untracked(|matching| matching.get(at).map(|entry| entry.on_choose.clone()));
        // Close first, so that the focus is restored.
        modal.close();
        match on_choose {
            Some(EntryAction::Go(href)) => shortcuts.go(href),
            Some(EntryAction::Act(action, id)) => {
                if let Some(container) = untrack(|| actions.container(id)) {
                    actions.request(action, container);
                }
            }
            Some(EntryAction::ActOnAll(action, ids)) => {
                actions.selection().bar_request().set(Some(BarRequest::Act(action, ids)));
            }
            Some(EntryAction::Why(id)) => why.set(Some(id)),
            Some(EntryAction::Theme(theme)) => choose_theme(theme),
            Some(EntryAction::Pause(paused)) => motion::pause(paused),
            Some(EntryAction::Help) => shortcuts.help.set(true),
            Some(EntryAction::Refresh) => hook.refresh(),
            Some(EntryAction::Reconnect) => hook.reconnect(),
            None => {}
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let count = results.matching.read_untracked().len().max(1);
        let at = results.selected.get_untracked();
        let to = match key(&event).as_str() {
            "ArrowDown" => (at + 1) % count,
            "ArrowUp" => (at + count - 1) % count,
            "PageDown" => (at + PAGE_SIZE).min(count - 1),
            "PageUp" => at.saturating_sub(PAGE_SIZE),
            "Enter" => {
                event.prevent_default();
                choose(at);
                return;
            }
            _ => return,
        };
        event.prevent_default();
        results.select(to);
    };
    let active = move || {
        let at = results.selected.get();
        if at < results.matching.read().len() { option_id(at) } else { String::new() }
    };
    let content = view! {
            <div class="palette__body">
                <input
                    class="palette__field"
                    type="text"
                    role="combobox"
                    aria-label="Go to a container or run a command"
                    aria-expanded="true"
                    aria-autocomplete="list"
                    aria-controls="palette-list"
                    aria-activedescendant=active
                    placeholder="Go to a container or run a command…"
                    autocomplete="off"
                    spellcheck="false"
                    node_ref=field
                    on:input=move |event| results.search(&event_target_value(&event))
                    on:keydown=on_key
                />
                <ul class="palette__list" id="palette-list" role="listbox" aria-label="Commands">
                    {move || {
                        let matching = results.matching.get();
                        matching.into_iter().enumerate().map(|(at, entry)| option(at, entry, results, choose)).collect_view().erased()
                    }}
                </ul>
                <p class="palette__none" role="status">
                    {move || if results.matching.read().is_empty() { "No results" } else { "" }.to_owned()}
                </p>
                <p class="palette__foot" aria-hidden="true">
                    <kbd>"↑"</kbd> <kbd>"↓"</kbd> " select " <kbd>"Enter"</kbd> " run " <kbd>"Esc"</kbd> " close"
                </p>
            </div>
    }
    .erased();
    view! {
        <Dialog
            modal
            class="palette"
            is_open=shortcuts.palette.into()
            on_open
            on_close=Callback::new(move |()| shortcuts.palette.set(false))
            label="Commands"
            closes_on_backdrop=true
            content
        />
    }
    .erased()
}

impl Results {
    fn search(self, words: &str) {
        let matching = self.all.with_value(|all| {
            let mut matching = best(all, words, MAX_RESULTS);
            // After a log that matches all the words, if any.
            let place = usize::from(matching.first().is_some_and(|first| first.kind == LOG));
            matching.splice(place..place, merged_logs(all, words));
            matching
        });
        self.matching.set(matching);
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
                // Not `scrollIntoView`, which would also scroll the page.
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

fn option(at: usize, entry: Entry, results: Results, choose: impl Fn(usize) + Send + 'static) -> Erased {
    let Entry { label, hint, kind, keys, .. } = entry;
    let is_selected = Memo::new(move |_| results.selected.get() == at);
    view! {
        <li
            class="palette__option"
            id=option_id(at)
            role="option"
            aria-selected=move || if is_selected.get() { "true" } else { "false" }
            on:pointermove=move |_| {
                if results.selected.get_untracked() != at {
                    results.selected.set(at);
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

/// Clicks the theme switch in the header, which applies and shows the theme.
fn choose_theme(theme: &str) {
    let found = document().query_selector(&format!("input[name=theme][value={theme}]")).ok().flatten();
    if let Some(radio) = found.and_then(|radio| radio.dyn_into::<HtmlElement>().ok()) {
        radio.click();
    }
}
