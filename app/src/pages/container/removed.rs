//! Page content for a container that was removed: when, and a link to its successor.

use super::successor::RemovedContainer;
use crate::base_path::address;
use crate::prelude::*;
use crate::{
    client::{TimelineQuery, UseRealtimeContainersReturn, fetch_events, use_realtime_containers},
    format::{ago, event_title},
    frame::page_title::PageTitle,
    model::{ContainerId, ContainerKey, Occurrence, OccurrenceKind as Kind},
    parts::{
        empty_state::EmptyState,
        icon::{Glyph, Icon},
    },
};
use leptos::task::spawn_local;
use std::sync::Arc;

/// Number of events to request: enough to find the container's name and its end.
const EVENT_LIMIT: usize = 20;

/// Banner above the last known state of a container that was removed while the page was open.
#[component]
pub fn RemovedBanner(
    /// The removed container.
    container: RemovedContainer,
) -> Erased {
    let hook = use_realtime_containers();
    let href = Callback::new(move |key| hook.rows.id_path(key));
    let removed_at = hook.now.get_untracked();
    view! {
        <section class="gone" aria-label="Removed">
            <Icon glyph=Glyph::Trash />
            <p>
                <strong>"This container was removed."</strong>
                " The page shows its last known state, from "
                {move || hook.local_time.date_time(removed_at)}
                ". "
                <Successor of=container href />
            </p>
        </section>
    }
    .erased()
}

/// Link to the container that replaces a removed one, as soon as it exists.
#[component]
pub fn Successor(
    /// The removed container.
    of: RemovedContainer,
    /// Returns the path of the page for a container.
    #[prop(into)]
    href: Callback<ContainerKey, String>,
) -> Erased {
    let rows = use_realtime_containers().rows;
    let found = Memo::new(move |_| {
        rows.keys().track();
        rows.with_picture(|picture| {
            let existing = picture.containers.values().map(|container| &**container);
            of.successor(existing).map(|found| (found.key(), found.name.clone()))
        })
        .flatten()
    });
    (move || found.get().map(|(key, name)| link(&href.run(key), name)).erased()).erased()
}

fn link(href: &str, name: String) -> Erased {
    view! {
        "It was recreated: "
        <a class="gone__successor" href=address(href)>
            "go to "
            <bdi>{name}</bdi>
        </a>
        "."
    }
    .erased()
}

/// Page for an unknown container: its last event, if the timeline has one.
#[component]
pub fn ContainerNotFound(
    /// The requested container; `None` if the URL contains no valid id.
    id: Option<ContainerId>,
    /// Returns the path of the same page for another container.
    href: Callback<ContainerKey, String>,
) -> Erased {
    let UseRealtimeContainersReturn { now, local_time, .. } = use_realtime_containers();
    let events_found = RwSignal::new(Vec::<Arc<Occurrence>>::new());
    Effect::new(move |_| {
        let Some(id) = id else { return };
        spawn_local(async move {
            let wanted = TimelineQuery { container: Some(id), ..TimelineQuery::default() };
            if let Ok(events) = fetch_events(&wanted, EVENT_LIMIT).await {
                events_found.try_set(events);
            }
        });
    });
    let known = move || {
        let events = events_found.read();
        let last = events.last()?;
        let name = last.container_name.clone();
        let removed = last.kind == Kind::Destroyed;
        let event = if removed { "was removed" } else { event_title(last) };
        let when = format!("{event}, {} ({})", ago(now.get_untracked(), last.at), local_time.date_time(last.at));
        Some(
            view! {
                <p>
                    <bdi class="gone__name">{name.clone()}</bdi>
                    ": "
                    {when}
                    ". "
                </p>
                <p>
                    <Successor of=RemovedContainer::named(last.engine, &name) href />
                </p>
                <p>
                    <a href=address(&format!("/events?container={}", last.container_id))>"Show its events"</a>
                </p>
            }
            .erased(),
        )
    };
    view! {
        <PageTitle text="No such container" />
        <h1 class="visually-hidden">"No such container"</h1>
        <EmptyState title="Container not found" glyph=Glyph::Search advice=view! {
            {move || match known() {
                Some(known) => known,
                None => view! { <p>"The container was removed, or the address is wrong."</p> }.erased(),
            }}
            <p>
                <a href=address("/containers")>"Show all containers"</a>
            </p>
        }.erased() />
    }
    .erased()
}
