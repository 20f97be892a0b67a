//! Copies text to the clipboard. Tries in turn the clipboard API, which browsers offer only on
//! localhost and over HTTPS; the older `copy` command, which works over HTTP; and selected text for
//! copying by hand.

use super::icon::{Glyph, Icon};
use crate::prelude::*;
use js_sys::{Array, Function, Reflect};
use leptos::{
    ev::MouseEvent,
    html,
    task::spawn_local,
    wasm_bindgen::{JsCast, JsValue},
    web_sys::{Element, HtmlElement},
};
use std::time::Duration;
use web_sys::Clipboard;

/// Time during which the button shows "Copied".
const COPIED_TIMEOUT: Duration = Duration::from_secs(2);

/// A button with a label such as "Copy ID", which shows "Copied" for two seconds. If the browser
/// does not allow copying, the text appears next to it, selected.
#[component]
pub fn CopyButton(
    /// Name of the content, as in "Copy ID".
    what: &'static str,
    /// The text.
    content: Signal<String>,
) -> Erased {
    let copied = RwSignal::new(false);
    let by_hand = RwSignal::new(String::new());
    let text_node = NodeRef::<html::Pre>::new();
    let done = move |is_copied: bool, content: String| {
        copied.try_set(is_copied);
        by_hand.try_set(if is_copied { String::new() } else { content });
        set_timeout(
            move || {
                copied.try_set(false);
            },
            COPIED_TIMEOUT,
        );
    };
    let copy = move |event: MouseEvent| {
        let content = content.get_untracked();
        let button = event.current_target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
        let Some(clipboard) = clipboard() else {
            // Synchronously, because browsers allow it only in the click handler.
            let is_copied = copy_by_command(&content, button.as_ref());
            return done(is_copied, content);
        };
        spawn_local(async move {
            let written = wasm_bindgen_futures::JsFuture::from(clipboard.write_text(&content)).await;
            let is_copied = written.is_ok() || copy_by_command(&content, button.as_ref());
            done(is_copied, content);
        });
    };
    Effect::new(move |_| {
        if let (false, Some(node)) = (by_hand.read().is_empty(), text_node.get()) {
            select(&node);
        }
    });
    let label = move || match (copied.get(), by_hand.read().is_empty()) {
        (true, _) => "Copied".to_owned(),
        (_, false) => "Press Ctrl+C or ⌘C to copy".to_owned(),
        _ => format!("Copy {what}"),
    };
    view! {
        <button type="button" class="button copy-button" on:click=copy>
            <Icon glyph=Glyph::Copy />
            <span aria-live="polite">{label}</span>
        </button>
        {move || {
            let content = by_hand.get();
            (!content.is_empty())
                .then(|| {
                    view! {
                        <pre class="copy-button__text" tabindex="0" role="region" aria-label="Text to copy" node_ref=text_node>
                            {content}
                        </pre>
                    }
                })
                .erased()
        }}
    }
    .erased()
}

fn clipboard() -> Option<Clipboard> {
    Reflect::get(&window().navigator(), &"clipboard".into()).ok()?.dyn_into().ok()
}

/// Copies through a hidden field. Inside a modal dialog the field is added to the dialog, because
/// everything outside is inert.
fn copy_by_command(content: &str, button: Option<&HtmlElement>) -> bool {
    let dialog = button.and_then(|button| button.closest("dialog").ok().flatten());
    let place = dialog.or_else(|| document().body().map(Element::from));
    let (Some(place), Ok(field)) = (place, document().create_element("textarea")) else { return false };
    field.set_text_content(Some(content));
    field.set_class_name("visually-hidden");
    // Prevents phones from opening the keyboard.
    let _ = field.set_attribute("readonly", "");
    if place.append_child(&field).is_err() {
        return false;
    }
    call(&field, "select", &Array::new());
    let is_copied = call(&document(), "execCommand", &Array::of1(&"copy".into())).as_bool() == Some(true);
    field.remove();
    if let Some(button) = button {
        let _ = button.focus();
    }
    is_copied
}

/// Selects all of an element's text.
fn select(element: &Element) {
    let selection = call(&window(), "getSelection", &Array::new());
    call(&selection, "selectAllChildren", &Array::of1(element));
}

/// Calls a method for which the page's module has no binding; undefined if the method does not
/// exist.
fn call(of: &JsValue, method: &str, arguments: &Array) -> JsValue {
    let method = Reflect::get(of, &method.into()).ok().and_then(|method| method.dyn_into::<Function>().ok());
    method.and_then(|method| method.apply(of, arguments).ok()).unwrap_or_default()
}
