//! The keyboard's way in. What keys do is in a chunk of its own ([`crate::keyboard::quick_parts`]); here is only what fetches it: a few keys that
//! somebody presses before it is there, and a few seconds of peace after the page was loaded.
//!
//! In: keys pressed anywhere, and the button in the page's header. Out: a wish, which the chunk fulfils once it is there.

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

/// The chunk also speaks up for those who do not see the page, so it is fetched unasked: once the first load is long over.
const PEACE: Duration = Duration::from_secs(5);

/// The wish for the command palette, from its button.
pub const PALETTE: &str = "palette";

/// What is wished for. `Copy`: pass it about freely.
#[derive(Debug, Clone, Copy)]
pub struct Quick {
    wish: RwSignal<String>,
    is_late: RwSignal<bool>,
    is_here: StoredValue<bool>,
}

/// Listens from now on.
///
/// # Server-side
/// Nothing is wished for.
pub fn provide_quick() -> Quick {
    let quick = Quick { wish: RwSignal::default(), is_late: RwSignal::new(false), is_here: StoredValue::new(false) };
    provide_context(quick);
    Effect::new(move |_| {
        let handle = window_event_listener(ev::keydown, move |event| quick.press(&event));
        on_cleanup(move || handle.remove());
        set_timeout(
            move || {
                quick.is_late.try_set(true);
            },
            PEACE,
        );
    });
    quick
}

impl Quick {
    /// Whether the chunk is needed.
    pub fn is_wanted(self) -> bool {
        self.is_late.get() || !self.wish.read().is_empty()
    }

    /// A key as `KeyboardEvent.key` has it, or [`PALETTE`]; empty: nothing.
    pub const fn wish(self) -> RwSignal<String> {
        self.wish
    }

    /// From now on the chunk listens itself.
    pub fn hand_over(self) {
        self.is_here.set_value(true);
    }

    fn press(self, event: &KeyboardEvent) {
        let key = key(event);
        let wish = match () {
            () if self.is_here.try_get_value() != Some(false) => return,
            () if asks_for_palette(event) => PALETTE.to_owned(),
            // The others, such as the arrows, are needed only later.
            () if matches!(key.as_str(), "j" | "k" | "l" | "g" | "?") && !is_modified(event) && !is_typed(event) => key,
            () => return,
        };
        event.prevent_default();
        self.wish.set(wish);
    }
}

/// Ctrl-K, or Cmd-K; wherever the focus is.
pub fn asks_for_palette(event: &KeyboardEvent) -> bool {
    (event.ctrl_key() || event.meta_key()) && !event.alt_key() && key(event).eq_ignore_ascii_case("k")
}

/// Whether it belongs to the browser or the system.
pub fn is_modified(event: &KeyboardEvent) -> bool {
    event.ctrl_key() || event.meta_key() || event.alt_key()
}

/// Whether a key goes to what has the focus: a field, a choice, a menu or a dialog.
pub fn is_typed(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|element| {
        element
            .matches("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable], dialog *, [role=menu] *")
            .unwrap_or(false)
    })
}

/// The pointer's way to the palette.
#[component]
pub fn PaletteButton() -> Erased {
    let quick = expect_context::<Quick>();
    view! {
        <button
            type="button"
            class="icon-button palette-button"
            aria-label="Commands"
            aria-keyshortcuts="Control+K"
            title="Commands (Ctrl K)"
            on:click=move |_| quick.wish.set(PALETTE.to_owned())
        >
            <Icon glyph=Glyph::Command />
        </button>
    }
    .erased()
}
