//! One event: time, kind, container and details.

use super::entries::is_folded;
use crate::base_path::address;
use crate::prelude::*;
use crate::{
    client::use_realtime_containers,
    format::{date_time, event_detail, event_title, is_trouble},
    model::{Cause, Occurrence, OccurrenceKind as Kind},
    parts::icon::{Glyph, Icon},
};

/// An entry of the list. Static, because events never change.
#[component]
pub fn EventLine<'a>(
    /// Event that the entry shows.
    event: &'a Occurrence,
) -> Erased {
    let name = if event.container_name.is_empty() { event.container_id.short() } else { event.container_name.clone() };
    let hook = use_realtime_containers();
    let (at, local_time) = (event.at, hook.local_time);
    let page = hook.rows.page_path(event.key());
    let engine = hook.rows.has_several_engines().then_some(event.engine.as_str());
    let words = event_detail(event);
    let detail = [engine.unwrap_or_default(), &words].into_iter().filter(|part| !part.is_empty());
    let detail = detail.collect::<Vec<_>>().join(" · ");
    let is_folded = is_folded(event);
    view! {
        <li class="event-line" data-kind=event.kind.as_str() data-event-container=event.container_id.to_string()>
            <time class="event-line__time" datetime=event.at.to_string() title=date_time(event.at)>
                {move || local_time.clock(at).trim_end_matches(" UTC").to_owned()}
            </time>
            <span class=format!("state-badge state-badge--{}", tone(event))>
                <Icon glyph=glyph(event) />
                {event_title(event)}
            </span>
            {if is_folded {
                view! { <span class="container-name" dir="auto">{name}</span> }.erased()
            } else {
                view! { <a class="container-name" href=address(&page) dir="auto">{name}</a> }.erased()
            }}
            <span class="event-line__detail" dir="auto">
                {detail}
            </span>
        </li>
    }
    .erased()
}

/// The event's icon. Events that lead to a state use the icon of the state.
pub fn glyph(event: &Occurrence) -> Glyph {
    match event.kind {
        Kind::Created => Glyph::Circle,
        Kind::Started if event.cause == Some(Cause::RestartPolicy) => Glyph::Restart,
        Kind::Started | Kind::Unpaused => Glyph::Play,
        Kind::Died if event.cause == Some(Cause::EngineRestart) => Glyph::Restart,
        Kind::Died if is_trouble(event) => Glyph::Diamond,
        Kind::Died | Kind::Stopped => Glyph::Square,
        Kind::Oom => Glyph::Warning,
        Kind::Killed => Glyph::Kill,
        Kind::Paused => Glyph::Pause,
        Kind::Restarted => Glyph::Restart,
        Kind::Health => match event.detail.as_deref() {
            Some("healthy") => Glyph::Check,
            Some("unhealthy") => Glyph::Warning,
            _ => Glyph::Clock,
        },
        Kind::Renamed | Kind::Updated => Glyph::Refresh,
        Kind::Destroyed => Glyph::Trash,
    }
}

/// The event's color, as the name of a state.
pub fn tone(event: &Occurrence) -> &'static str {
    match event.kind {
        _ if is_trouble(event) => "failed",
        Kind::Started | Kind::Restarted | Kind::Unpaused => "running",
        Kind::Health if event.detail.as_deref() == Some("healthy") => "running",
        Kind::Paused => "paused",
        _ => "exited",
    }
}
