//! What the list's toolbar needs once somebody uses it, in a chunk of its own.

use super::{list_options::ListOptions, search_completion::SearchCompletion, toolbar::ToolbarParts};
use crate::prelude::*;

/// The search's suggestions, and the options.
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
