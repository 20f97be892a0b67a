//! Live, Connecting, Reconnecting or Static; beside it what is wrong and how old the numbers are; and the two buttons.

use super::freshness::Moment;
use crate::prelude::*;
use crate::{
    client::{ConnectionState, UseRealtimeContainersReturn, use_realtime_containers},
    format::date_time,
    parts::icon::{Glyph, Icon},
};

/// What is wrong, as of now; tracks everything it is made of.
pub fn at_this_moment<T>(hook: UseRealtimeContainersReturn, read: impl FnOnce(Moment<'_>) -> T) -> T {
    let (sampled_at, last_update, now) = (hook.sampled_at.get(), hook.last_update.get(), hook.now.get());
    let (connection, engines) = (hook.connection.read(), hook.engines.read());
    let stats_interval_millis = hook.settings.stats_interval_millis;
    read(Moment { connection: &connection, engines: &engines, stats_interval_millis, sampled_at, last_update, now })
}

/// The page's one status: how the list keeps itself up to date.
#[component]
pub fn ConnectionIndicator() -> Erased {
    let hook = use_realtime_containers();
    let state = move || hook.connection.read().state;
    let troubles = move || at_this_moment(hook, |moment| troubles(&moment));
    let class = text(move || format!("connection-indicator connection-indicator--{}", tone(state(), &troubles())));
    let is_refreshing = move || hook.connection.read().refreshing;
    view! {
        <div class=class>
            <span class="connection-indicator__lamp">
                {live(move || view! { <Icon glyph=glyph(state(), &troubles()) /> }.erased())}
            </span>
            // The word alone: what a screen reader announces, and tests read.
            <span class="connection-indicator__state" role="status" aria-label="Connection">
                {text(move || state().as_str().to_owned())}
            </span>
            // An engine that is lost is the news; that the page hears of it comes second.
            <span class="connection-indicator__reach">{text(move || reach(state(), &troubles()).to_owned())}</span>
            <span class="connection-indicator__detail">
                <span class="connection-indicator__trouble">{text(troubles)}</span>
                " "
                <span
                    class="connection-indicator__numbers"
                    title=text(move || hook.sampled_at.get().map(date_time).unwrap_or_default())
                >
                    {text(move || at_this_moment(hook, |moment| moment.numbers()))}
                </span>
            </span>
            <span class="connection-indicator__unscripted">
                "Not live: this browser runs no JavaScript. Reload for the present."
            </span>
            <button
                type="button"
                class="icon-button"
                aria-label="Refresh now"
                title="Refresh now"
                aria-disabled=word(move || is_refreshing().then_some("true"))
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

/// What is wrong, in one line; nothing while nothing is.
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

/// What the word is about, where it could be taken for more.
const fn reach(state: ConnectionState, troubles: &str) -> &'static str {
    match state {
        ConnectionState::Live if !troubles.is_empty() => "to the server",
        _ => "",
    }
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
