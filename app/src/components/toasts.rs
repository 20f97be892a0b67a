//! Actions the engine or the server refused, with its own reason, until dismissed.

use super::{
    actions::{Refusal, use_actions, verb},
    icon::{Glyph, Icon},
};
use crate::components::erased::Erase;
use leptos::prelude::*;

/// The refusals, in a corner of the window.
#[component]
pub fn Toasts() -> impl IntoView {
    let actions = use_actions();
    view! {
        <div class="toasts">
            <For each=move || actions.refusals().get() key=|refusal| refusal.serial let:refusal>
                <Toast refusal />
            </For>
        </div>
    }
    .erased()
}

#[component]
fn Toast(
    /// What was refused, and why.
    refusal: Refusal,
) -> impl IntoView {
    let actions = use_actions();
    let Refusal { serial, action, name, error } = refusal;
    view! {
        <div class="toasts__toast" role="alert">
            <Icon glyph=Glyph::Warning />
            <div class="toasts__text">
                <p class="toasts__title">{verb(action)} " " <bdi>{name}</bdi> ": not done"</p>
                <p dir="auto">{error.detail}</p>
                {error.hint.map(|hint| view! { <p class="toasts__hint">{hint}</p> })}
            </div>
            <button type="button" class="icon-button" aria-label="Dismiss" on:click=move |_| actions.dismiss(serial)>
                <Icon glyph=Glyph::Close />
            </button>
        </div>
    }
    .erased()
}
