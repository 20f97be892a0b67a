//! Events of a container as marks on the time axis of its charts, and as a list.

use crate::base_path::address;
use crate::prelude::*;
use crate::{
    client::{EventList, use_realtime_containers},
    format::{date_time, event_detail, event_title, is_trouble},
    model::{ContainerId, Occurrence, Timestamp},
    pages::events::{entries::significant_events, glyph, tone},
    parts::{
        icon::Icon,
        time_chart::{Mark, TimeAxis},
    },
};
use std::sync::Arc;

/// Event kinds that get a mark, as the API's `kinds` parameter.
pub const KINDS: &str = "started,died,oom,health";

/// Maximum number of listed events; the events page shows all.
const MAX_LISTED: usize = 8;

/// One mark for each event.
pub fn marks(book: &EventList) -> Vec<Mark> {
    let mark = |event: &Arc<Occurrence>| Mark {
        at: event.at,
        kind: if is_trouble(event) { "trouble" } else { event.kind.as_str() },
        words: words(event),
    };
    significant_events(book).into_iter().map(mark).collect()
}

/// Description of an event: `Failed. Exit code 1: exited with an error`.
fn words(event: &Occurrence) -> String {
    let detail = event_detail(event);
    let name = event_title(event);
    if detail.is_empty() { name.to_owned() } else { format!("{name}. {detail}") }
}

/// The newest events in the window as buttons. Hovering or focusing one reads all charts at its
/// time.
#[component]
pub fn MarkList(
    /// The container.
    id: ContainerId,
    /// Events of the container.
    book: Signal<EventList>,
    /// The time axis of the charts.
    axis: TimeAxis,
) -> Erased {
    // Rounded to minutes, so that the list is not rebuilt every second.
    let from = Memo::new(move |_| axis.from().as_millis() / 60_000 * 60_000);
    let shown = Memo::new(move |_| {
        let from = Timestamp::from_millis(from.get());
        book.with(|book| {
            let mut recent: Vec<_> =
                significant_events(book).into_iter().rev().filter(|event| event.at >= from).cloned().collect();
            let count = recent.len();
            recent.truncate(MAX_LISTED);
            (recent, count)
        })
    });
    let more = move || {
        let (shown, count) = shown.with(|(shown, count)| (shown.len(), *count));
        let words = if count > shown {
            format!("Show all {count} and earlier events")
        } else {
            "Show earlier events".to_owned()
        };
        view! { <a href=address(&format!("/events?container={id}"))>{words}</a> }
    };
    view! {
        <section class="marks" aria-label="Events in this window">
            <h2 class="charts__title">"Events"</h2>
            <ol class="marks__list" role="list">
                <For each=move || shown.with(|(shown, _)| shown.clone()) key=|event| (event.id.clone(), event.cause) let:event>
                    <li>{entry(&event, axis)}</li>
                </For>
            </ol>
            <p class="marks__more">
                {move || if shown.with(|(_, count)| *count == 0) { "None in this window. " } else { "" }.to_owned()}
                {move || more().erased()}
            </p>
        </section>
    }
    .erased()
}

fn entry(event: &Occurrence, axis: TimeAxis) -> Erased {
    let (at, local_time) = (event.at, use_realtime_containers().local_time);
    let read = move || axis.reading.set(Some(at));
    view! {
        <button
            type="button"
            class="marks__mark"
            title=date_time(at)
            on:pointerenter=move |_| read()
            on:focus=move |_| read()
            on:click=move |_| read()
            on:pointerleave=move |_| axis.reading.set(None)
            on:blur=move |_| axis.reading.set(None)
        >
            <span class="event-line__time">{move || local_time.clock(at)}</span>
            " "
            <span class=format!("state-badge state-badge--{}", tone(event))>
                <Icon glyph=glyph(event) />
                {event_title(event)}
            </span>
            " "
            <span class="event-line__detail">{event_detail(event)}</span>
        </button>
    }
    .erased()
}
