//! The connection state (Live, Connecting, Reconnecting or Static), current problems, the age of
//! the stats, and buttons to refresh and to reconnect.

use super::freshness::Moment;
use crate::prelude::*;
use crate::{
    client::{ConnectionState, UseRealtimeContainersReturn, use_realtime_containers},
    format::date_time,
    parts::icon::{Glyph, Icon},
};

/// Calls `read` with the current state of all links, and tracks every signal involved.
pub fn at_this_moment<T>(hook: UseRealtimeContainersReturn, read: impl FnOnce(Moment<'_>) -> T) -> T {
    let (sampled_at, last_update, now) = (hook.sampled_at.get(), hook.last_update.get(), hook.now.get());
    let (connection, engines) = (hook.connection.read(), hook.engines.read());
    let stats_interval_millis = hook.settings.stats_interval_millis;
    read(Moment { connection: &connection, engines: &engines, stats_interval_millis, sampled_at, last_update, now })
}

/// The page's only `role="status"`: shows how the list is kept up to date.
#[component]
pub fn ConnectionIndicator() -> Erased {
    let hook = use_realtime_containers();
    let state = move || hook.connection.read().state;
    let troubles = move || at_this_moment(hook, |moment| troubles(&moment));
    let class = move || format!("connection-indicator connection-indicator--{}", tone(state(), &troubles()));
    let is_refreshing = move || hook.connection.read().refreshing;
    view! {
        <div class=class>
            <span class="connection-indicator__lamp">
                {move || view! { <Icon glyph=glyph(state(), &troubles()) /> }.erased()}
            </span>
            // Only the state: screen readers announce it, and the contract fixes it.
            <span class="connection-indicator__state" role="status" aria-label="Connection">
                {move || state().as_str().to_owned()}
            </span>
            // While an engine is lost, "Live" refers only to the server.
            <span class="connection-indicator__reach">{move || at_this_moment(hook, |moment| reach(&moment))}</span>
            <span class="connection-indicator__detail">
                <span class="connection-indicator__trouble">{troubles}</span>
                " "
                <span
                    class="connection-indicator__numbers"
                    title=move || hook.sampled_at.get().map(date_time).unwrap_or_default()
                >
                    {move || at_this_moment(hook, |moment| moment.numbers())}
                </span>
            </span>
            <span class="connection-indicator__unscripted">
                "JavaScript is off. Reload to update."
            </span>
            <button
                type="button"
                class="icon-button"
                aria-label="Refresh now"
                title="Refresh now"
                aria-disabled=move || is_refreshing().then_some("true")
                on:click=move |_| hook.refresh()
            >
                <Icon glyph=Glyph::Refresh />
            </button>
            <button
                type="button"
                class="icon-button"
                aria-label="Reconnect"
                title="Reconnect"
                on:click=move |_| hook.reconnect()
            >
                <Icon glyph=Glyph::Plug />
            </button>
        </div>
    }
    .erased()
}

/// All problems in one line; empty if there are none.
fn troubles(moment: &Moment<'_>) -> String {
    let all: Vec<_> =
        moment.link_trouble().into_iter().chain(moment.engine_troubles()).map(|trouble| trouble.summary).collect();
    all.join("; ")
}

fn tone(state: ConnectionState, troubles: &str) -> &'static str {
    match state {
        ConnectionState::Live if troubles.is_empty() => "live",
        ConnectionState::Live => "troubled",
        ConnectionState::Connecting => "connecting",
        ConnectionState::Reconnecting => "reconnecting",
        ConnectionState::Static => "static",
    }
}

/// The scope of "Live" while an engine is lost.
fn reach(moment: &Moment<'_>) -> String {
    if moment.connection.state != ConnectionState::Live || troubles(moment).is_empty() {
        return String::new();
    }
    let reached = moment.engines_reached();
    if reached.is_empty() { "(server only)".to_owned() } else { reached }
}

fn glyph(state: ConnectionState, troubles: &str) -> Glyph {
    match state {
        ConnectionState::Live if !troubles.is_empty() => Glyph::Warning,
        ConnectionState::Live => Glyph::Disc,
        ConnectionState::Connecting => Glyph::Circle,
        ConnectionState::Reconnecting => Glyph::Restart,
        ConnectionState::Static => Glyph::Square,
    }
}
