//! State, health and how long: `Running healthy up 3 h`, `Stopped (137) 2 min ago`, `Restarting crash loop, (1) 4 s ago`.

use super::{
    actions::{progress, use_actions},
    erased::{Erase, live, text, word},
    state_badge::StateBadge,
    why_link::why_link,
};
use crate::prelude::*;
use crate::{
    format::{is_crash_looping, status_detail, status_story},
    model::{Container, Timestamp},
};
use std::sync::Arc;

/// One line about what a container is doing; the story behind it, and what is cut, is in the tooltip.
#[component]
pub fn StatusLine(
    /// Whose state.
    container: Signal<Arc<Container>>,
    /// The server's clock.
    now: Signal<Timestamp>,
    /// Whether a link asks why it stopped, where it did. Default: no.
    #[prop(optional)]
    with_why: bool,
) -> impl IntoView {
    let actions = use_actions();
    let detail = text(move || {
        let container = container.get();
        match actions.pending(container.id) {
            Some(action) => progress(action).to_owned(),
            None => status_detail(&container, now.get()),
        }
    });
    let title = text(move || summary(&container.read()));
    let badge = live(move || {
        let container = container.get();
        view! { <StateBadge container=&*container /> }.erased()
    });
    let restarts = live(move || {
        let container = container.get();
        let restarts = restarts(container.restart_count);
        (
            with_why.then(|| why_link(&container)).flatten(),
            restarts.map(|restarts| view! { " " <span class="status-line__restarts">{restarts}</span> }),
        )
            .erased()
    });
    let is_looping = word(move || is_crash_looping(&container.read(), now.get()).then_some("true"));
    view! {
        <p class="status-line" title=title>
            {badge}
            " "
            <span class="status-line__detail" data-looping=is_looping>
                {detail}
            </span>
            {restarts}
        </p>
    }
    .erased()
}

/// What the line may have no room for, and the story behind it: `Running, healthy. Up since …`.
fn summary(container: &Container) -> String {
    let health = container.health.filter(|_| container.state.has_processes());
    let words = [
        Some(container.state.label().to_owned()),
        health.map(|health| health.as_str().to_owned()),
        restarts(container.restart_count),
    ];
    let words = words.into_iter().flatten().collect::<Vec<_>>().join(", ");
    format!("{words}. {}", status_story(container))
}

fn restarts(count: i64) -> Option<String> {
    match count {
        ..=0 => None,
        1 => Some("1 restart".to_owned()),
        count => Some(format!("{count} restarts")),
    }
}
