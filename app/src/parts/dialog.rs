//! A native modal dialog: the browser moves and restores the focus, and closes it on Escape.
//!
//! In: a signal that opens it. Out: a callback after it is closed.

use crate::prelude::*;
use leptos::{ev::MouseEvent, html, wasm_bindgen::JsCast, web_sys::HtmlDialogElement};

/// Handle that closes a [`Dialog`]. `Copy`, so that any closure can capture it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Modal(NodeRef<html::Dialog>);

impl Modal {
    /// Closes the dialog; the browser restores the focus.
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
    /// The handle.
    modal: Modal,
    /// Class of the dialog's element.
    class: &'static str,
    /// The dialog opens when this becomes true.
    is_open: Signal<bool>,
    /// Called when the dialog has opened.
    #[prop(optional)]
    on_open: Option<Callback<()>>,
    /// Called after the dialog was closed in any way.
    on_close: Callback<()>,
    /// Accessible name, if no element provides it.
    #[prop(optional)]
    label: Option<&'static str>,
    /// Id of the element with its accessible name.
    #[prop(optional)]
    labeled_by: Option<&'static str>,
    /// Id of the element with its description.
    #[prop(optional)]
    described_by: Option<&'static str>,
    /// True if a click on the backdrop closes the dialog.
    #[prop(optional)]
    closes_on_backdrop: bool,
    /// Elements in the dialog.
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
    // The target of a click on the backdrop is the dialog itself; the content has its own element.
    let on_click = move |event: MouseEvent| {
        if closes_on_backdrop && event.target().is_some_and(|target| target.has_type::<HtmlDialogElement>()) {
            modal.close();
        }
    };
    view! {
        <dialog
            class=class
            aria-label=label
            aria-labelledby=labeled_by
            aria-describedby=described_by
            node_ref=element
            on:click=on_click
            on:close=move |_| {
                on_close.try_run(());
            }
        >
            {content}
        </dialog>
    }
    .erased()
}
