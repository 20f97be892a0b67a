//! An address that leads nowhere.

use crate::components::erased::Erase;
use crate::{
    app::respond_not_found,
    components::{empty_state::EmptyState, icon::Glyph},
};
use leptos::prelude::*;
use leptos_meta::Title;

/// Says so, with status 404, and leads back.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    respond_not_found();
    view! {
        <Title text="Not found" />
        <h1 class="visually-hidden">"Not found"</h1>
        <EmptyState title="There is no page at this address" glyph=Glyph::Search advice=view! {
            <p>
                <a href="/containers">"See all containers"</a>
            </p>
        }.erased() />
    }
    .erased()
}
