//! What stands on the page of a container that is gone: since when, and where its successor is.

use super::successor::Gone;
use crate::base_path::address;
use crate::prelude::*;
use crate::{
    client::{UseRealtimeContainersReturn, Wanted, happened, use_realtime_containers},
    format::{ago, happening},
    frame::page_title::PageTitle,
    model::{ContainerId, Occurrence, OccurrenceKind as Kind},
    parts::{
        empty_state::EmptyState,
        icon::{Glyph, Icon},
    },
};
use leptos::task::spawn_local;
use std::sync::Arc;

/// Enough to find its name, and its end.
const LIMIT: usize = 20;

/// The address of a container's own page.
pub fn page_of(id: ContainerId) -> String {
    format!("/containers/{id}")
}

/// Above the last picture of a container that was removed while the page showed it.
#[component]
pub fn RemovedBand(
    /// What it was.
    gone: Gone,
) -> Erased {
    let hook = use_realtime_containers();
    let removed_at = hook.now.get_untracked();
    view! {
        <section class="gone" aria-label="Removed">
            <Icon glyph=Glyph::Trash />
            <p>
                <strong>"It was removed."</strong>
                " This is how it looked last, at "
                {text(move || hook.local_time.date_time(removed_at))}
                ". "
                <Successor gone href=Callback::new(page_of) />
            </p>
        </section>
    }
    .erased()
}

/// A link to the container that has taken its place, as soon as there is one.
#[component]
pub fn Successor(
    /// Of which.
    gone: Gone,
    /// The address of its page, by its id.
    #[prop(into)]
    href: Callback<ContainerId, String>,
) -> Erased {
    let rows = use_realtime_containers().rows;
    let found = Memo::new(move |_| {
        rows.ids().track();
        rows.with_picture(|picture| {
            let there = picture.containers.values().map(|container| &**container);
            gone.successor(there).map(|found| (found.id, found.name.clone()))
        })
        .flatten()
    });
    live(move || found.get().map(|(id, name)| link(&href.run(id), name)).erased()).erased()
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

/// Instead of the page of a container that is not there: what the timeline remembers of it.
#[component]
pub fn NotThere(
    /// Whose page was asked for; `None`: the address names no container.
    id: Option<ContainerId>,
    /// The address of the same page of another container.
    href: Callback<ContainerId, String>,
) -> Erased {
    let UseRealtimeContainersReturn { now, local_time, .. } = use_realtime_containers();
    let remembered = RwSignal::new(Vec::<Arc<Occurrence>>::new());
    Effect::new(move |_| {
        let Some(id) = id else { return };
        spawn_local(async move {
            let wanted = Wanted { container: Some(id), ..Wanted::default() };
            if let Ok(events) = happened(&wanted, LIMIT).await {
                remembered.try_set(events);
            }
        });
    });
    let known = move || {
        let events = remembered.read();
        let last = events.last()?;
        let name = last.container_name.clone();
        let removed = last.kind == Kind::Destroyed;
        let what = if removed { "was removed" } else { happening(last) };
        let when = format!("{what}, {} ({})", ago(now.get_untracked(), last.at), local_time.date_time(last.at));
        Some(
            view! {
                <p>
                    <bdi class="gone__name">{name.clone()}</bdi>
                    ": "
                    {when}
                    ". "
                </p>
                <p>
                    <Successor gone=Gone::named(&name) href />
                </p>
                <p>
                    <a href=address(&format!("/events?container={}", last.container_id))>"What happened to it"</a>
                </p>
            }
            .erased(),
        )
    };
    view! {
        <PageTitle text="No such container" />
        <h1 class="visually-hidden">"No such container"</h1>
        <EmptyState title="This container is not there" glyph=Glyph::Search advice=view! {
            {live(move || match known() {
                Some(known) => known,
                None => view! { <p>"It was removed, or the address is wrong."</p> }.erased(),
            })}
            <p>
                <a href=address("/containers")>"See all containers"</a>
            </p>
        }.erased() />
    }
    .erased()
}
