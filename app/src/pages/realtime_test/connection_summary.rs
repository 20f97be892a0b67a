//! Each link between the engine and this page: its state, since when, and its last error.

use crate::prelude::*;
use crate::{
    client::{LocalTime, StreamMeasures, Transport, UseRealtimeContainersReturn, use_realtime_containers},
    format::{ago, duration_millis},
    model::{Engine, EngineLink, StatsSource, Timestamp},
    parts::timed::timed,
};

/// The links, and the buttons that close and reopen the stream.
#[component]
pub fn ConnectionSummary() -> Erased {
    let hook = use_realtime_containers();
    let is_paused = move || hook.connection.read().paused;
    let note = move || if is_paused() { "The stream stays closed until you resume it." } else { "" };
    view! {
        <section class="connection-summary" aria-label="Connection summary">
            <h2 class="realtime-test-page__heading">"Connection summary"</h2>
            <div class="connection-summary__links">
                <PageLink hook />
                {move || {
                    hook.engines.get().into_iter().map(|engine| engine_link(engine, hook.now)).collect_view().erased()
                }}
            </div>
            <div class="connection-summary__buttons">
                <button
                    type="button"
                    class="button"
                    aria-disabled=move || is_paused().then_some("true")
                    on:click=move |_| hook.pause()
                >
                    "Pause stream"
                </button>
                <button type="button" class="button" on:click=move |_| hook.resume()>
                    "Resume stream"
                </button>
                <span class="connection-summary__note">
                    {move || note().to_owned()}
                </span>
            </div>
        </section>
    }
    .erased()
}

/// The link between browser and server.
#[component]
fn PageLink(
    /// The shared state of the list and its connection.
    hook: UseRealtimeContainersReturn,
) -> Erased {
    let counted = |read: fn(&StreamMeasures) -> u64| move || read(&hook.measures.read()).to_string();
    let state = move || hook.connection.read().state.as_str().to_owned();
    let since = move || hook.local_time.clock(hook.connection.read().since);
    let stream = move || transport(&hook.measures.read()).to_owned();
    let attempts = move || hook.connection.read().attempts.to_string();
    let heartbeat = age_of(Signal::derive(move || hook.measures.read().last_heartbeat), hook.now);
    let numbers = age_of(hook.sampled_at.into(), hook.now);
    let error = move || last_error(&hook.measures.read(), hook.local_time);
    view! {
        <dl class="connection-summary__link" aria-label="Browser and server">
            {fixed("Link", "browser ↔ server")}
            {fact("State", state)}
            {fact("Since", since)}
            {fact("Stream", stream)}
            {fact("Reconnects", counted(|measures| measures.reconnects))}
            {fact("Consecutive failed attempts", attempts)}
            {fact("Out-of-sync frames", counted(|measures| measures.resyncs))}
            {entry("Last heartbeat", heartbeat)}
            {entry("Latest sample", numbers)}
            {fact("Last error", error)}
        </dl>
    }
    .erased()
}

/// The link between server and engine.
fn engine_link(engine: Engine, now: ReadSignal<Timestamp>) -> Erased {
    let local_time = use_realtime_containers().local_time;
    let Engine {
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
        stats_source,
        stats_interval_millis,
        ..
    } = engine;
    let state = match link {
        EngineLink::Connecting => "Connecting",
        EngineLink::Up => "Connected",
        EngineLink::Lost => "Disconnected",
    };
    let error = error.map_or_else(|| "none".to_owned(), |error| format!("{} {}", error.message, error.hint));
    let mut stats_from = stats_source.map_or("–", StatsSource::as_str).to_owned();
    if let Some(millis) = stats_interval_millis {
        stats_from.push_str(", every ");
        stats_from.push_str(&duration_millis(millis));
        stats_from.push_str(" because sampling is slow");
    }
    let known = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
    view! {
        <dl class="connection-summary__link" aria-label="Server and engine">
            {fixed("Link", "server ↔ engine")}
            {fixed("State", state)}
            {entry("Since", timed(since, move || format!("{}, {}", local_time.clock(since), ago(now.get(), since))))}
            {fixed("Engine", if demo { format!("{name} (demo)") } else { name })}
            {fixed("Address", endpoint)}
            {fixed("Version", format!("{}, API {}", known(version), known(api_version)))}
            {fixed("Platform", format!("{}/{}", known(os), known(arch)))}
            {fixed("Stats source", stats_from)}
            {fixed("Last error", error)}
        </dl>
    }
    .erased()
}

fn fixed(name: &'static str, value: impl Into<String>) -> Erased {
    let value: String = value.into();
    fact(name, move || value.clone())
}

fn fact(name: &'static str, value: impl Fn() -> String + Send + 'static) -> Erased {
    entry(name, value.erased())
}

fn entry(name: &'static str, value: Erased) -> Erased {
    view! {
        <div class="connection-summary__fact">
            <dt class="connection-summary__name">{name}</dt>
            <dd class="connection-summary__value" dir="auto">
                {value}
            </dd>
        </div>
    }
    .erased()
}

fn transport(measures: &StreamMeasures) -> &'static str {
    measures.transport.map_or("none yet", Transport::as_str)
}

fn last_error(measures: &StreamMeasures, local_time: LocalTime) -> String {
    match &measures.last_error {
        Some((then, error)) => format!("{error} ({})", local_time.clock(*then)),
        None => "none".to_owned(),
    }
}

fn age_of(then: Signal<Option<Timestamp>>, now: ReadSignal<Timestamp>) -> Erased {
    (move || match then.get() {
        Some(then) => timed(then, move || ago(now.get(), then)),
        None => "none yet".erased(),
    })
    .erased()
}
