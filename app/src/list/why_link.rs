//! The "Why?" link of a container that stopped or is unhealthy, and the state of the panel it
//! opens.
//!
//! The link leads to the container's page, which has the explanation at the top. In the list, a
//! click opens it in the panel of [`crate::pages::container::why_panel`] instead.

use crate::base_path::address;
use crate::prelude::*;
use crate::{
    client::use_realtime_containers,
    format::needs_explanation,
    model::{Container, ContainerKey},
    parts::container_element::key_at,
};
use leptos::{ev::MouseEvent, wasm_bindgen::JsCast, web_sys::Element};

/// The container in the panel, for the whole app.
#[derive(Clone, Copy)]
struct WhyContainer(RwSignal<Option<ContainerKey>>);

/// Provides and returns the container in the panel.
pub fn provide_why() -> RwSignal<Option<ContainerKey>> {
    let container = RwSignal::new(None);
    provide_context(WhyContainer(container));
    container
}

/// The container in the panel; `None` while the panel is closed.
///
/// # Panics
/// Outside the component that called [`provide_why`].
pub fn use_why() -> RwSignal<Option<ContainerKey>> {
    let WhyContainer(container) = expect_context();
    container
}

/// The link, if there is something to explain.
pub fn why_link(container: &Container) -> Option<Erased> {
    needs_explanation(container).then(|| {
        view! {
            " "
            <a
                class="why-link"
                href=address(&use_realtime_containers().rows.page_path(container.key()))
                aria-label=format!("Why? {}", container.name)
                aria-haspopup="dialog"
            >
                "Why?"
            </a>
        }
        .erased()
    })
}

/// Opens the panel if the click is on a "Why?" link; the list has one listener for all its rows.
/// With a modifier key, the link works as usual.
pub fn open_why_panel(container: RwSignal<Option<ContainerKey>>, event: &MouseEvent) {
    let opens_elsewhere = event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key();
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let link = target.and_then(|target| target.closest("a.why-link").ok().flatten()).filter(|_| !opens_elsewhere);
    if let Some(key) = link.and_then(|link| key_at(&link)) {
        event.prevent_default();
        container.set(Some(key));
    }
}
