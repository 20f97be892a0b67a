//! State, health and how long: `Running healthy up 3 h`, `Stopped (137) 2 min ago`.

use super::{
    actions::{progress, use_actions},
    state_badge::StateBadge,
};
use crate::{
    format::{status_detail, status_story},
    model::{Container, Timestamp},
};
use leptos::prelude::*;
use std::sync::Arc;

/// One line about what a container is doing; the story behind it is in the tooltip.
#[component]
pub fn StatusLine(
    /// Whose state.
    container: Signal<Arc<Container>>,
    /// The server's clock.
    now: Signal<Timestamp>,
) -> impl IntoView {
    let actions = use_actions();
    let detail = Memo::new(move |_| {
        let container = container.get();
        match actions.pending(container.id) {
            Some(action) => progress(action).to_owned(),
            None => status_detail(&container, now.get()),
        }
    });
    view! {
        <p class="status-line" title=move || container.with(|container| status_story(container))>
            {move || container.with(|container| view! { <StateBadge container=&**container /> })} " "
            <span class="status-line__detail">{detail}</span>
            {move || {
                container
                    .with(|container| container.restart_count > 0)
                    .then(|| {
                        view! { " " <span class="status-line__restarts">{move || restarts(&container.get())}</span> }
                    })
            }}
        </p>
    }
    .into_any()
}

fn restarts(container: &Container) -> String {
    match container.restart_count {
        1 => "1 restart".to_owned(),
        count => format!("{count} restarts"),
    }
}
