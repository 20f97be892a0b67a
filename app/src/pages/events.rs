//! `/events`: container events, newest first, filtered according to the URL.
//!
//! Reading order: `events_query` (the choices in the URL), [`use_timeline`] (the events
//! loaded), `entries` (the events worth showing), `event_line` (one event).

pub mod entries;
pub mod event_line;
pub mod events_query;
pub mod use_events_query;

pub use event_line::{glyph, tone};
pub use events_query::{EventsQuery, Show};

use crate::base_path::address;
use crate::prelude::*;
use crate::{
    client::{
        LocalTime, TimelineQuery, TimelineState, UseRealtimeContainersReturn, UseTimelineReturn,
        use_realtime_containers, use_timeline,
    },
    format::age,
    frame::page_title::PageTitle,
    model::{ContainerId, ContainerKey},
    parts::{
        empty_state::EmptyState,
        icon::{Glyph, Icon},
    },
};
use entries::{Day, days, entries};
use event_line::EventLine;
use use_events_query::{Choices, use_events_query};

/// Number of entries rendered at first, and added by each "Show more". A browser renders this many
/// in a few frames.
const PAGE_SIZE: usize = 150;

/// Filters, entries by day, and the time since which events are recorded.
#[component]
pub fn EventsPage() -> Erased {
    let choices = use_events_query();
    let query = choices.query();
    let UseRealtimeContainersReturn { rows, local_time, .. } = use_realtime_containers();
    let wanted = Memo::new(move |_| {
        query.with(|query| TimelineQuery {
            container: query.container,
            engine: None,
            kinds: query.show.kinds(),
            since: query.since.clone(),
        })
    });
    let timeline = use_timeline(wanted.into());
    let limit = RwSignal::new(PAGE_SIZE);
    Effect::new(move |_| {
        query.track();
        limit.set(PAGE_SIZE);
    });
    let matches = Memo::new(move |_| {
        rows.keys().track();
        let project = |key: ContainerKey| rows.get(key).and_then(|row| row.container.read_untracked().project.clone());
        query.with(|query| timeline.events.with(|book| entries(book, query, project)))
    });
    let shown =
        Memo::new(move |_| matches.with(|matches| days(matches.iter().take(limit.get()), |at| local_time.date(at))));
    let counts = Memo::new(move |_| (matches.with(Vec::len), timeline.events.with(|book| book.is_complete)));
    view! {
        <PageTitle text="Events" />
        <div class="events-page">
            <div class="containers-page__head">
                <h1 class="containers-page__title">"Events"</h1>
                <p class="containers-page__count">{move || state(&timeline.state.read()).to_owned()}</p>
                <Since timeline />
            </div>
            <Filters choices />
            {move || problem(timeline)}
            <For each=move || shown.get() key=|day: &Day| day.date.clone() children=move |day| section(day.date, shown) />
            {move || match counts.get() {
                (0, _) => no_entries(timeline, query),
                (count, begins) => {
                    let is_more = count > limit.get() || !begins;
                    is_more.then(|| more(timeline, count, limit)).erased()
                }
            }}
        </div>
    }
    .erased()
}

fn state(reading: &TimelineState) -> &'static str {
    match reading {
        TimelineState::Loading => "Loading…",
        TimelineState::Live => "Live",
        TimelineState::Waiting => "Connecting…",
        TimelineState::Lost => "Interrupted; reconnecting…",
        TimelineState::Failed(problem) if problem.status == Some(400) => "Invalid filter",
        TimelineState::Failed(_) => "Could not load; retrying…",
    }
}

fn problem(timeline: UseTimelineReturn) -> Erased {
    match &*timeline.state.read() {
        TimelineState::Failed(problem) => {
            view! { <p class="container-page__problem">{problem.detail.clone()}</p> }.erased()
        }
        _ => None::<Erased>.erased(),
    }
}

/// The time since which the server has recorded events.
#[component]
fn Since(
    /// The loaded events.
    timeline: UseTimelineReturn,
) -> Erased {
    let UseRealtimeContainersReturn { now, local_time, .. } = use_realtime_containers();
    let since = move || {
        let since = timeline.events.with(|book| book.recorded_since)?;
        Some(format!(
            "Recorded since {} ({} ago), for at most 24 hours. Earlier events come from the engine.",
            local_time.date_time(since),
            age(now.get().since(since)),
        ))
    };
    view! { <p class="containers-page__scale">{move || since().unwrap_or_default()}</p> }.erased()
}

/// Links for the kinds, the search field, and the remaining filters as removable chips.
#[component]
fn Filters(
    /// The choices in the URL.
    choices: Choices,
) -> Erased {
    let query = choices.query();
    let UseRealtimeContainersReturn { rows, local_time, .. } = use_realtime_containers();
    let link = move |show: Show| {
        view! {
            <a
                class="state-filter__link"
                href=move || address(&EventsQuery { show, ..query.get() }.href())
                data-noscroll=""
                aria-current=move || (query.read().show == show).then_some("true")
            >
                {show.label()}
            </a>
        }
    };
    let name = move |id: ContainerId| {
        rows.keys().track();
        rows.find(id).and_then(|key| rows.get(key)).map_or_else(|| id.short(), |row| row.container.get().name.clone())
    };
    let narrowed = move || {
        let EventsQuery { container, since, .. } = query.get();
        let of = container.map(|id| {
            let wider = EventsQuery { container: None, ..query.get() };
            chip(format!("Only {}", name(id)), "Show all containers", &wider.href())
        });
        let from = since.map(|since| {
            let wider = EventsQuery { since: None, ..query.get() };
            chip(format!("Since {}", readable(&since, local_time)), "Show earlier events", &wider.href())
        });
        (of, from).erased()
    };
    let words = move || query.read().words.clone();
    view! {
        <form class="toolbar" method="get" action=address("/events") role="search" on:submit=|event| event.prevent_default()>
            <div class="toolbar__search">
                <Icon glyph=Glyph::Search />
                <input
                    class="toolbar__input"
                    type="search"
                    role="searchbox"
                    name="q"
                    aria-label="Search events"
                    placeholder="Name, project, image or event"
                    autocomplete="off"
                    spellcheck="false"
                    value=words()
                    prop:value=words
                    on:input=move |event| choices.search(event_target_value(&event))
                />
            </div>
            <div class="state-filter" role="group" aria-label="Kind">
                {Show::ALL.into_iter().map(link).collect_view()}
            </div>
            {narrowed}
        </form>
    }
    .erased()
}

/// An active filter with a link that removes it.
fn chip(words: String, wider: &'static str, href: &str) -> Erased {
    view! {
        <p class="events-page__chip">
            <span dir="auto">{words}</span>
            " "
            <a href=address(href) data-noscroll="">
                {wider}
            </a>
        </p>
    }
    .erased()
}

/// Formats a time as on the rest of the page. Ages and seconds stay unchanged.
fn readable(since: &str, local_time: LocalTime) -> String {
    since.parse().map_or_else(|_| since.to_owned(), |at| local_time.date_time(at))
}

/// The entries of one day.
fn section(date: String, shown: Memo<Vec<Day>>) -> Erased {
    let (heading, id, of) = (date.clone(), format!("day-{date}"), format!("day-{date}"));
    let events = move || {
        shown.with(|days| days.iter().find(|day| day.date == date).map(|day| day.events.clone()).unwrap_or_default())
    };
    view! {
        <section class="events-page__day" aria-labelledby=of>
            <h2 class="events-page__date" id=id>
                {heading}
            </h2>
            <ol class="events-page__events" role="list">
                <For each=events key=|event| (event.id.clone(), event.cause, event.detail.clone()) let:event>
                    <EventLine event=&*event />
                </For>
            </ol>
        </section>
    }
    .erased()
}

fn more(timeline: UseTimelineReturn, count: usize, limit: RwSignal<usize>) -> Erased {
    let show = move |_| {
        let wanted = limit.get_untracked() + PAGE_SIZE;
        limit.set(wanted);
        if count < wanted {
            timeline.load_older();
        }
    };
    view! {
        <p>
            <button type="button" class="button" on:click=show>
                "Show more"
            </button>
        </p>
    }
    .erased()
}

/// Empty state with the reason.
fn no_entries(timeline: UseTimelineReturn, query: Signal<EventsQuery>) -> Erased {
    let (is_loading, begins) = (
        matches!(*timeline.state.read(), TimelineState::Loading | TimelineState::Failed(_)),
        timeline.events.with(|book| book.is_complete),
    );
    if is_loading {
        return None::<Erased>.erased();
    }
    if query.with(|query| *query == EventsQuery::default()) {
        return view! {
            <EmptyState title="No events yet" glyph=Glyph::Clock advice=view! {
                <p>"Events appear here when containers are created, started, stopped or removed."</p>
            }.erased() />
        }
        .erased();
    }
    let older = (!begins).then(|| {
        view! {
            <p>
                <button type="button" class="button" on:click=move |_| timeline.load_older()>
                    "Load earlier events"
                </button>
            </p>
        }
    });
    view! {
        <EmptyState title="No matching events" glyph=Glyph::Search advice=view! {
            {older}
            <p>
                <a class="button" href=address("/events") data-noscroll="">
                    "Show all events"
                </a>
            </p>
        }.erased() />
    }
    .erased()
}
