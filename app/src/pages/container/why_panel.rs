//! Dialog over the list that explains why a container stopped or is unhealthy.

use super::why::Why;
use crate::prelude::*;
use crate::{
    client::{Row, use_realtime_containers},
    format::needs_explanation,
    list::{status_line::StatusLine, why_link::use_why},
    model::{Container, ContainerKey},
    parts::{
        dialog::{Dialog, Modal},
        icon::{Glyph, Icon},
    },
};
use leptos::{ev::MouseEvent, wasm_bindgen::JsCast, web_sys::Element};

/// Shows the container in [`use_why`] in a modal dialog. Escape, "Close", a click outside and any
/// link in the dialog close it. The dialog is read-only, so users without permission to act can
/// open it, too.
///
/// # Server-side
/// A closed dialog.
#[component]
pub fn WhyPanel() -> Erased {
    let requested = use_why();
    let hook = use_realtime_containers();
    let modal = Modal::default();
    let on_click = move |event: MouseEvent| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        if target.is_some_and(|target| target.closest("a").is_ok_and(|link| link.is_some())) {
            modal.close();
        }
    };
    // If the container is removed meanwhile, the dialog keeps showing its last state.
    let row = move |key: ContainerKey| untrack(|| hook.rows.get(key));
    let story = move || {
        requested
            .get()
            .and_then(row)
            .map(|Row { container, .. }| {
                let container = ReadSignal::from(container);
                view! {
                    <StatusLine container />
                    <Why container with_page_link=true />
                }
            })
            .erased()
    };
    let title = move || {
        let container = requested.get().and_then(row).map(|row| row.container.get());
        container.map(|container| heading(&container)).unwrap_or_default()
    };
    let content = view! {
            <div class="why-panel__content" on:click=on_click>
                <div class="why-panel__head">
                    <h2 class="why-panel__title" id="why-panel-title" dir="auto">
                        {title}
                    </h2>
                    <button type="button" class="icon-button" aria-label="Close" on:click=move |_| modal.close()>
                        <Icon glyph=Glyph::Close />
                    </button>
                </div>
                {story}
            </div>
    }
    .erased();
    view! {
        <Dialog
            modal
            class="why-panel"
            is_open=Signal::derive(move || requested.get().is_some())
            on_close=Callback::new(move |()| {
                requested.try_set(None);
            })
            labeled_by="why-panel-title"
            closes_on_backdrop=true
            content
        />
    }
    .erased()
}

fn heading(container: &Container) -> String {
    let name = &container.name;
    match (needs_explanation(container), container.state.has_processes()) {
        (true, true) => format!("What is wrong with {name}?"),
        (true, false) => format!("Why did {name} stop?"),
        (false, _) => format!("Status of {name}"),
    }
}
