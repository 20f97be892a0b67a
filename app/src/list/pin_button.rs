//! Button that pins a container to the top of the list or unpins it.

use crate::prelude::*;
use crate::{
    model::Container,
    parts::icon::{Glyph, Icon},
    prefs::remembered::use_remembered,
    query::ListQuery,
};
use std::sync::Arc;

/// A toggle button that pins a container.
#[component]
pub fn PinButton(
    /// Container that the button pins or unpins.
    container: ReadSignal<Arc<Container>>,
) -> Erased {
    let remembered = use_remembered();
    let is_pinned = Memo::new(move |_| remembered.is_pinned(&container.read()));
    let toggle =
        move |_| remembered.set_pins(&[ListQuery::pin_of(&container.read_untracked())], !is_pinned.get_untracked());
    view! {
        <button
            type="button"
            class="button pin-button"
            aria-pressed=move || if is_pinned.get() { "true" } else { "false" }
            on:click=toggle
        >
            <Icon glyph=Glyph::Up />
            {move || if is_pinned.get() { "Pinned to the top" } else { "Pin to the top" }.to_owned()}
        </button>
    }
    .erased()
}
