//! `/engines`: one row for each engine.

use super::{
    EngineSource, Totals,
    facts::{clock_words, link_badge, notes, round_trip, same_engine, version},
};
use crate::base_path::address;
use crate::prelude::*;
use crate::{
    client::use_realtime_containers,
    frame::page_title::PageTitle,
    model::{Engine, EngineLink, EngineName},
    parts::timed::timed,
};

/// Headings of the columns.
const COLUMNS: [&str; 7] = ["Engine", "Connection", "Running", "CPU", "Memory", "Version", "Round trip"];

/// A table of all engines.
#[component]
pub fn EngineTable() -> Erased {
    let engines = use_realtime_containers().engines;
    let names = Memo::new(move |_| engines.read().iter().map(|engine| engine.id).collect::<Vec<_>>());
    let summary = move || {
        let engines = engines.read();
        let up = engines.iter().filter(|engine| engine.link == EngineLink::Up).count();
        format!("{up} of {} connected", engines.len())
    };
    let headings = COLUMNS.map(|name| view! { <th scope="col">{name}</th> });
    view! {
        <PageTitle text="Engines" />
        <section class="engines-page">
            <div class="containers-page__head">
                <h1 class="containers-page__title" tabindex="-1">
                    "Engines"
                </h1>
                <p class="containers-page__count">{summary}</p>
            </div>
            <table class="facts__table engines-page__table">
                <thead>
                    <tr>{headings.collect_view()}</tr>
                </thead>
                <tbody>
                    <For each=move || names.get() key=|name| *name children=row />
                </tbody>
            </table>
        </section>
    }
    .erased()
}

fn row(name: EngineName) -> Erased {
    let source = EngineSource::of(name);
    let hook = use_realtime_containers();
    let EngineSource { engine, totals, .. } = source;
    let since = move || {
        let since = engine.read().as_ref().map(|engine| engine.since).unwrap_or_default();
        timed(since, move || format!("since {}", hook.local_time.clock(since)))
    };
    let of_totals =
        move |words: fn(&Totals, &Engine) -> String| source.text(move |engine| words(&totals.read(), engine));
    view! {
        <tr class="engines-page__row" data-engine-name=name.as_str() data-link=move || engine.read().as_ref().map(|engine| engine.link.as_str())>
            <td class="engines-page__name">
                <a class="container-name" href=address(&format!("/engines/{name}"))>{name.as_str()}</a>
                <span class="engines-page__address" dir="auto">{source.text(|engine| engine.endpoint.clone())}</span>
                {move || engine.read().as_ref().and_then(same_engine).map(|names| remark(format!("Same engine as {names}"))).erased()}
            </td>
            <td data-column=COLUMNS[1]>
                {move || engine.read().as_ref().map(|engine| link_badge(engine.link)).erased()}
                " "
                <span class="engines-page__since">{since}</span>
                {move || engine.read().as_ref().map(problem).erased()}
            </td>
            <td data-column=COLUMNS[2]>
                <a href=address(&containers_path(name))>{of_totals(Totals::running_words)}</a>
            </td>
            <td data-column=COLUMNS[3]>{of_totals(Totals::cpu_words)}</td>
            <td data-column=COLUMNS[4]>{of_totals(Totals::memory_words)}</td>
            <td data-column=COLUMNS[5]>{source.text(version)}</td>
            <td data-column=COLUMNS[6]>
                {source.text(round_trip)}
                {move || engine.read().as_ref().and_then(clock_words).map(remark).erased()}
            </td>
        </tr>
    }
    .erased()
}

/// Path of the list of an engine's containers.
pub fn containers_path(name: EngineName) -> String {
    format!("/containers?q=engine:{name}")
}

/// The failing step, and the solution.
pub fn problem(engine: &Engine) -> Erased {
    let notes = notes(engine);
    if notes.is_empty() {
        return None::<Erased>.erased();
    }
    view! { <p class="engines-page__problem" dir="auto">{notes}</p> }.erased()
}

/// A note about an engine.
fn remark(words: String) -> Erased {
    view! { <p class="engines-page__remark">{words}</p> }.erased()
}
