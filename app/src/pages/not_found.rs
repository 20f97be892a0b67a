//! An address that leads nowhere.

use crate::base_path::address;
use crate::prelude::*;
use crate::{
    app::respond_not_found,
    components::{empty_state::EmptyState, icon::Glyph, page_title::PageTitle},
};

/// Says so, with status 404, and leads back.
///
/// # Server-side
/// Where the server says [`crate::app::ShowStyleguide`], that is drawn instead.
#[component]
pub fn NotFoundPage() -> Erased {
    #[cfg(feature = "ssr")]
    if use_context::<crate::app::ShowStyleguide>().is_some() {
        return view! { <super::StyleguidePage /> }.erased();
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
