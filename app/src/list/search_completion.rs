//! Suggestions below the search field: fields and their values. In its own chunk, which is loaded
//! when the search field is focused.
//!
//! In: the text in the field, and its keys. Out: the completed text. The field keeps the role
//! `searchbox`; the attributes for the suggestions are set only while they are shown.

use super::toolbar::ToolbarParts;
use crate::prelude::*;
use crate::{
    client::{Rows, use_realtime_containers},
    parts::key::key,
    query::{Suggestion, suggest},
};
use leptos::{
    ev::{self, KeyboardEvent},
    wasm_bindgen::JsCast,
    web_sys::{EventTarget, HtmlInputElement},
};

/// Id of the list of suggestions, which the search field refers to.
const LIST: &str = "search-suggestions";

/// State of the suggestions. `Copy`, so that any closure can capture it.
#[derive(Clone, Copy)]
struct Completion {
    rows: Rows,
    parts: ToolbarParts,
    /// Position in bytes of the start of the word, and its suggestions; empty while the list is
    /// closed.
    found: RwSignal<(usize, Vec<Suggestion>)>,
    /// Index of the selected suggestion.
    active: RwSignal<Option<usize>>,
}

/// The list of suggestions, if there are any.
#[component]
pub fn SearchCompletion(
    /// The toolbar's shared state.
    parts: ToolbarParts,
) -> Erased {
    let completion = Completion {
        rows: use_realtime_containers().rows,
        parts,
        found: RwSignal::new((0, Vec::new())),
        active: RwSignal::new(None),
    };
    completion.add_listeners();
    Effect::new(move |_| completion.update_field());
    // The user may have typed before this chunk was loaded.
    Effect::new(move |_| {
        if completion.field().is_some_and(|field| document().active_element().as_ref() == Some(field.as_ref())) {
            completion.update();
        }
    });
    let option = move |(place, suggestion): (usize, Suggestion)| {
        let is_active = move || completion.active.get() == Some(place);
        view! {
            <li
                class="search-completion__option"
                role="option"
                id=option_id(place)
                aria-selected=move || is_active().to_string()
                // The field keeps the focus.
                on:mousedown=move |event| event.prevent_default()
                on:click=move |_| completion.accept(place)
            >
                <bdi class="search-completion__word">{suggestion.word}</bdi>
                " "
                <span class="search-completion__note">{suggestion.note}</span>
            </li>
        }
    };
    let status = move || match completion.found.read().1.len() {
        0 => String::new(),
        1 => "1 suggestion".to_owned(),
        count => format!("{count} suggestions"),
    };
    view! {
        {move || {
            let suggestions = completion.found.get().1;
            (!suggestions.is_empty())
                .then(|| {
                    view! {
                        <ul class="search-completion" id=LIST role="listbox" aria-label="Suggestions">
                            {suggestions.into_iter().enumerate().map(option).collect_view()}
                        </ul>
                    }
                })
                .erased()
        }}
        <p class="visually-hidden" aria-live="polite">
            {status}
        </p>
    }
    .erased()
}

fn option_id(place: usize) -> String {
    format!("search-suggestion-{place}")
}

impl Completion {
    fn add_listeners(self) {
        let typed = window_event_listener(ev::input, move |event| {
            if self.is_field(event.target()) {
                self.update();
            }
        });
        let pressed = window_event_listener(ev::keydown, move |event| {
            if self.is_field(event.target()) {
                self.on_key(&event);
            }
        });
        let left = window_event_listener(ev::focusout, move |event| {
            if self.is_field(event.target()) {
                self.close();
            }
        });
        on_cleanup(move || {
            typed.remove();
            pressed.remove();
            left.remove();
        });
    }

    fn field(self) -> Option<HtmlInputElement> {
        self.parts.search_box.get_untracked()
    }

    fn is_field(self, target: Option<EventTarget>) -> bool {
        let target = target.and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        target.is_some() && target == self.field()
    }

    fn is_open(self) -> bool {
        self.found.try_with_untracked(|(_, found)| !found.is_empty()).unwrap_or(false)
    }

    /// Shows suggestions for the word at the caret. If there is no word, they are shown only on
    /// request.
    fn update(self) {
        let Some(field) = self.field() else { return };
        if is_at_a_word(&field) { self.open(&field) } else { self.close() }
    }

    fn open(self, field: &HtmlInputElement) {
        let search = field.value();
        let caret = caret(field, &search);
        let found = self.rows.with_picture(|picture| suggest(&search, caret, picture)).unwrap_or_default();
        self.active.try_set(None);
        // A complete word needs no suggestion.
        let is_complete =
            found.1.len() == 1 && found.1.iter().all(|only| search.get(found.0..caret) == Some(&only.word));
        self.found.try_set(if is_complete { (0, Vec::new()) } else { found });
    }

    fn close(self) {
        if self.is_open() {
            self.found.try_set((0, Vec::new()));
            self.active.try_set(None);
        }
    }

    fn on_key(self, event: &KeyboardEvent) {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let active = self.active.try_get_untracked().flatten();
        match (key(event).as_str(), self.is_open(), active) {
            ("ArrowDown", false, _) => {
                if let Some(field) = self.field() {
                    self.open(&field);
                    self.select(|_, _| 0);
                }
            }
            ("ArrowDown", true, _) => self.select(|place, count| place.map_or(0, |place| (place + 1) % count)),
            ("ArrowUp", true, _) => self.select(|place, count| (place.unwrap_or(0) + count - 1) % count),
            ("Enter" | "Tab", true, Some(place)) if !event.shift_key() => self.accept(place),
            ("Escape", true, _) => self.close(),
            _ => return,
        }
        event.prevent_default();
    }

    /// Selects the suggestion whose index `choose` returns for the current index and the count.
    fn select(self, choose: impl FnOnce(Option<usize>, usize) -> usize) {
        let count = self.found.try_with_untracked(|(_, found)| found.len()).unwrap_or_default();
        if count > 0 {
            self.active.try_update(|active| *active = Some(choose(*active, count)));
        }
    }

    /// Replaces the word with a suggestion. After a field name, shows suggestions for values.
    fn accept(self, place: usize) {
        let (Some(field), Some((start, found))) = (self.field(), self.found.try_get_untracked()) else { return };
        let Some(suggestion) = found.get(place) else { return };
        let search = field.value();
        let caret = caret(&field, &search);
        let is_field = suggestion.word.ends_with(':');
        let (before, after) = (search.get(..start).unwrap_or_default(), search.get(caret..).unwrap_or_default());
        let space = if is_field || after.starts_with(' ') { "" } else { " " };
        let head = format!("{before}{}{space}", suggestion.word);
        let words = format!("{head}{after}");
        field.set_value(&words);
        let caret = u32::try_from(head.encode_utf16().count()).unwrap_or_default();
        let _ = field.set_selection_range(caret, caret);
        let _ = field.focus();
        self.parts.on_search.run(words);
        if is_field {
            self.open(&field);
        } else {
            self.close();
        }
    }

    /// Updates the field's ARIA attributes for screen readers.
    fn update_field(self) {
        let (is_open, active) = (!self.found.read().1.is_empty(), self.active.get());
        let Some(field) = self.field() else { return };
        let _ = field.set_attribute("aria-autocomplete", "list");
        let set = |name: &str, value: Option<String>| match value {
            Some(value) => field.set_attribute(name, &value),
            None => field.remove_attribute(name),
        };
        let _ = set("aria-controls", is_open.then(|| LIST.to_owned()));
        let _ = set("aria-activedescendant", active.map(option_id));
    }
}

/// Byte offset of the caret; browsers count in UTF-16.
fn caret(field: &HtmlInputElement, text: &str) -> usize {
    let units =
        field.selection_end().ok().flatten().and_then(|units| usize::try_from(units).ok()).unwrap_or(usize::MAX);
    let mut passed = 0;
    let is_passed = |character: &char| {
        let fits = passed + character.len_utf16() <= units;
        passed += character.len_utf16();
        fits
    };
    text.chars().take_while(is_passed).map(char::len_utf8).sum()
}

fn is_at_a_word(field: &HtmlInputElement) -> bool {
    let search = field.value();
    let before = search.get(..caret(field, &search)).unwrap_or_default();
    !before.is_empty() && !before.ends_with(' ')
}
