//! Line chart of values over time, with a cursor.

use crate::prelude::*;
use crate::{
    chart::{HEIGHT, Plot, Series, Unit, WIDTH},
    model::Timestamp,
};
use leptos::{ev::PointerEvent, wasm_bindgen::JsCast, web_sys::Element};

/// A line of the chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Name, for example `Received`.
    pub name: &'static str,
    /// Values of the line.
    pub series: Series,
}

/// A mark for an event.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// Time of the event.
    pub at: Timestamp,
    /// Style: `trouble`, `started`, `died`, …
    pub kind: &'static str,
    /// Description of the event.
    pub words: String,
}

/// Distance within which the cursor snaps to a mark, in thousandths of the time span: a few pixels.
const SNAP_DISTANCE: u64 = 8;

/// Distance within which marks are drawn as one, in thousandths of the time span.
const OVERLAP_DISTANCE: u64 = 3;

/// Time axis and cursor shared by all charts of a page.
#[derive(Debug, Clone, Copy)]
pub struct TimeAxis {
    /// Time at the right edge.
    pub until: Memo<Timestamp>,
    /// Time span of the axis in milliseconds.
    pub span_millis: Signal<u64>,
    /// Time at the cursor; `None` for the newest values. The cursor moves with the lines, so that
    /// the values at it stay the same.
    pub reading: RwSignal<Option<Timestamp>>,
    /// Marks, oldest first.
    pub marks: Signal<Vec<Mark>>,
}

impl TimeAxis {
    /// The plot for a scale that ends at `top`.
    fn plot(self, top: f64) -> Plot {
        Plot { until: self.until.get(), span_millis: self.span_millis.get(), top }
    }

    /// Time at the left edge.
    pub fn from(self) -> Timestamp {
        self.plot(0.0).from()
    }

    /// Position of the cursor in thousandths of the width; `None` if it is not visible.
    pub fn position(self) -> Option<u64> {
        self.plot(0.0).across(self.reading.get()?)
    }

    /// Moves the cursor to a position in thousandths of the width.
    pub fn move_to(self, position: u64) {
        self.reading.set(Some(untrack(|| self.plot(0.0)).instant(position)));
    }

    /// The mark at the cursor.
    pub fn mark(self) -> Option<Mark> {
        let reading = self.reading.get()?.as_millis();
        let millis = |thousandths: u64| self.span_millis.get() * thousandths / WIDTH;
        let distance = |mark: &Mark| mark.at.as_millis().abs_diff(reading);
        let marks = self.marks.read();
        let nearest = marks.iter().map(distance).filter(|distance| *distance <= millis(SNAP_DISTANCE)).min()?;
        // Of several overlapping marks, use the last, which shows the outcome.
        marks.iter().rev().find(|mark| distance(mark) <= nearest + millis(OVERLAP_DISTANCE)).cloned()
    }

    /// The path of all marks of a kind.
    fn marked(self, kind: &str) -> String {
        let plot = self.plot(0.0);
        let marks = self.marks.read();
        let places = marks.iter().filter(|mark| mark.kind == kind).filter_map(|mark| plot.across(mark.at));
        places.map(|across| format!("M{across} 0V{HEIGHT}")).collect()
    }

    /// Moves the cursor to the pointer.
    fn point(self, event: &PointerEvent) {
        let Some(frame) = event.current_target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
        let frame = frame.get_bounding_client_rect();
        let share = (f64::from(event.client_x()) - frame.left()) / frame.width().max(1.0);
        self.move_to((share.clamp(0.0, 1.0) * WIDTH as f64) as u64);
    }
}

/// Title, values at the cursor, and the lines.
#[component]
pub fn TimeChart(
    /// Heading of the chart.
    title: &'static str,
    /// Unit of the values.
    unit: Unit,
    /// One or two lines.
    lines: Signal<Vec<Line>>,
    /// The shared time axis.
    axis: TimeAxis,
) -> Erased {
    let top = Memo::new(move |_| {
        let from = axis.plot(0.0).from();
        unit.ceiling(lines.read().iter().map(|line| line.series.max_since(from)).fold(0.0, f64::max))
    });
    let figures = move || {
        let instant = axis.reading.get();
        let figure = |(place, line): (usize, &Line)| {
            let value = match instant {
                Some(instant) => line.series.near(instant).and_then(|value| value.value),
                None => line.series.last(),
            };
            let value = value.map_or_else(|| "–".to_owned(), |value| unit.text(value));
            view! {
                <span class=format!("time-chart__figure time-chart__figure--{place}")>
                    {line.name} " " <strong>{value}</strong>
                </span>
            }
        };
        lines.read().iter().enumerate().map(figure).collect_view()
    };
    let paths = move || {
        let plot = axis.plot(top.get());
        let path = |(place, line): (usize, &Line)| {
            view! { <path class=format!("time-chart__line time-chart__line--{place}") d=plot.line(&line.series) /> }
        };
        lines.read().iter().enumerate().map(path).collect_view()
    };
    // Each kind has its own dash pattern.
    let marks = move || {
        let kinds = ["started", "died", "health", "trouble"].into_iter();
        kinds
            .map(|kind| view! { <path class=format!("time-chart__mark time-chart__mark--{kind}") d=axis.marked(kind) /> })
            .collect_view()
    };
    let cursor = move || {
        let across = axis.position()?;
        Some(view! { <path class="time-chart__cursor" d=format!("M{across} 0V{HEIGHT}") /> })
    };
    view! {
        <figure class="time-chart" aria-label=title>
            <figcaption class="time-chart__head">
                <span class="time-chart__title">{title}</span>
                {move || figures().erased()}
            </figcaption>
            <div
                class="time-chart__frame"
                on:pointermove=move |event| axis.point(&event)
                on:pointerleave=move |_| axis.reading.set(None)
            >
                <svg
                    class="time-chart__drawing"
                    viewBox=format!("0 0 {WIDTH} {HEIGHT}")
                    preserveAspectRatio="none"
                    aria-hidden="true"
                >
                    <path class="time-chart__grid" d=format!("M0 0H{WIDTH}M0 50H{WIDTH}M0 {HEIGHT}H{WIDTH}") />
                    {move || marks().erased()}
                    {move || paths().erased()}
                    {move || cursor().erased()}
                </svg>
                <span class="time-chart__top">{move || unit.text(top.get())}</span>
            </div>
        </figure>
    }
    .erased()
}
