//! Cost of monitoring on the server's host.

use crate::prelude::*;
use crate::{
    client::use_monitoring_cost,
    format::{bytes, to_hundredths},
    model::MonitoringCost,
};

/// CPU and memory of the server, its Engine API calls, and CPU of the processes of engines on the
/// same host.
#[component]
pub fn Cost() -> Erased {
    let cost = use_monitoring_cost();
    let figure = move |name: &'static str, note: &'static str, read: fn(&MonitoringCost) -> Option<String>| {
        view! {
            <div class="measures__figure" title=note>
                <dt class="measures__name">{name}</dt>
                <dd class="measures__value">
                    {move || cost.read().as_ref().and_then(read).unwrap_or_else(|| "–".to_owned())}
                </dd>
            </div>
        }
    };
    let engine = move || cost.read().as_ref().map(|cost| cost.engine.clone()).unwrap_or_default();
    let of_engine =
        move || {
            engine().into_iter().map(|process| {
            view! {
                <div class="measures__figure" title="Share of one core, including all other users of this engine">
                    <dt class="measures__name">{format!("{} CPU", process.name)}</dt>
                    <dd class="measures__value">{share(process.cpu_percent).unwrap_or_else(|| "–".to_owned())}</dd>
                </div>
            }
        }).collect_view()
        };
    view! {
        <dl class="measures">
            {figure("Server CPU", "Quaylight's share of one core, last 2 s", |cost| share(cost.cpu_percent))}
            {figure("Server memory", "Proportional set size of the Quaylight process", |cost| cost.memory.map(bytes))}
            {figure("Engine calls", "Engine API requests, last 2 s", |cost| cost.engine_calls_per_second.map(per_second))}
            {figure("Time per sample", "In the latest sampling round", |cost| cost.time_per_sample_micros.map(micros))}
            {figure("Viewers", "Open streams on this server", |cost| Some(cost.viewers.to_string()))}
            {move || of_engine().erased()}
        </dl>
    }
    .erased()
}

/// Share of one core in percent, with two decimals because the values are small.
fn share(percent: Option<f64>) -> Option<String> {
    percent.map(|percent| format!("{}%", to_hundredths(percent)))
}

fn per_second(calls: f64) -> String {
    format!("{}/s", to_hundredths(calls))
}

fn micros(micros: u64) -> String {
    if micros < 1000 { format!("{micros} µs") } else { format!("{} ms", to_hundredths(micros as f64 / 1000.0)) }
}
