//! The page for unknown URLs.

use crate::base_path::address;
use crate::prelude::*;
use crate::{
    frame::page_title::PageTitle,
    page_request::respond_not_found,
    parts::{empty_state::EmptyState, icon::Glyph},
};

/// Responds with status 404 and links to the list of containers.
///
/// # Server-side
/// Renders the styleguide instead if the server provides [`crate::page_request::ShowStyleguide`].
#[component]
pub fn NotFoundPage() -> Erased {
    #[cfg(feature = "ssr")]
    if use_context::<crate::page_request::ShowStyleguide>().is_some() {
        return view! { <super::styleguide::StyleguidePage /> }.erased();
    }
    respond_not_found();
    view! {
        <PageTitle text="Not found" />
        <h1 class="visually-hidden">"Not found"</h1>
        <EmptyState title="Page not found" glyph=Glyph::Search advice=view! {
            <p>
                <a href=address("/containers")>"Show all containers"</a>
            </p>
        }.erased() />
    }
    .erased()
}
