//! Charts of one container's CPU, memory, network and block I/O for up to six hours.

use super::marks::{KINDS, MarkList, marks};
use crate::prelude::*;
use crate::{
    chart::{Series, Unit, WIDTH},
    client::{ActionError, LocalTime, Row, TimelineQuery, get_json, use_realtime_containers, use_timeline},
    model::{ContainerStats, SampleHistory, SamplePoint, Timestamp},
    parts::{
        radio_group::{RadioGroup, RadioOption},
        time_chart::{Line, Mark, TimeAxis, TimeChart},
    },
};
use leptos::task::spawn_local;

/// Time windows: the value of the API's `window` parameter, and milliseconds.
const WINDOWS: [(&str, u64); 3] = [("5m", 300_000), ("1h", 3_600_000), ("6h", 21_600_000)];

/// Window in milliseconds that is updated by the stream; longer ones are requested periodically.
const LIVE_WINDOW_MILLIS: u64 = 300_000;

/// Interval in milliseconds between requests for a longer window; the server adds one point a
/// minute.
const REFRESH_INTERVAL_MILLIS: u64 = 60_000;

/// Charts of CPU, memory, network and block I/O with a common time axis.
#[component]
pub fn Charts(
    /// The container's signals.
    row: Row,
) -> Erased {
    let hook = use_realtime_containers();
    let window = RwSignal::new(WINDOWS[0].0);
    let span_millis = Signal::derive(move || millis_of(window.get()));
    let key = row.key;
    let history = use_history(row, window, span_millis);
    let wanted = TimelineQuery { kinds: KINDS, ..TimelineQuery::of(key) };
    let book = use_timeline(Signal::stored(wanted)).events;
    let marks = Memo::new(move |_| book.with(marks));
    let until = Memo::new(move |_| hook.sampled_at.get().unwrap_or_else(|| hook.now.get()));
    let axis = TimeAxis { until, span_millis, reading: RwSignal::new(None), marks: marks.into() };
    let lines = move |read: fn(&SampleHistory) -> Vec<Line>| {
        Signal::derive(move || match &*history.read() {
            Some(Ok(history)) => read(history),
            _ => Vec::new(),
        })
    };
    let instant = move || match axis.reading.get() {
        Some(instant) => {
            axis.mark().map_or_else(|| hook.local_time.date_time(instant), |mark| at_mark(&mark, hook.local_time))
        }
        None => "Latest values".to_owned(),
    };
    let problem = move || match &*history.read() {
        Some(Err(problem)) => Some(view! { <p class="charts__problem">{problem.detail.clone()}</p> }),
        _ => None,
    };
    let options = WINDOWS.map(|(value, _)| RadioOption { value, label: value, glyph: None });
    view! {
        <section class="charts" aria-label="Charts">
            <div class="charts__head">
                <h2 class="charts__title">"Last"</h2>
                <RadioGroup
                    name="window"
                    label="Window"
                    options=options.to_vec()
                    selected=Memo::new(move |_| window.get())
                    on_select=Callback::new(move |chosen| window.set(chosen))
                />
                <p class="charts__instant">
                    {instant}
                </p>
                <Reader axis />
            </div>
            {move || problem().erased()}
            <div class="charts__grid">
                <TimeChart title="CPU (% of one core)" unit=Unit::Percent lines=lines(cpu) axis />
                <TimeChart title="Memory (working set)" unit=Unit::Bytes lines=lines(memory) axis />
                <TimeChart title="Network" unit=Unit::BytesPerSecond lines=lines(network) axis />
                <TimeChart title="Block I/O" unit=Unit::BytesPerSecond lines=lines(block_io) axis />
            </div>
            <MarkList id=key.id book axis />
        </section>
    }
    .erased()
}

/// Text of a mark: `2026-11-23 14:29:00: Failed. Exit code 1: ended with an error`.
fn at_mark(mark: &Mark, local_time: LocalTime) -> String {
    format!("{}: {}", local_time.date_time(mark.at), mark.words)
}

/// Slider that selects the time at which the charts are read, for keyboard users.
#[component]
fn Reader(
    /// The common time axis.
    axis: TimeAxis,
) -> Erased {
    let local_time = use_realtime_containers().local_time;
    view! {
        <label class="charts__reader">
            <span class="visually-hidden">"Time of the chart values"</span>
            <input
                type="range"
                min="0"
                max=WIDTH.to_string()
                step="5"
                prop:value=move || axis.position().unwrap_or(WIDTH).to_string()
                aria-valuetext=move || match (axis.mark(), axis.reading.get()) {
                    (Some(mark), _) => at_mark(&mark, local_time),
                    (None, Some(instant)) => local_time.date_time(instant),
                    (None, None) => "latest".to_owned(),
                }
                on:input=move |event| axis.move_to(event_target_value(&event).parse().unwrap_or(WIDTH))
                on:blur=move |_| axis.reading.set(None)
            />
        </label>
    }
    .erased()
}

fn millis_of(window: &str) -> u64 {
    WINDOWS.iter().find(|(name, _)| *name == window).map_or(LIVE_WINDOW_MILLIS, |(_, millis)| *millis)
}

/// Samples in the window; new ones are appended as they arrive.
type History = RwSignal<Option<Result<SampleHistory, ActionError>>>;

fn use_history(row: Row, window: RwSignal<&'static str>, span_millis: Signal<u64>) -> History {
    let hook = use_realtime_containers();
    let history: History = RwSignal::new(None);
    let stats = row.stats;
    // Longer windows are requested periodically. The shortest is requested once, and again after a
    // reconnect.
    let refresh_count = Memo::new(move |_| match span_millis.get() {
        LIVE_WINDOW_MILLIS => 0,
        _ => hook.now.get().as_millis() / REFRESH_INTERVAL_MILLIS,
    });
    let reconnects = Memo::new(move |_| hook.measures.read().reconnects);
    Effect::new(move |_| {
        refresh_count.get();
        reconnects.get();
        let window = window.get();
        let path = format!("{}/stats?window={window}", hook.rows.api_path(row.key));
        spawn_local(async move {
            let response = get_json::<SampleHistory>(&path).await;
            // Keeps the current samples if the request failed or another window was chosen
            // meanwhile.
            let keeps = response.is_err() && matches!(history.try_get_untracked(), Some(Some(Ok(_))));
            if !keeps && span_millis.try_get_untracked() == Some(millis_of(window)) {
                history.try_set(Some(response));
            }
        });
    });
    Effect::new(move |_| {
        let Some(at) = hook.sampled_at.get() else { return };
        let Some(point) = stats.get_untracked().map(|stats| point(&stats, at)) else { return };
        if span_millis.get_untracked() == LIVE_WINDOW_MILLIS {
            history.maybe_update(|history| match history {
                Some(Ok(history)) => append(history, point),
                _ => false,
            });
        }
    });
    history
}

/// The sample at `at`. Unchanged samples are not sent again, but count as measured at that time.
fn point(stats: &ContainerStats, at: Timestamp) -> SamplePoint {
    SamplePoint {
        timestamp: at,
        cpu_percent: stats.cpu_percent,
        memory_usage: stats.memory_usage,
        network_rx: stats.network_rx,
        network_tx: stats.network_tx,
        block_read: stats.block_read,
        block_write: stats.block_write,
        pids: stats.pids,
    }
}

/// Appends a point if it is newer than the last, and drops points that are out of the window.
fn append(history: &mut SampleHistory, point: SamplePoint) -> bool {
    if history.samples.last().is_some_and(|last| last.timestamp >= point.timestamp) {
        return false;
    }
    let at = point.timestamp;
    history.samples.push(point);
    // Slightly longer than the window, so that the line starts at its edge.
    history.samples.retain(|sample| at.since(sample.timestamp).as_millis() as u64 <= LIVE_WINDOW_MILLIS + 10_000);
    true
}

fn cpu(history: &SampleHistory) -> Vec<Line> {
    vec![level(history, "CPU", |sample| sample.cpu_percent)]
}

fn memory(history: &SampleHistory) -> Vec<Line> {
    vec![level(history, "Memory", |sample| sample.memory_usage.map(|bytes| bytes as f64))]
}

fn network(history: &SampleHistory) -> Vec<Line> {
    vec![rate(history, "Received", |sample| sample.network_rx), rate(history, "Sent", |sample| sample.network_tx)]
}

fn block_io(history: &SampleHistory) -> Vec<Line> {
    vec![rate(history, "Read", |sample| sample.block_read), rate(history, "Written", |sample| sample.block_write)]
}

fn level(history: &SampleHistory, name: &'static str, read: fn(&SamplePoint) -> Option<f64>) -> Line {
    Line { name, series: Series::from_levels(&history.samples, history.interval_seconds, read) }
}

fn rate(history: &SampleHistory, name: &'static str, read: fn(&SamplePoint) -> Option<u64>) -> Line {
    Line { name, series: Series::from_rates(&history.samples, history.interval_seconds, read) }
}
