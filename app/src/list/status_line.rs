//! Status of a container: `Running healthy up 3 h`, `Stopped (137) 2 min ago`, `Restarting crash
//! loop, (1) 4 s ago`.

use super::why_link::why_link;
use crate::prelude::*;
use crate::{
    acting::actions::{progress, use_actions},
    client::{UseRealtimeContainersReturn, use_realtime_containers},
    format::{date_time, is_crash_looping, status_detail, status_explanation},
    model::{Container, Timestamp},
    parts::state_badge::StateBadge,
};
use std::{sync::Arc, time::Duration};

/// Time after an event during which the text changes every second: a minute for ages, two for crash
/// loops.
const EVERY_SECOND_PERIOD: Duration = Duration::from_secs(150);

/// The status in one line. The tooltip has the full text and more details.
#[component]
pub fn StatusLine(
    /// Container whose status is shown.
    container: ReadSignal<Arc<Container>>,
    /// Whether to include the "Why?" link. Default: false.
    #[prop(optional)]
    with_why: bool,
) -> Erased {
    let actions = use_actions();
    let hook = use_realtime_containers();
    let detail = move || {
        let container = container.get();
        match actions.pending(container.key()) {
            Some(action) => progress(action).to_owned(),
            None => inspect_error(&container)
                .map_or_else(|| status_detail(&container, clock_for(&container, hook)), str::to_owned),
        }
    };
    let title = move || summary(&container.read());
    let badge = move || {
        let container = container.get();
        view! { <StateBadge container=&*container /> }.erased()
    };
    let restarts = move || {
        let container = container.get();
        let restarts = restarts(container.restart_count);
        (
            with_why.then(|| why_link(&container)).flatten(),
            restarts.map(|restarts| view! { " " <span class="status-line__restarts">{restarts}</span> }),
        )
            .erased()
    };
    let is_looping = move || {
        let container = container.read();
        (container.restart_count > 0 && is_crash_looping(&container, clock_for(&container, hook))).then_some("true")
    };
    let has_inspect_error = move || inspect_error(&container.read()).map(|_| "true");
    view! {
        <p class="status-line" title=title>
            {badge}
            " "
            <span class="status-line__detail" data-looping=is_looping data-inspect_error=has_inspect_error>
                {detail}
            </span>
            {restarts}
        </p>
    }
    .erased()
}

/// The engine's clock, tracked only as often as the text changes, so that a thousand rows with "up
/// 3 h" are not updated every second.
fn clock_for(container: &Container, hook: UseRealtimeContainersReturn) -> Timestamp {
    let times = [container.created_at, container.started_at, container.finished_at];
    let on_engine = |at| hook.rows.engine_time(container.engine, at);
    let slow_now = on_engine(hook.slow_now.get());
    match times.into_iter().flatten().max() {
        Some(newest) if slow_now.since(newest) < EVERY_SECOND_PERIOD => on_engine(hook.now.get()),
        _ => slow_now,
    }
}

/// The tooltip, such as `Running, healthy. Up since …`.
fn summary(container: &Container) -> String {
    let health = container.health.filter(|_| container.state.has_processes());
    let words = [
        Some(container.state.label().to_owned()),
        health.map(|health| health.as_str().to_owned()),
        restarts(container.restart_count),
    ];
    let words = words.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let inspect_error =
        container.inspect_error.as_ref().map(|problem| format!(" {}", problem.message)).unwrap_or_default();
    format!("{words}. {}{inspect_error}", status_explanation(container, &date_time))
}

/// Text in place of the times if inspect fails for this container. The tooltip has the reason.
fn inspect_error(container: &Container) -> Option<&'static str> {
    let problem = container.inspect_error.as_ref()?;
    Some(if problem.code == "unknown_state" { "state unknown" } else { "inspect failed" })
}

fn restarts(count: i64) -> Option<String> {
    match count {
        ..=0 => None,
        1 => Some("1 restart".to_owned()),
        count => Some(format!("{count} restarts")),
    }
}
