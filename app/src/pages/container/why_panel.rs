//! Why a container stopped, as a panel over the list: one press from the row to the answer.

use super::why::Why;
use crate::prelude::*;
use crate::{
    client::{Row, use_realtime_containers},
    format::has_a_why,
    list::{status_line::StatusLine, why_link::use_why},
    model::{Container, ContainerId},
    parts::icon::{Glyph, Icon},
};
use leptos::{ev::MouseEvent, html, wasm_bindgen::JsCast, web_sys::Element};
use std::sync::Arc;

/// Shows what [`use_why`] holds as a modal dialog; Escape, "Close", a press beside it and every link in it close it. It reads only, so that
/// it is there where nobody may act, too.
///
/// # Server-side
/// A closed dialog.
#[component]
pub fn WhyPanel() -> Erased {
    let asked = use_why();
    let hook = use_realtime_containers();
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        if let (Some(_), Some(dialog)) = (asked.get(), dialog.get())
            && !dialog.open()
        {
            let _ = dialog.show_modal();
        }
    });
    let close = move || {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    let press = move |event: MouseEvent| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let leads_away = |target: &Element| {
            target.matches("dialog").unwrap_or(false) || target.closest("a").is_ok_and(|link| link.is_some())
        };
        if target.as_ref().is_some_and(leads_away) {
            close();
        }
    };
    // A container that is removed meanwhile keeps its last words on the screen.
    let row = move |id: ContainerId| untrack(|| hook.rows.get(id));
    let content = live(move || {
        asked
            .get()
            .and_then(row)
            .map(|Row { container, .. }| {
                let container: Signal<Arc<Container>> = container.into();
                view! {
                    <StatusLine container />
                    <Why container with_page_link=true />
                }
            })
            .erased()
    });
    let title = text(move || {
        let container = asked.get().and_then(row).map(|row| row.container.get());
        container.map(|container| question(&container)).unwrap_or_default()
    });
    view! {
        <dialog
            class="why-panel"
            aria-labelledby="why-panel-title"
            node_ref=dialog
            on:click=press
            on:close=move |_| {
                asked.try_set(None);
            }
        >
            <div class="why-panel__content">
                <div class="why-panel__head">
                    <h2 class="why-panel__title" id="why-panel-title" dir="auto">
                        {title}
                    </h2>
                    <button type="button" class="icon-button" aria-label="Close" on:click=move |_| close()>
                        <Icon glyph=Glyph::Close />
                    </button>
                </div>
                {content}
            </div>
        </dialog>
    }
    .erased()
}

fn question(container: &Container) -> String {
    let name = &container.name;
    match (has_a_why(container), container.state.has_processes()) {
        (true, true) => format!("What is wrong with {name}?"),
        (true, false) => format!("Why did {name} stop?"),
        (false, _) => format!("How is {name}?"),
    }
}
