//! `/containers/{id}`: one container.

pub mod facts;

use crate::{
    app::respond_not_found,
    client::{Row, use_realtime_containers},
    components::{
        connection_indicator::at_this_moment,
        container_actions::ContainerActions,
        empty_state::EmptyState,
        icon::Glyph,
        status_line::StatusLine,
        usage::{Usage, UsageSource},
    },
    model::{Container, ContainerId},
};
use facts::Facts;
use leptos::{either::Either, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use std::sync::Arc;

/// The container the address names; follows it until it is gone, and says so then.
#[component]
pub fn ContainerPage() -> impl IntoView {
    let rows = use_realtime_containers().rows;
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").and_then(|id| id.parse::<ContainerId>().ok())));
    let found = Memo::new(move |_| {
        rows.ids().track();
        id.get().filter(|id| rows.get(*id).is_some())
    });
    move || match found.get().and_then(|id| rows.get(id)) {
        Some(row) => Either::Left(view! { <Details row /> }),
        None => Either::Right(view! { <NoSuchContainer /> }),
    }
}

#[component]
fn Details(
    /// The container's signals.
    row: Row,
) -> impl IntoView {
    let Row { id, container, stats } = row;
    let container: Signal<Arc<Container>> = container.into();
    let hook = use_realtime_containers();
    let source = UsageSource { container, stats: stats.into(), engines: hook.engines };
    let name = Memo::new(move |_| container.with(|container| container.name.clone()));
    let stale = Memo::new(move |_| at_this_moment(hook, |moment| moment.stale_since().is_some()));
    let dated = Memo::new(move |_| at_this_moment(hook, |moment| moment.dated()));
    view! {
        <Title text=move || name.get() />
        <article
            class="container-page"
            class:container-page--stale=stale
            data-container-id=id.to_string()
            data-state=move || container.with(|container| container.state.as_str())
            data-stale=move || if stale.get() { "true" } else { "false" }
        >
            <p class="container-page__back">
                <a href="/containers">"Containers"</a>
            </p>
            <h1 class="container-page__title" dir="auto">
                {name}
            </h1>
            <StatusLine container now=hook.now />
            {move || dated.get().map(|dated| view! { <p class="container-page__dated">{dated}</p> })}
            <ContainerActions container with_words=true />
            <Usage source />
            {move || container.with(|container| view! { <Facts container=&**container /> })}
        </article>
    }
    .into_any()
}

#[component]
fn NoSuchContainer() -> impl IntoView {
    respond_not_found();
    view! {
        <Title text="No such container" />
        <h1 class="visually-hidden">"No such container"</h1>
        <EmptyState title="This container is not there" glyph=Glyph::Search>
            <p>"It was removed, or the address is wrong."</p>
            <p>
                <a href="/containers">"See all containers"</a>
            </p>
        </EmptyState>
    }
    .into_any()
}
