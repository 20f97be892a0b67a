//! Entry point of the keyboard chunk: palette, help, list navigation, announcements, favicon.
//!
//! In: all keys, and the request that was made before the chunk was loaded
//! ([`crate::frame::quick`]). Reading order: [`keys`] (commands of keys, pure), [`places`] (focus
//! movement, pure), [`list_keys`] (the list in the document), `palette`, `key_help`, `announcer`.

pub mod keys;
pub mod list_keys;
pub mod places;

use super::{key_help::KeyHelp, palette::Palette};
use crate::prelude::*;
use crate::{
    client::{Rows, use_realtime_containers},
    frame::{
        announcer::Announcer,
        favicon::update_favicon,
        quick::{self, PALETTE, Quick},
    },
    parts::key::key,
};
use keys::{Command, Pressed, command};
use leptos::{
    ev::{self, KeyboardEvent},
    wasm_bindgen::JsCast,
    web_sys::{Element, HtmlInputElement},
};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use list_keys::{ListKeys, is_radio_button};
use std::time::Duration;

/// Maximum time between the two keys of a sequence.
const SEQUENCE_TIMEOUT: Duration = Duration::from_millis(1_500);

/// State of the shortcuts. `Copy`, so that any closure can capture it.
#[derive(Debug, Clone, Copy)]
pub struct Shortcuts {
    /// True if the palette is open.
    pub palette: RwSignal<bool>,
    /// True if the help is open.
    pub help: RwSignal<bool>,
    list: ListKeys,
    rows: Rows,
    in_sequence: RwSignal<bool>,
    go: Callback<String>,
}

/// Adds the listeners and renders the dialogs.
#[component]
pub fn QuickParts() -> Erased {
    let navigate = use_navigate();
    let go = Callback::new(move |href: String| {
        navigate(&href, NavigateOptions { scroll: false, ..NavigateOptions::default() });
    });
    let shortcuts = Shortcuts {
        palette: RwSignal::new(false),
        help: RwSignal::new(false),
        list: ListKeys::new(),
        rows: use_realtime_containers().rows,
        in_sequence: RwSignal::new(false),
        go,
    };
    listen(shortcuts);
    update_favicon();
    view! {
        <Palette shortcuts />
        <KeyHelp is_open=shortcuts.help />
        <Announcer />
    }
    .erased()
}

fn listen(shortcuts: Shortcuts) {
    let quick = expect_context::<Quick>();
    Effect::new(move |_| {
        quick.set_loaded();
        let keys = window_event_listener(ev::keydown, move |event| shortcuts.on_key(&event));
        let focus = window_event_listener(ev::focusin, move |event| shortcuts.list.on_focus(&event));
        on_cleanup(move || {
            keys.remove();
            focus.remove();
        });
    });
    Effect::new(move |_| {
        let request = quick.request().get();
        if !request.is_empty() {
            quick.request().set(String::new());
            let requested =
                if request == PALETTE { Some(Command::Palette) } else { command(Pressed::plain(&request), false) };
            if let Some(requested) = requested {
                untrack(|| shortcuts.run(requested));
            }
        }
    });
}

impl Shortcuts {
    /// Navigates to a page of this server.
    pub fn go(self, href: String) {
        self.go.run(href);
    }

    fn on_key(self, event: &KeyboardEvent) {
        if event.default_prevented() {
            return;
        }
        let key = key(event);
        if key == "Tab" {
            self.list.on_tab(event);
            return;
        }
        let pressed = Pressed {
            key: &key,
            is_palette_shortcut: quick::is_palette_shortcut(event),
            modified: quick::is_modified(event),
            shifted: event.shift_key(),
            typed: quick::is_for_focused(event),
            in_list: self.list.has_focus() && !is_radio_button(event),
        };
        let in_sequence = self.in_sequence.try_get_untracked() == Some(true);
        self.in_sequence.try_set(false);
        if let Some(command) = command(pressed, in_sequence)
            && self.run(command)
        {
            event.prevent_default();
        }
    }

    /// Runs the command; false if it does not apply.
    fn run(self, command: Command) -> bool {
        match command {
            Command::Palette => self.palette.set(true),
            Command::Help => self.help.set(true),
            Command::Search => return focus_search(),
            Command::StartSequence => self.start_sequence(),
            Command::Go(href) => self.go(href.to_owned()),
            Command::Log => match self.list.container() {
                Some(key) => self.go(untrack(|| self.rows.page_path(key)) + "/logs"),
                None => return false,
            },
            Command::Move(direction) => return self.list.move_focus(direction),
        }
        true
    }

    fn start_sequence(self) {
        self.in_sequence.set(true);
        set_timeout(
            move || {
                self.in_sequence.try_set(false);
            },
            SEQUENCE_TIMEOUT,
        );
    }
}

/// Focuses the page's search field; false if it has none.
fn focus_search() -> bool {
    let found = document().query_selector("main [role=searchbox]").ok().flatten();
    let Some(field) = found.and_then(|field: Element| field.dyn_into::<HtmlInputElement>().ok()) else { return false };
    let _ = field.focus();
    field.select();
    true
}
