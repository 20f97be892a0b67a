//! Live, Connecting, Reconnecting or Static; beside it what is wrong and how old the numbers are; and the two buttons.

use super::{
    freshness::Moment,
    icon::{Glyph, Icon},
};
use crate::client::{ConnectionState, UseRealtimeContainersReturn, use_realtime_containers};
use leptos::prelude::*;

/// What is wrong, as of now; tracks everything it is made of.
pub fn at_this_moment<T>(hook: UseRealtimeContainersReturn, read: impl FnOnce(Moment<'_>) -> T) -> T {
    let (sampled_at, last_update, now) = (hook.sampled_at.get(), hook.last_update.get(), hook.now.get());
    hook.connection.with(|connection| {
        hook.engines.with(|engines| read(Moment { connection, engines, sampled_at, last_update, now }))
    })
}

/// The page's one status: how the list keeps itself up to date.
#[component]
pub fn ConnectionIndicator() -> impl IntoView {
    let hook = use_realtime_containers();
    let state = Memo::new(move |_| hook.connection.with(|connection| connection.state));
    let troubles = Memo::new(move |_| at_this_moment(hook, |moment| troubles(&moment)));
    let numbers = Memo::new(move |_| at_this_moment(hook, |moment| moment.numbers()));
    let is_refreshing = Memo::new(move |_| hook.connection.with(|connection| connection.refreshing));
    view! {
        <div class=move || format!("connection-indicator connection-indicator--{}", tone(state.get(), &troubles.get()))>
            <span class="connection-indicator__lamp">{move || view! { <Icon glyph=glyph(state.get()) /> }}</span>
            // The word alone: what a screen reader announces, and tests read.
            <span class="connection-indicator__state" role="status" aria-label="Connection">
                {move || state.get().as_str()}
            </span>
            <span class="connection-indicator__detail">
                {move || troubles.get().map(|troubles| view! { <span class="connection-indicator__trouble">{troubles}</span> })}
                <span class="connection-indicator__numbers">{numbers}</span>
            </span>
            <span class="connection-indicator__unscripted">
                "Not live: this browser runs no JavaScript. Reload for the present."
            </span>
            <button
                type="button"
                class="icon-button"
                aria-label="Refresh now"
                title="Refresh now"
                aria-disabled=move || is_refreshing.get().then_some("true")
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
    .into_any()
}

/// What is wrong, in one line.
fn troubles(moment: &Moment<'_>) -> Option<String> {
    let all: Vec<_> =
        moment.link_trouble().into_iter().chain(moment.engine_troubles()).map(|trouble| trouble.summary).collect();
    (!all.is_empty()).then(|| all.join("; "))
}

fn tone(state: ConnectionState, troubles: &Option<String>) -> &'static str {
    match (state, troubles) {
        (ConnectionState::Live, None) => "live",
        (ConnectionState::Live, Some(_)) => "troubled",
        (ConnectionState::Connecting, _) => "connecting",
        (ConnectionState::Reconnecting, _) => "reconnecting",
        (ConnectionState::Static, _) => "static",
    }
}

fn glyph(state: ConnectionState) -> Glyph {
    match state {
        ConnectionState::Live => Glyph::Disc,
        ConnectionState::Connecting => Glyph::Circle,
        ConnectionState::Reconnecting => Glyph::Restart,
        ConnectionState::Static => Glyph::Square,
    }
}
