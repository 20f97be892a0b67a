//! "Why?" beside a container that stopped, and which container somebody asks it of.
//!
//! A link to the container's page, where the answer stands at the top; in the list a press opens it as a panel instead, which is drawn
//! by [`crate::pages::container::why_panel`].

use crate::base_path::address;
use crate::prelude::*;
use crate::{
    format::has_a_why,
    model::{Container, ContainerId},
};
use leptos::{ev::MouseEvent, wasm_bindgen::JsCast, web_sys::Element};

/// Of which container it is asked, for the whole app.
#[derive(Clone, Copy)]
struct Asked(RwSignal<Option<ContainerId>>);

/// Puts the question into context, and gives it back.
pub fn provide_why() -> RwSignal<Option<ContainerId>> {
    let asked = RwSignal::new(None);
    provide_context(Asked(asked));
    asked
}

/// Of which container somebody asks why it stopped.
///
/// # Panics
/// Outside the component that called [`provide_why`].
pub fn use_why() -> RwSignal<Option<ContainerId>> {
    let Asked(asked) = expect_context();
    asked
}

/// The link, where there is something to explain.
pub fn why_link(container: &Container) -> Option<Erased> {
    has_a_why(container).then(|| {
        view! {
            " "
            <a
                class="why-link"
                href=address(&format!("/containers/{}", container.id))
                aria-label=format!("Why? {}", container.name)
                aria-haspopup="dialog"
            >
                "Why?"
            </a>
        }
        .erased()
    })
}

/// A press that may ask it: in the list one listener hears them all. With a modifier it is a link like any other.
pub fn hear_why(asked: RwSignal<Option<ContainerId>>, event: &MouseEvent) {
    let opens_elsewhere = event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key();
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let link = target.and_then(|target| target.closest("a.why-link").ok().flatten()).filter(|_| !opens_elsewhere);
    let href = link.and_then(|link| link.get_attribute("href"));
    if let Some(id) = href.and_then(|href| href.rsplit('/').next()?.parse().ok()) {
        event.prevent_default();
        asked.set(Some(id));
    }
}
