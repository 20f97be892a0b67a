//! Components needed once the toolbar is used, in their own chunk.

use super::{list_options::ListOptions, search_completion::SearchCompletion, toolbar::ToolbarParts};
use crate::prelude::*;

/// The search suggestions and the options panel.
#[component]
pub fn ListParts() -> Erased {
    let parts = use_context::<ToolbarParts>();
    parts
        .map(|parts| {
            view! {
                <SearchCompletion parts />
                <ListOptions parts />
            }
        })
        .erased()
}
