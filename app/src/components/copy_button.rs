//! Puts a text into the clipboard.

use super::icon::{Glyph, Icon};
use crate::prelude::*;
use leptos::{
    task::spawn_local,
    wasm_bindgen::{JsCast, JsValue},
};
use std::time::Duration;
use web_sys::Clipboard;

/// How long the button says what became of it.
const SAID_FOR: Duration = Duration::from_secs(2);

/// A button named "Copy …"; for two seconds it says "Copied", or that the browser does not allow it.
#[component]
pub fn CopyButton(
    /// What is copied, as in "Copy id".
    what: &'static str,
    /// The text.
    content: Signal<String>,
) -> Erased {
    let said = RwSignal::new(None::<&'static str>);
    let copy = move |_| {
        let content = content.get_untracked();
        spawn_local(async move {
            said.try_set(Some(if write(&content).await { "Copied" } else { "Not allowed: copy by hand" }));
            set_timeout(
                move || {
                    said.try_set(None);
                },
                SAID_FOR,
            );
        });
    };
    view! {
        <button type="button" class="button copy-button" on:click=copy>
            <Icon glyph=Glyph::Copy />
            <span aria-live="polite">{text(move || said.get().map_or_else(|| format!("Copy {what}"), str::to_owned))}</span>
        </button>
    }
    .erased()
}

/// Browsers have a clipboard only for pages of this machine and over HTTPS.
async fn write(text: &str) -> bool {
    let clipboard = js_sys::Reflect::get(&window().navigator(), &JsValue::from_str("clipboard")).unwrap_or_default();
    match clipboard.dyn_into::<Clipboard>() {
        Ok(clipboard) => wasm_bindgen_futures::JsFuture::from(clipboard.write_text(text)).await.is_ok(),
        Err(_) => false,
    }
}
