//! Why a container stopped, as a panel over the list: one press from the row to the answer.

use super::why::Why;
use crate::prelude::*;
use crate::{
    client::{Row, use_realtime_containers},
    format::has_a_why,
    list::{status_line::StatusLine, why_link::use_why},
    model::{Container, ContainerId},
    parts::{
        dialog::{Dialog, Modal},
        icon::{Glyph, Icon},
    },
};
use leptos::{ev::MouseEvent, wasm_bindgen::JsCast, web_sys::Element};
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
    let modal = Modal::default();
    let press = move |event: MouseEvent| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        if target.is_some_and(|target| target.closest("a").is_ok_and(|link| link.is_some())) {
            modal.close();
        }
    };
    // A container that is removed meanwhile keeps its last words on the screen.
    let row = move |id: ContainerId| untrack(|| hook.rows.get(id));
    let story = live(move || {
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
    let content = view! {
            <div class="why-panel__content" on:click=press>
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
            is_open=Signal::derive(move || asked.get().is_some())
            on_close=Callback::new(move |()| {
                asked.try_set(None);
            })
            labelled_by="why-panel-title"
            closes_on_backdrop=true
            content
        />
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
