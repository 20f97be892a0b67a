//! `/engines/{engine}`: the facts of one engine in full.

use super::{
    EngineSource, Totals,
    facts::{self, clock, engine_link, hop_words, link_badge, round_trip, same_engine, version},
    table::containers_path,
};
use crate::base_path::address;
use crate::prelude::*;
use crate::{
    client::{use_monitoring_cost, use_realtime_containers},
    format::{ago, bytes, duration_millis},
    frame::page_title::PageTitle,
    model::{Engine, EngineName, StatsSource},
    page_request::respond_not_found,
    parts::{empty_state::EmptyState, fact::fact_row, icon::Glyph, timed::timed},
};

/// Page of the engine with this name.
#[component]
pub fn EngineDetail(
    /// The name in the URL. From a request, so it is not interned.
    name: String,
) -> Erased {
    let engines = use_realtime_containers().engines;
    let known = Memo::new(move |_| engines.read().iter().map(|engine| engine.id).find(|known| known.as_str() == name));
    (move || match known.get() {
        Some(name) => view! { <Known name /> }.erased(),
        None => {
            respond_not_found();
            view! { <NoSuchEngine /> }.erased()
        }
    })
    .erased()
}

#[component]
fn Known(
    /// Name of the engine.
    name: EngineName,
) -> Erased {
    let source = EngineSource::of(name);
    let hook = use_realtime_containers();
    let EngineSource { engine, totals, .. } = source;
    let since = move || {
        let since = engine.read().as_ref().map(|engine| engine.since).unwrap_or_default();
        let words = move || format!("{}, {}", hook.local_time.clock(since), ago(hook.now.get(), since));
        timed(since, words)
    };
    let of_totals =
        move |words: fn(&Totals, &Engine) -> String| source.text(move |engine| words(&totals.read(), engine));
    let problem = move |read: fn(&Engine) -> String| {
        source.text(move |engine| {
            Some(read(engine)).filter(|words| !words.is_empty()).unwrap_or_else(|| "none".to_owned())
        })
    };
    let cost = use_monitoring_cost();
    let traffic = move || {
        let cost = cost.read();
        let engine = cost.as_ref().and_then(|cost| cost.engines.iter().find(|traffic| traffic.engine == name));
        engine.map_or_else(|| "–".to_owned(), facts::traffic)
    };
    view! {
        <PageTitle text=name.as_str() />
        <section class="engines-page" data-engine-name=name.as_str()>
            <p class="container-page__back">
                <a href=address("/engines")>"Engines"</a>
            </p>
            <h1 class="container-page__title" dir="auto">
                {name.as_str()}
            </h1>
            <p class="engines-page__link">
                {move || engine.read().as_ref().map(|engine| link_badge(engine.link)).erased()}
                " since "
                {since}
            </p>
            <p>
                <a class="button" href=address(&containers_path(name))>
                    "Show its containers"
                </a>
            </p>
            <dl class="facts" aria-label="Connection">
                {fact("Address", source.text(|engine| engine.endpoint.clone()))}
                {fact("Failing step", source.text(hop_words))}
                {fact("Other Quaylight", source.text(engine_link))}
                {fact("Error", problem(|engine| engine.error.as_ref().map(|error| error.message.clone()).unwrap_or_default()))}
                {fact("What to do", problem(|engine| engine.error.as_ref().map(|error| error.hint.clone()).unwrap_or_default()))}
                {fact("Notice", source.text(|engine| engine.notice.clone().unwrap_or_else(|| "none".to_owned())))}
                {fact("Round trip", source.text(round_trip))}
                {fact("Clock", source.text(clock))}
                {fact("Same engine as", source.text(|engine| same_engine(engine).unwrap_or_else(|| "none".to_owned())))}
            </dl>
            <dl class="facts" aria-label="Engine">
                {fact("Version", source.text(version))}
                {fact("API version", source.text(|engine| known(engine.api_version.clone())))}
                {fact("Platform", source.text(platform))}
                {fact("CPUs", source.text(|engine| known(engine.cpus.map(|cpus| cpus.to_string()))))}
                {fact("Memory", source.text(|engine| known(engine.memory_total.map(bytes))))}
                {fact("Stats source", source.text(stats_source))}
                {fact("Traffic", traffic)}
                {fact("Labels", source.text(labels))}
            </dl>
            <dl class="facts" aria-label="Containers">
                {fact("Running", of_totals(Totals::running_words))}
                {fact("CPU", of_totals(Totals::cpu_words))}
                {fact("Memory", of_totals(Totals::memory_words))}
            </dl>
        </section>
    }
    .erased()
}

fn fact(name: &'static str, value: impl Fn() -> String + Send + 'static) -> Erased {
    fact_row(name, value.erased())
}

fn known(value: Option<String>) -> String {
    value.unwrap_or_else(|| "–".to_owned())
}

fn platform(engine: &Engine) -> String {
    match (&engine.os, &engine.arch) {
        (Some(os), Some(arch)) => format!("{os}/{arch}"),
        (os, arch) => known(os.clone().or_else(|| arch.clone())),
    }
}

fn stats_source(engine: &Engine) -> String {
    let mut source = engine.stats_source.map_or("–", StatsSource::as_str).to_owned();
    if let Some(millis) = engine.stats_interval_millis {
        source.push_str(", every ");
        source.push_str(&duration_millis(millis));
        source.push_str(" because sampling is slow");
    }
    source
}

fn labels(engine: &Engine) -> String {
    let labels: Vec<_> = engine.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
    if labels.is_empty() { "none".to_owned() } else { labels.join(", ") }
}

#[component]
fn NoSuchEngine() -> Erased {
    view! {
        <PageTitle text="No such engine" />
        <h1 class="visually-hidden">"No such engine"</h1>
        <EmptyState title="Engine not found" glyph=Glyph::Search advice=view! {
            <p>"No engine has this name in the server's configuration."</p>
            <p>
                <a href=address("/engines")>"Show all engines"</a>
            </p>
        }.erased() />
    }
    .erased()
}
