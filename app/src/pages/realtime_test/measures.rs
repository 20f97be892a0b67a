//! Stream measurements of this page.

use crate::prelude::*;
use crate::{
    client::{StreamMeasures, use_realtime_containers},
    format::{bytes, duration_millis, grouped},
};

/// Frames, bytes, changes and delays.
#[component]
pub fn Measures() -> Erased {
    let measures = use_realtime_containers().measures;
    let figure = move |name: &'static str, note: &'static str, read: fn(&StreamMeasures) -> String| {
        view! {
            <div class="measures__figure" title=note>
                <dt class="measures__name">{name}</dt>
                <dd class="measures__value">{move || read(&measures.read())}</dd>
            </div>
        }
    };
    view! {
        <dl class="measures">
            {figure("Frames received", "Since this page was loaded, including heartbeats", |all| grouped(all.frames))}
            {figure("Bytes received", "Data of the frames", |all| bytes(all.bytes))}
            {figure(
                "Changes per minute",
                "Rows, samples and engines changed in the last 60 s",
                |all| grouped(all.changes_per_minute),
            )}
            {figure(DELAY, "From the engine's event to this page, for the latest event", |all| millis(all.delay_last_millis))}
            {figure("Delay, median", "Of the last 256 events", |all| millis(all.delay_median_millis))}
            {figure("Delay, p99", "99% of the last 256 events were faster", |all| millis(all.delay_p99_millis))}
        </dl>
    }
    .erased()
}

const DELAY: &str = "Delay, latest";

fn millis(delay: Option<u64>) -> String {
    delay.map_or_else(|| "–".to_owned(), duration_millis)
}
