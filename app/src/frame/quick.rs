//! Loads the keyboard chunk ([`crate::keyboard::quick_parts`]) on the first shortcut, or a few
//! seconds after the page was loaded.
//!
//! In: keys pressed anywhere, and the palette button in the header. Out: a pending request, which
//! the chunk handles once it is loaded.

use crate::parts::{
    icon::{Glyph, Icon},
    key::key,
};
use crate::prelude::*;
use leptos::{
    ev::{self, KeyboardEvent},
    wasm_bindgen::JsCast,
    web_sys::Element,
};
use std::time::Duration;

/// Delay before the chunk is loaded without a request, well after the first load: it also contains
/// the announcements for screen readers.
const PRELOAD_DELAY: Duration = Duration::from_secs(5);

/// Request of the palette button, in place of a key.
pub const PALETTE: &str = "palette";

/// The pending request. `Copy`, so that any closure can capture it.
#[derive(Debug, Clone, Copy)]
pub struct Quick {
    request: RwSignal<String>,
    is_due: RwSignal<bool>,
    is_loaded: StoredValue<bool>,
}

/// Starts to listen for shortcuts.
///
/// # Server-side
/// Does nothing.
pub fn provide_quick() -> Quick {
    let quick =
        Quick { request: RwSignal::default(), is_due: RwSignal::new(false), is_loaded: StoredValue::new(false) };
    provide_context(quick);
    Effect::new(move |_| {
        let handle = window_event_listener(ev::keydown, move |event| quick.on_key(&event));
        on_cleanup(move || handle.remove());
        set_timeout(
            move || {
                quick.is_due.try_set(true);
            },
            PRELOAD_DELAY,
        );
    });
    quick
}

impl Quick {
    /// True if the chunk should be loaded.
    pub fn is_wanted(self) -> bool {
        // Reads both, so that a request after a failed fetch is noticed.
        let is_requested = !self.request.read().is_empty();
        self.is_due.get() || is_requested
    }

    /// A key as in `KeyboardEvent.key`, or [`PALETTE`]; empty if there is none.
    pub const fn request(self) -> RwSignal<String> {
        self.request
    }

    /// Stops listening, because the loaded chunk listens from now on.
    pub fn set_loaded(self) {
        self.is_loaded.set_value(true);
    }

    fn on_key(self, event: &KeyboardEvent) {
        let key = key(event);
        let request = match () {
            () if self.is_loaded.try_get_value() != Some(false) => return,
            () if is_palette_shortcut(event) => PALETTE.to_owned(),
            // The other shortcuts, such as the arrow keys, are needed only later.
            () if matches!(key.as_str(), "j" | "k" | "l" | "g" | "?")
                && !is_modified(event)
                && !is_for_focused(event) =>
            {
                key
            }
            () => return,
        };
        event.prevent_default();
        self.request.set(request);
    }
}

/// True for Ctrl+K and Cmd+K, wherever the focus is.
pub fn is_palette_shortcut(event: &KeyboardEvent) -> bool {
    (event.ctrl_key() || event.meta_key()) && !event.alt_key() && key(event).eq_ignore_ascii_case("k")
}

/// True if a modifier key is pressed, so that the key belongs to the browser or the system.
pub fn is_modified(event: &KeyboardEvent) -> bool {
    event.ctrl_key() || event.meta_key() || event.alt_key()
}

/// True if the focused element handles the key: a field, a selection, a menu or a dialog.
pub fn is_for_focused(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|element| {
        element
            .matches("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable], dialog *, [role=menu] *")
            .unwrap_or(false)
    })
}

/// The header's button that opens the palette.
#[component]
pub fn PaletteButton() -> Erased {
    let quick = expect_context::<Quick>();
    view! {
        <button
            type="button"
            class="icon-button palette-button"
            aria-label="Commands"
            aria-keyshortcuts="Control+K"
            title="Commands (Ctrl+K or ⌘K)"
            on:click=move |_| quick.request.set(PALETTE.to_owned())
        >
            <Icon glyph=Glyph::Command />
        </button>
    }
    .erased()
}
