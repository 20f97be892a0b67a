//! State, health and how long: `Running healthy up 3 h`, `Stopped (137) 2 min ago`, `Restarting crash loop, (1) 4 s ago`.

use super::why_link::why_link;
use crate::prelude::*;
use crate::{
    acting::actions::{progress, use_actions},
    client::{UseRealtimeContainersReturn, use_realtime_containers},
    format::{date_time, is_crash_looping, status_detail, status_story},
    model::{Container, Timestamp},
    parts::state_badge::StateBadge,
};
use std::{sync::Arc, time::Duration};

/// For so long after something happened to a container, its words change by the second: ages up to a minute, and a crash loop up to two.
const YOUNG: Duration = Duration::from_secs(150);

/// One line about what a container is doing; the story behind it, and what is cut, is in the tooltip.
#[component]
pub fn StatusLine(
    /// Whose state.
    container: Signal<Arc<Container>>,
    /// Whether a link asks why it stopped, where it did. Default: no.
    #[prop(optional)]
    with_why: bool,
) -> Erased {
    let actions = use_actions();
    let hook = use_realtime_containers();
    let detail = text(move || {
        let container = container.get();
        match actions.pending(container.id) {
            Some(action) => progress(action).to_owned(),
            None => unanswered(&container)
                .map_or_else(|| status_detail(&container, followed(&container, hook)), str::to_owned),
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
    let is_looping = word(move || {
        let container = container.read();
        (container.restart_count > 0 && is_crash_looping(&container, followed(&container, hook))).then_some("true")
    });
    let is_unanswered = word(move || unanswered(&container.read()).map(|_| "true"));
    view! {
        <p class="status-line" title=title>
            {badge}
            " "
            <span class="status-line__detail" data-looping=is_looping data-unanswered=is_unanswered>
                {detail}
            </span>
            {restarts}
        </p>
    }
    .erased()
}

/// The server's clock, followed only as closely as the words of a container change with it: a thousand of them need not be made anew every
/// second to say "up 3 h".
fn followed(container: &Container, hook: UseRealtimeContainersReturn) -> Timestamp {
    let times = [container.created_at, container.started_at, container.finished_at];
    let slow_now = hook.slow_now.get();
    match times.into_iter().flatten().max() {
        Some(newest) if slow_now.since(newest) < YOUNG => hook.now.get(),
        _ => slow_now,
    }
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
    let unanswered =
        container.inspect_error.as_ref().map(|problem| format!(" {}", problem.message)).unwrap_or_default();
    format!("{words}. {}{unanswered}", status_story(container, &date_time))
}

/// In place of the times, which only inspect says: that it fails for this container. The reason is in the tooltip.
fn unanswered(container: &Container) -> Option<&'static str> {
    let problem = container.inspect_error.as_ref()?;
    Some(if problem.code == "unknown_state" { "state unknown" } else { "the engine does not answer for it" })
}

fn restarts(count: i64) -> Option<String> {
    match count {
        ..=0 => None,
        1 => Some("1 restart".to_owned()),
        count => Some(format!("{count} restarts")),
    }
}
