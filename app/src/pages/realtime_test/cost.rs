//! What watching costs, on the server's machine.

use crate::prelude::*;
use crate::{
    client::use_watching_cost,
    format::{bytes, to_hundredths},
    model::WatchingCost,
};

/// The server's share, the calls it makes, and the engine's own processes where they are on the same machine.
#[component]
pub fn Cost() -> Erased {
    let cost = use_watching_cost();
    let figure = move |name: &'static str, note: &'static str, read: fn(&WatchingCost) -> Option<String>| {
        view! {
            <div class="measures__figure" title=note>
                <dt class="measures__name">{name}</dt>
                <dd class="measures__value">
                    {text(move || cost.read().as_ref().and_then(read).unwrap_or_else(|| "–".to_owned()))}
                </dd>
            </div>
        }
    };
    let engine = move || cost.read().as_ref().map(|cost| cost.engine.clone()).unwrap_or_default();
    let of_engine =
        move || {
            engine().into_iter().map(|process| {
            view! {
                <div class="measures__figure" title="Of one core; with all that else uses this engine">
                    <dt class="measures__name">{format!("{} CPU", process.name)}</dt>
                    <dd class="measures__value">{share(process.cpu_percent).unwrap_or_else(|| "–".to_owned())}</dd>
                </div>
            }
        }).collect_view()
        };
    view! {
        <dl class="measures">
            {figure("Server CPU", "Quaylight's share of one core, last 2 s", |cost| share(cost.cpu_percent))}
            {figure("Server memory", "Quaylight's own, and its share of what it shares", |cost| cost.memory.map(bytes))}
            {figure("Engine calls", "Of the Engine API, last 2 s", |cost| cost.engine_calls_per_second.map(per_second))}
            {figure("Time per sample", "In the newest round", |cost| cost.time_per_sample_micros.map(micros))}
            {figure("Viewers", "Streams that are open on this server", |cost| Some(cost.viewers.to_string()))}
            {live(move || of_engine().erased())}
        </dl>
    }
    .erased()
}

/// Of one core, with two decimals: watching costs little.
fn share(percent: Option<f64>) -> Option<String> {
    percent.map(|percent| format!("{}%", to_hundredths(percent)))
}

fn per_second(calls: f64) -> String {
    format!("{}/s", to_hundredths(calls))
}

fn micros(micros: u64) -> String {
    if micros < 1000 { format!("{micros} µs") } else { format!("{} ms", to_hundredths(micros as f64 / 1000.0)) }
}
