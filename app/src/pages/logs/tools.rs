//! Search, filters and display options of a log.

use super::{
    choices::LogChoices,
    no_lines::load_earlier,
    sources::{Sources, download_href},
    viewer::{Viewer, offset_minutes},
};
use crate::base_path::address;
use crate::prelude::*;
use crate::{
    client::use_realtime_containers,
    format::grouped,
    logs::{LEVELS, Level, LogsQuery, StreamChoice, TAILS, Zone},
    parts::{
        icon::{Glyph, Icon},
        key::key,
    },
};
use leptos::ev::KeyboardEvent;

/// Ages suggested in the time fields.
const AGES: [&str; 5] = ["5m", "15m", "1h", "6h", "24h"];

/// Controls for every field of a [`LogsQuery`].
#[component]
pub fn Tools(
    /// The choices in the URL.
    choices: LogChoices,
    /// The containers, for the download.
    sources: Sources,
    /// The lines.
    viewer: Viewer,
) -> Erased {
    let is_open = RwSignal::new(false);
    let class = move || {
        let class = if is_open.get() { "log-tools__panel log-tools__panel--open" } else { "log-tools__panel" };
        class.to_owned()
    };
    view! {
        <div class="log-tools" role="search">
            <Search choices viewer />
            <button
                type="button"
                class="button log-tools__more"
                aria-expanded=move || is_open.get().to_string()
                aria-controls="log-panel"
                on:click=move |_| is_open.update(|open| *open = !*open)
            >
                "Filters"
            </button>
            <div class=class id="log-panel">
                <Levels choices />
                <Selects choices />
                <Download choices sources />
            </div>
        </div>
    }
    .erased()
}

/// The search field, the position among the matches, and buttons for the previous and next match.
#[component]
fn Search(
    /// The choices in the URL.
    choices: LogChoices,
    /// The lines.
    viewer: Viewer,
) -> Erased {
    let query = choices.query();
    let words = move || query.read().search.clone();
    let on_key = move |event: KeyboardEvent| match key(&event).as_str() {
        "Enter" => {
            event.prevent_default();
            viewer.go(!event.shift_key());
        }
        "Escape" => {
            event.prevent_default();
            choices.search(String::new());
        }
        _ => {}
    };
    let is_searched = Memo::new(move |_| !query.read().search.is_empty());
    let found = move || {
        let counts = viewer.counts.get();
        match (is_searched.get(), viewer.invalid.get(), counts.rank) {
            (false, ..) | (_, Some(_), _) => String::new(),
            (_, _, Some(rank)) => format!("{} of {}", grouped(rank as u64), grouped(counts.found as u64)),
            _ if counts.found == 0 => viewer.not_found(&counts),
            _ => format!("{} found", grouped(counts.found as u64)),
        }
    };
    let is_missing = Memo::new(move |_| {
        let counts = viewer.counts.read();
        is_searched.get() && viewer.invalid.read().is_none() && counts.found == 0 && !counts.is_filtering
    });
    let earlier = move || is_missing.get().then(|| load_earlier(choices, viewer)).erased();
    let step = move |forward: bool, name: &'static str, glyph: Glyph| {
        view! {
            <button
                type="button"
                class="icon-button"
                aria-label=name
                title=name
                aria-disabled=move || (viewer.counts.read().found == 0).then_some("true")
                on:click=move |_| viewer.go(forward)
            >
                <Icon glyph />
            </button>
        }
        .erased()
    };
    let invalid = move || {
        viewer.invalid.get().map(|words| view! { <p class="log-tools__problem" role="alert">{words}</p> }).erased()
    };
    view! {
        <div class="log-tools__search">
            <div class="toolbar__search">
                <Icon glyph=Glyph::Search />
                <input
                    class="toolbar__input"
                    type="search"
                    role="searchbox"
                    aria-label="Search log"
                    placeholder="Search this log"
                    autocomplete="off"
                    spellcheck="false"
                    aria-keyshortcuts="/"
                    aria-invalid=move || viewer.invalid.read().is_some().then_some("true")
                    value=words()
                    prop:value=words
                    on:input=move |event| choices.search(event_target_value(&event))
                    on:keydown=on_key
                />
            </div>
            <span class="log-tools__found" aria-live="polite">
                {found}
            </span>
            {earlier}
            {step(false, "Previous match", Glyph::Up)}
            {step(true, "Next match", Glyph::Down)}
            {check(choices, "Regex", |query| query.regex, |query, on| query.regex = on)}
            {check(choices, "Only matches", |query| query.only_found, |query, on| query.only_found = on)}
        </div>
        {invalid}
    }
    .erased()
}

fn check(
    choices: LogChoices,
    label: &'static str,
    read: fn(&LogsQuery) -> bool,
    write: fn(&mut LogsQuery, bool),
) -> Erased {
    let query = choices.query();
    let is_on = move || read(&query.read());
    view! {
        <label class="toolbar__check">
            <input
                type="checkbox"
                checked=untrack(is_on)
                prop:checked=is_on
                on:change=move |event| choices.change(|query| write(query, event_target_checked(&event)))
            />
            {label}
        </label>
    }
    .erased()
}

/// Checkboxes for the log levels.
#[component]
fn Levels(
    /// The choices in the URL.
    choices: LogChoices,
) -> Erased {
    let query = choices.query();
    let level = move |level: Option<Level>| {
        let is_on = move || !query.read().hidden.contains(&level);
        let change = move |_| {
            choices.change(|query| {
                let before = query.hidden.len();
                query.hidden.retain(|hidden| *hidden != level);
                if query.hidden.len() == before {
                    query.hidden.push(level);
                }
                // In a fixed order, so that the same levels give the same query.
                query.hidden = LEVELS.into_iter().filter(|level| query.hidden.contains(level)).collect();
            });
        };
        view! {
            <label class=format!("log-tools__level log-line--{}", level.map_or("other", Level::as_str))>
                <input type="checkbox" checked=untrack(is_on) prop:checked=is_on on:change=change />
                {level.map_or("Other", Level::label)}
            </label>
        }
    };
    view! {
        <div class="log-tools__levels" role="group" aria-label="Levels">
            {LEVELS.into_iter().map(level).collect_view()}
        </div>
    }
    .erased()
}

/// Stream, time range, time zone and wrapping.
#[component]
fn Selects(
    /// The choices in the URL.
    choices: LogChoices,
) -> Erased {
    let query = choices.query();
    let streams = StreamChoice::ALL.map(|choice| {
        let label = if choice == StreamChoice::All { "Both streams" } else { choice.as_str() };
        (choice.as_str().to_owned(), label.to_owned())
    });
    let tails = TAILS.map(|tail| (tail.to_string(), format!("Last {}", grouped(u64::from(tail)))));
    let zones = Zone::ALL.map(|zone| (zone.as_str().to_owned(), zone.label().to_owned()));
    view! {
        {select("Stream", streams.to_vec(), Signal::derive(move || query.read().stream.as_str().to_owned()), move |word| {
            choices.change(|query| query.stream = StreamChoice::parse(&word));
        })}
        {select("Initial lines", tails.to_vec(), Signal::derive(move || query.read().tail.to_string()), move |word| {
            choices.change(|query| query.tail = word.parse().unwrap_or(query.tail));
        })}
        {moment(choices, "Since", |query| &mut query.since)}
        {moment(choices, "Until", |query| &mut query.until)}
        <datalist id="log-ages">{AGES.map(|age| view! { <option value=age></option> }).collect_view()}</datalist>
        {select("Timestamps", zones.to_vec(), Signal::derive(move || query.read().zone.as_str().to_owned()), move |word| {
            choices.change(|query| query.zone = Zone::parse(&word));
        })}
        {check(choices, "Wrap", |query| query.wrap, |query, on| query.wrap = on)}
    }
    .erased()
}

fn select(
    label: &'static str,
    options: Vec<(String, String)>,
    chosen: Signal<String>,
    on_choose: impl Fn(String) + Send + 'static,
) -> Erased {
    let option = move |(value, label): (String, String)| {
        let own = value.clone();
        view! {
            <option value=value selected=move || *chosen.read() == own>
                {label}
            </option>
        }
    };
    view! {
        <select
            class="toolbar__select"
            aria-label=label
            prop:value=move || chosen.get()
            on:change=move |event| on_choose(event_target_value(&event))
        >
            {options.into_iter().map(option).collect_view()}
        </select>
    }
    .erased()
}

/// A field for a time or an age. The value is applied on Enter or when the field loses the focus.
fn moment(choices: LogChoices, label: &'static str, field: fn(&mut LogsQuery) -> &mut String) -> Erased {
    let query = choices.query();
    let value = move || field(&mut query.get()).clone();
    view! {
        <label class="toolbar__label">
            {label} " "
            <input
                class="toolbar__select log-tools__moment"
                type="text"
                list="log-ages"
                placeholder="15m or 14:30"
                title="A time (14:30), a date (2026-11-23), a date and time (2026-11-23 09:30), or an age (15m, 2h, 3d)"
                autocomplete="off"
                spellcheck="false"
                value=untrack(value)
                prop:value=value
                on:change=move |event| choices.change(|query| *field(query) = event_target_value(&event).trim().to_owned())
            />
        </label>
    }
    .erased()
}

/// Downloads the whole log of the selected time range. Merged logs have a download link each.
#[component]
fn Download(
    /// The choices in the URL.
    choices: LogChoices,
    /// The containers.
    sources: Sources,
) -> Erased {
    let query = choices.query();
    let rows = use_realtime_containers().rows;
    (move || {
        let single = sources.all.read().first().filter(|_| choices.is_single().get()).map(|source| source.id);
        let link = single.map(|id| {
            let href = move || {
                let query = query.read();
                address(&download_href(rows, id, &query.for_download(&|at| offset_minutes(query.zone, at))))
            };
            view! {
                <a class="button" href=href download="" rel="external">
                    <Icon glyph=Glyph::Down />
                    "Download"
                </a>
            }
        });
        link.erased()
    })
    .erased()
}
