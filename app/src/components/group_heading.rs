//! What stands above the containers of one Compose project.

use leptos::prelude::*;

/// `shop  2 of 3 running`.
#[component]
pub fn GroupHeading(
    /// The project; `None` for containers without one.
    project: Option<String>,
    /// How many of those listed run.
    running: usize,
    /// How many are listed.
    total: usize,
) -> impl IntoView {
    let name = project.unwrap_or_else(|| "No project".to_owned());
    let title = name.clone();
    view! {
        <h2 class="group-heading">
            <bdi class="group-heading__name" title=title>{name}</bdi>
            " "
            <span class="group-heading__count">{running} " of " {total} " running"</span>
        </h2>
    }
}
