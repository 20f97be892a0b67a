//! Rendering of a line, a divider, and the details of an expanded line.

use super::{
    json_tree::nodes,
    pattern::Pattern,
    sources::{Source, Sources},
    viewer::{Viewer, offset_minutes},
};
use crate::prelude::*;
use crate::{
    logs::{
        Kind, Level, Line, LogsQuery, Zone,
        ansi::{self, Color, Style},
        readable::{self, Piece},
        time_text, tree,
    },
    model::{LogStream, Timestamp},
    parts::copy_button::CopyButton,
};
use std::sync::Arc;

/// A line of the log, formatted according to the query.
pub(super) fn row(line: Arc<Line>, query: Signal<LogsQuery>, sources: Sources, viewer: Viewer) -> Erased {
    let number = line.number;
    let full_line = Arc::clone(&line);
    let is_open = Memo::new(move |_| viewer.opened.read().contains(&number));
    let details = move || is_open.get().then(|| details(&full_line, query, sources, viewer)).erased();
    let content = match line.kind {
        Kind::Divider | Kind::Gap { .. } => divider(line, query, sources),
        Kind::Printed { stream, level, truncated, .. } => {
            printed(line, (stream, level, truncated), query, sources, viewer, is_open)
        }
    };
    view! {
        <div class="log-row" data-number=number.to_string()>
            {content}
            {details}
        </div>
    }
    .erased()
}

fn divider(line: Arc<Line>, query: Signal<LogsQuery>, sources: Sources) -> Erased {
    let source = line.source;
    let words = move || {
        let name = sources.all.with(|all| (all.len() > 1).then(|| all.get(source).map(|source| source.name.clone())));
        let mut words = name.flatten().map(|name| format!("{name}: ")).unwrap_or_default();
        words.push_str(&line.text);
        let zone = query.read().zone;
        let exact_at = |at: Option<Timestamp>| at.map(|at| exact(at, zone));
        let from = if let Kind::Gap { from } = line.kind { exact_at(from) } else { None };
        words.push_str(&match (from, exact_at(line.at)) {
            (Some(from), Some(to)) => format!(" between {from} and {to}"),
            (Some(from), None) => format!(" after {from}"),
            (None, Some(at)) => format!(" at {at}"),
            (None, None) => String::new(),
        });
        words
    };
    view! {
        <p class="log-divider">
            <span class="log-divider__words">{words}</span>
        </p>
    }
    .erased()
}

fn printed(
    line: Arc<Line>,
    (stream, level, truncated): (LogStream, Option<Level>, bool),
    query: Signal<LogsQuery>,
    sources: Sources,
    viewer: Viewer,
    is_open: Memo<bool>,
) -> Erased {
    let number = line.number;
    let at = line.at.unwrap_or_default();
    let source = line.source;
    let class = move || {
        let mut class = "log-line".to_owned();
        if stream == LogStream::Stderr {
            class.push_str(" log-line--stderr");
        }
        if let Some(level) = level {
            class.push_str(" log-line--");
            class.push_str(level.as_str());
        }
        if viewer.current.get() == Some(number) {
            class.push_str(" log-line--current");
        }
        class
    };
    let zone = Memo::new(move |_| query.read().zone);
    let time = move || time(at, zone.get());
    let label = Memo::new(move |_| sources.all.with(|all| (all.len() > 1).then(|| all.get(source).cloned()).flatten()));
    let searched = Memo::new(move |_| {
        let query = query.read();
        (query.search.clone(), query.regex)
    });
    let line_text = move || {
        let (search, regex) = searched.get();
        line_text(&line, &Pattern::new(&search, regex), truncated)
    };
    view! {
        <div class=class>
            <button
                type="button"
                class="log-line__open"
                tabindex="-1"
                aria-label="Full line"
                aria-expanded=move || is_open.get().to_string()
                title=title(stream, level)
                on:click=move |_| viewer.toggle(number)
            >
                {level.map_or("·", Level::letter)}
            </button>
            {time}
            {move || label.get().map(|source| label_of(&source)).erased()}
            {line_text}
        </div>
    }
    .erased()
}

/// Tooltip that describes the mark in the margin.
fn title(stream: LogStream, level: Option<Level>) -> String {
    let stream = stream_name(stream);
    match level {
        Some(level) => format!("{}, {stream}", level.label()),
        None => stream.to_owned(),
    }
}

const fn stream_name(stream: LogStream) -> &'static str {
    match stream {
        LogStream::Stdout => "stdout",
        LogStream::Stderr => "stderr",
    }
}

fn time(at: Timestamp, zone: Zone) -> Erased {
    if zone == Zone::None {
        return None::<Erased>.erased();
    }
    view! {
        <time class="log-line__time" datetime=at.to_string() title=exact(at, zone)>
            {time_text::clock(at, offset_minutes(zone, Some(at)))}
        </time>
    }
    .erased()
}

fn exact(at: Timestamp, zone: Zone) -> String {
    time_text::exact(at, offset_minutes(zone, Some(at)))
}

fn label_of(source: &Source) -> Erased {
    let Source { id: _, name, color } = source;
    view! {
        <span class=format!("log-line__source log-color--{color}") title=name.clone() dir="auto">
            {name.clone()}
        </span>
    }
    .erased()
}

fn line_text(line: &Line, pattern: &Pattern, truncated: bool) -> Erased {
    let readable = readable::readable(line);
    let pieces = readable.pieces(&pattern.places(&readable.text));
    let mark = if truncated { Some("truncated at 64 KiB") } else { readable.is_cut.then_some("expand to see all") };
    view! {
        <span class="log-line__text">
            {pieces.into_iter().map(piece).collect_view()}
            {mark.map(|mark| view! { <span class="log-line__cut">{"… "}{mark}</span> })}
        </span>
    }
    .erased()
}

fn piece(piece: Piece) -> Erased {
    let Piece { text, style, is_found } = piece;
    let class = class_of(&style);
    let drawn = match (rgb(style.text), rgb(style.background)) {
        // Set through the DOM: the content security policy forbids style attributes in the HTML.
        (Some(color), None) => view! { <span class=class style:--log-color=color>{text}</span> }.erased(),
        (color, Some(background)) => {
            view! { <span class=class style:--log-color=color style:--log-ground=background>{text}</span> }.erased()
        }
        (None, None) if class.is_empty() => text.erased(),
        (None, None) => view! { <span class=class>{text}</span> }.erased(),
    };
    if is_found { view! { <mark class="log-line__found">{drawn}</mark> }.erased() } else { drawn }
}

fn rgb(color: Option<Color>) -> Option<String> {
    match color? {
        Color::Rgb(red, green, blue) => Some(format!("rgb({red} {green} {blue})")),
        Color::Named(_) => None,
    }
}

fn class_of(style: &Style) -> String {
    let Style { text, background, bold, faint, italic, underlined, reversed, strikethrough } = *style;
    let mut classes = Vec::new();
    match text {
        Some(Color::Named(number)) => classes.push(format!("ansi-text-{number}")),
        Some(Color::Rgb(..)) => classes.push("ansi-text".to_owned()),
        None => {}
    }
    match background {
        Some(Color::Named(number)) => classes.push(format!("ansi-ground-{number}")),
        Some(Color::Rgb(..)) => classes.push("ansi-ground".to_owned()),
        None => {}
    }
    let flags = [
        (bold, "ansi-bold"),
        (faint, "ansi-faint"),
        (italic, "ansi-italic"),
        (underlined, "ansi-underlined"),
        (reversed, "ansi-reversed"),
        (strikethrough, "ansi-struck"),
    ];
    classes.extend(flags.into_iter().filter(|(is_set, _)| *is_set).map(|(_, class)| class.to_owned()));
    classes.join(" ")
}

/// Details of an expanded line: its exact time and full text.
fn details(line: &Line, query: Signal<LogsQuery>, sources: Sources, viewer: Viewer) -> Erased {
    let Kind::Printed { stream, level, is_json, .. } = line.kind else { return None::<Erased>.erased() };
    let (at, source) = (line.at.unwrap_or_default(), line.source);
    let facts = move || {
        let name = sources.all.with(|all| all.get(source).map(|source| source.name.clone())).unwrap_or_default();
        let zone = query.read().zone;
        format!("{} · {} · {name}", exact(at, zone), title(stream, level))
    };
    let plain = ansi::plain(&line.text).into_owned();
    let tree = tree::tree(&line.text).filter(|_| is_json);
    let content = match tree {
        Some(tree) => {
            let nodes = nodes(tree, 0, viewer);
            view! {
                <div
                    class="log-details__text json-tree"
                    tabindex="0"
                    role="region"
                    aria-label="JSON"
                    on:click=move |_| viewer.unfollow()
                >
                    {nodes}
                </div>
            }
            .erased()
        }
        None => {
            let plain = plain.clone();
            view! { <pre class="log-details__text" tabindex="0" role="region" aria-label="Full line">{plain}</pre> }
                .erased()
        }
    };
    view! {
        <div class="log-details">
            <p class="log-details__facts">{facts}</p>
            {content}
            <CopyButton what="line" content=Signal::stored(plain) />
        </div>
    }
    .erased()
}
