//! Message in place of an empty list, with a reason and advice.

use super::icon::{Glyph, Icon};
use crate::prelude::*;

/// A short message in the middle of the page.
#[component]
pub fn EmptyState(
    /// Heading of the message.
    title: &'static str,
    /// Icon.
    glyph: Glyph,
    /// Reason and advice.
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
