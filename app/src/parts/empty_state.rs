//! What stands where containers would: why there are none, and what to do.

use super::icon::{Glyph, Icon};
use crate::prelude::*;

/// A short text in the middle of the page.
#[component]
pub fn EmptyState(
    /// What there is not.
    title: &'static str,
    /// A sign for it.
    glyph: Glyph,
    /// Why, and what to do.
    advice: Erased,
) -> Erased {
    view! {
        <section class="empty-state">
            <Icon glyph />
            <h2 class="empty-state__title">{title}</h2>
            {advice}
        </section>
    }
    .erased()
}
