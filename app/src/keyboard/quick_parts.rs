//! What answers keys and speaks up, in a chunk of its own: the palette, the help, moving about in the list, announcements, the favicon.
//!
//! In: keys, from here on all of them; what was wished before this was here ([`crate::frame::quick`]). Reading order: [`keys`] (what a key means, pure) →
//! [`places`] (where to go, pure) → [`list_keys`] (the list in the document) → `palette`, `key_help`, `announcer`.

pub mod keys;
pub mod list_keys;
pub mod places;

use super::{key_help::KeyHelp, palette::Palette};
use crate::prelude::*;
use crate::{
    frame::{
        announcer::Announcer,
        favicon::show_trouble,
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
use list_keys::{ListKeys, is_choice};
use std::time::Duration;

/// The second key of two has to come within this time.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// What keys and the palette can do on any page. `Copy`: pass it about freely.
#[derive(Debug, Clone, Copy)]
pub struct Hands {
    /// Whether the palette is open.
    pub palette: RwSignal<bool>,
    /// Whether the help is open.
    pub help: RwSignal<bool>,
    list: ListKeys,
    leads: RwSignal<bool>,
    go: Callback<String>,
}

/// Listens from now on.
#[component]
pub fn QuickParts() -> Erased {
    let navigate = use_navigate();
    let go = Callback::new(move |href: String| {
        navigate(&href, NavigateOptions { scroll: false, ..NavigateOptions::default() });
    });
    let hands = Hands {
        palette: RwSignal::new(false),
        help: RwSignal::new(false),
        list: ListKeys::new(),
        leads: RwSignal::new(false),
        go,
    };
    listen(hands);
    show_trouble();
    view! {
        <Palette hands />
        <KeyHelp is_open=hands.help />
        <Announcer />
    }
    .erased()
}

fn listen(hands: Hands) {
    let quick = expect_context::<Quick>();
    Effect::new(move |_| {
        quick.hand_over();
        let keys = window_event_listener(ev::keydown, move |event| hands.press(&event));
        let focus = window_event_listener(ev::focusin, move |event| hands.list.enter(&event));
        on_cleanup(move || {
            keys.remove();
            focus.remove();
        });
    });
    Effect::new(move |_| {
        let wish = quick.wish().get();
        if !wish.is_empty() {
            quick.wish().set(String::new());
            let wished = if wish == PALETTE { Some(Command::Palette) } else { command(Pressed::plain(&wish), false) };
            if let Some(wished) = wished {
                untrack(|| hands.obey(wished));
            }
        }
    });
}

impl Hands {
    /// Leads to a page of this server.
    pub fn go(self, href: String) {
        self.go.run(href);
    }

    fn press(self, event: &KeyboardEvent) {
        if event.default_prevented() {
            return;
        }
        let key = key(event);
        if key == "Tab" {
            self.list.leave(event);
            return;
        }
        let pressed = Pressed {
            key: &key,
            asks_for_palette: quick::asks_for_palette(event),
            modified: quick::is_modified(event),
            shifted: event.shift_key(),
            typed: quick::is_typed(event),
            in_list: self.list.has_focus() && !is_choice(event),
        };
        let leads = self.leads.try_get_untracked() == Some(true);
        self.leads.try_set(false);
        if let Some(command) = command(pressed, leads)
            && self.obey(command)
        {
            event.prevent_default();
        }
    }

    /// Whether there was anything to do.
    fn obey(self, command: Command) -> bool {
        match command {
            Command::Palette => self.palette.set(true),
            Command::Help => self.help.set(true),
            Command::Search => return focus_search(),
            Command::Lead => self.lead(),
            Command::Go(href) => self.go(href.to_owned()),
            Command::Log => match self.list.container() {
                Some(id) => self.go(format!("/containers/{id}/logs")),
                None => return false,
            },
            Command::Step(way) => return self.list.step(way),
        }
        true
    }

    fn lead(self) {
        self.leads.set(true);
        set_timeout(
            move || {
                self.leads.try_set(false);
            },
            PATIENCE,
        );
    }
}

/// The page's own search, if it has one.
fn focus_search() -> bool {
    let found = document().query_selector("main [role=searchbox]").ok().flatten();
    let Some(field) = found.and_then(|field: Element| field.dyn_into::<HtmlInputElement>().ok()) else { return false };
    let _ = field.focus();
    field.select();
    true
}
