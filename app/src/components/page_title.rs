//! What the browser's tab says.

use crate::prelude::*;
use leptos::text_prop::TextProp;
use leptos_meta::Title;

/// The page's own part of the title.
#[component]
pub fn PageTitle(
    /// What it says.
    #[prop(into)]
    text: TextProp,
) -> Erased {
    other(view! { <Title text /> })
}
