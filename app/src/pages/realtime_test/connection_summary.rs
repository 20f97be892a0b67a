//! Every link between a container and this page: its state, since when, and what went wrong last.

use crate::{
    client::{UseRealtimeContainersReturn, use_realtime_containers},
    format::{ago, clock_time},
    model::{Engine, EngineLink, Timestamp},
};
use leptos::prelude::*;

/// The links, and the buttons that cut and restore the stream.
#[component]
pub fn ConnectionSummary() -> impl IntoView {
    let hook = use_realtime_containers();
    let is_cut = Memo::new(move |_| hook.connection.with(|connection| connection.cut));
    view! {
        <section class="connection-summary" aria-label="Connection summary">
            <h2 class="realtime-test-page__heading">"Connection summary"</h2>
            <div class="connection-summary__links">
                <PageLink hook />
                {move || {
                    hook.engines.get().into_iter().map(|engine| engine_link(engine, hook.now)).collect_view()
                }}
            </div>
            <div class="connection-summary__buttons">
                <button
                    type="button"
                    class="button"
                    aria-disabled=move || is_cut.get().then_some("true")
                    on:click=move |_| hook.cut()
                >
                    "Cut stream"
                </button>
                <button type="button" class="button" on:click=move |_| hook.restore()>
                    "Restore stream"
                </button>
                <span class="connection-summary__note">
                    {move || is_cut.get().then_some("The stream is held cut until it is restored.")}
                </span>
            </div>
        </section>
    }
    .into_any()
}

/// Browser and server.
#[component]
fn PageLink(
    /// The hook.
    hook: UseRealtimeContainersReturn,
) -> impl IntoView {
    let state = move || hook.connection.with(|connection| connection.state.as_str());
    let since = move || hook.connection.with(|connection| clock_time(connection.since));
    let attempts = move || hook.connection.with(|connection| connection.attempts);
    let reconnects = move || hook.measures.with(|measures| measures.reconnects);
    let misfits = move || hook.measures.with(|measures| measures.misfits);
    let heartbeat = move || age_of(hook.measures.with(|measures| measures.last_heartbeat), hook.now.get());
    let numbers = move || age_of(hook.sampled_at.get(), hook.now.get());
    let error = move || {
        hook.measures.with(|measures| match &measures.last_error {
            Some((then, error)) => format!("{error} ({})", clock_time(*then)),
            None => "none".to_owned(),
        })
    };
    view! {
        <dl class="connection-summary__link" aria-label="Browser and server">
            {fact("Link", "browser ↔ server")}
            {fact("State", state)}
            {fact("Since", since)}
            {fact("Reconnects", reconnects)}
            {fact("Failed attempts now", attempts)}
            {fact("Frames that did not fit", misfits)}
            {fact("Last heartbeat", heartbeat)}
            {fact("Newest sample", numbers)}
            {fact("Last error", error)}
        </dl>
    }
    .into_any()
}

/// Server and engine.
fn engine_link(engine: Engine, now: Signal<Timestamp>) -> impl IntoView {
    let Engine {
        id: _,
        name,
        endpoint,
        demo,
        link,
        since,
        error,
        version,
        api_version,
        os,
        arch,
        cpus: _,
        memory_total: _,
    } = engine;
    let state = match link {
        EngineLink::Connecting => "Connecting",
        EngineLink::Up => "Up",
        EngineLink::Lost => "Lost",
    };
    let error = error.map_or_else(|| "none".to_owned(), |error| format!("{} {}", error.message, error.hint));
    let known = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
    view! {
        <dl class="connection-summary__link" aria-label="Server and engine">
            {fact("Link", "server ↔ engine")}
            {fact("State", state)}
            {fact("Since", move || format!("{}, {}", clock_time(since), ago(now.get(), since)))}
            {fact("Engine", if demo { format!("{name} (demo)") } else { name })}
            {fact("Address", endpoint)}
            {fact("Version", format!("{}, API {}", known(version), known(api_version)))}
            {fact("Platform", format!("{}/{}", known(os), known(arch)))}
            {fact("Last error", error)}
        </dl>
    }
}

fn fact(name: &'static str, value: impl IntoView) -> impl IntoView {
    view! {
        <div class="connection-summary__fact">
            <dt class="connection-summary__name">{name}</dt>
            <dd class="connection-summary__value" dir="auto">
                {value}
            </dd>
        </div>
    }
}

fn age_of(then: Option<Timestamp>, now: Timestamp) -> String {
    then.map_or_else(|| "none yet".to_owned(), |then| ago(now, then))
}
