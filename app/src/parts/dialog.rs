//! A modal dialog, as the browser has it: it takes the focus, gives it back, and closes on Escape.
//!
//! In: a signal that opens it. Out: a callback once it is closed.

use crate::prelude::*;
use leptos::{ev::MouseEvent, html, wasm_bindgen::JsCast, web_sys::HtmlDialogElement};

/// The element of a [`Dialog`], to close it. `Copy`: pass it about freely.
#[derive(Debug, Clone, Copy, Default)]
pub struct Modal(NodeRef<html::Dialog>);

impl Modal {
    /// Closes the dialog now; the focus goes back to where it was.
    pub fn close(self) {
        if let Some(dialog) = self.0.get_untracked() {
            dialog.close();
        }
    }
}

/// A modal dialog.
///
/// # Server-side
/// A closed dialog.
#[component]
pub fn Dialog(
    /// Its element.
    modal: Modal,
    /// Class of the element.
    class: &'static str,
    /// Opens the dialog when it becomes true.
    is_open: Signal<bool>,
    /// Called when the dialog has opened.
    #[prop(optional)]
    on_open: Option<Callback<()>>,
    /// Called when the dialog has closed, however that happened.
    on_close: Callback<()>,
    /// Accessible name, where no element has it.
    #[prop(optional)]
    label: Option<&'static str>,
    /// Id of the element with its accessible name.
    #[prop(optional)]
    labelled_by: Option<&'static str>,
    /// Id of the element with its description.
    #[prop(optional)]
    described_by: Option<&'static str>,
    /// True if a press on the backdrop closes it.
    #[prop(optional)]
    closes_on_backdrop: bool,
    /// What is in it.
    content: Erased,
) -> Erased {
    let Modal(element) = modal;
    Effect::new(move |_| {
        if let (true, Some(dialog)) = (is_open.get(), element.get())
            && !dialog.open()
        {
            let _ = dialog.show_modal();
            if let Some(on_open) = on_open {
                on_open.run(());
            }
        }
    });
    // The backdrop is the dialog itself; its content is in an element of its own.
    let press = move |event: MouseEvent| {
        if closes_on_backdrop && event.target().is_some_and(|target| target.has_type::<HtmlDialogElement>()) {
            modal.close();
        }
    };
    view! {
        <dialog
            class=class
            aria-label=label
            aria-labelledby=labelled_by
            aria-describedby=described_by
            node_ref=element
            on:click=press
            on:close=move |_| {
                on_close.try_run(());
            }
        >
            {content}
        </dialog>
    }
    .erased()
}
