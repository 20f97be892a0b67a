//! An address that leads nowhere.

use crate::base_path::address;
use crate::prelude::*;
use crate::{
    frame::page_title::PageTitle,
    page_request::respond_not_found,
    parts::{empty_state::EmptyState, icon::Glyph},
};

/// Says so, with status 404, and leads back.
///
/// # Server-side
/// Where the server says [`crate::page_request::ShowStyleguide`], that is drawn instead.
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
        <EmptyState title="There is no page at this address" glyph=Glyph::Search advice=view! {
            <p>
                <a href=address("/containers")>"See all containers"</a>
            </p>
        }.erased() />
    }
    .erased()
}
