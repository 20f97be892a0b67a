//! `/containers/{id}`: one container.

pub mod charts;
pub mod configuration;
pub mod facts;
pub mod processes;
pub mod raw;
pub mod tabs;

use crate::{
    app::respond_not_found,
    client::{Row, use_realtime_containers},
    components::{
        connection_indicator::at_this_moment,
        container_actions::ContainerActions,
        empty_state::EmptyState,
        erased::{Erase, live, text, word},
        icon::Glyph,
        status_line::StatusLine,
        usage::{Usage, UsageSource},
    },
    model::{Container, ContainerId},
};
use charts::Charts;
use configuration::Configuration;
use facts::Facts;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use processes::Processes;
use raw::Raw;
use std::sync::Arc;
use tabs::{Tab, Tabs, use_tab};

/// The container the address names; follows it until it is gone, and says so then.
#[component]
pub fn ContainerPage() -> impl IntoView {
    let rows = use_realtime_containers().rows;
    let params = use_params_map();
    let id = move || params.read().get_str("id").and_then(|id| id.parse::<ContainerId>().ok());
    let found = Memo::new(move |_| {
        rows.ids().track();
        id().filter(|id| rows.get(*id).is_some())
    });
    live(move || match found.get().and_then(|id| rows.get(id)) {
        Some(row) => view! { <Details row /> }.erased(),
        None => view! { <NoSuchContainer /> }.erased(),
    })
    .erased()
}

#[component]
fn Details(
    /// The container's signals.
    row: Row,
) -> impl IntoView {
    let whole = row.clone();
    let tab = use_tab();
    let Row { id, container, stats, trend } = row;
    let container: Signal<Arc<Container>> = container.into();
    let hook = use_realtime_containers();
    let source = UsageSource { container, stats: stats.into(), trend: trend.into(), engines: hook.engines };
    let name = move || container.read().name.clone();
    let stale = Memo::new(move |_| at_this_moment(hook, |moment| moment.stale_since().is_some()));
    let class =
        text(move || if stale.get() { "container-page container-page--stale" } else { "container-page" }.to_owned());
    let dated = live(move || {
        let dated = at_this_moment(hook, |moment| moment.dated());
        dated.map(|dated| view! { <p class="container-page__dated">{dated}</p> }).erased()
    });
    view! {
        <Title text=name />
        <article
            class=class
            data-container-id=id.to_string()
            data-state=word(move || Some(container.read().state.as_str()))
            data-stale=text(move || stale.get().to_string())
        >
            <p class="container-page__back">
                <a href="/containers">"Containers"</a>
            </p>
            <h1 class="container-page__title" dir="auto">
                {text(name)}
            </h1>
            <StatusLine container now=hook.now />
            {dated}
            <ContainerActions container with_words=true />
            <Usage source />
            <Tabs tab path=format!("/containers/{id}") />
            {live(move || match tab.get() {
                Tab::Overview => {
                    view! {
                        <Charts row=whole.clone() />
                        {live(move || {
                            let container = container.get();
                            view! { <Facts container=&*container /> }.erased()
                        })}
                    }
                        .erased()
                }
                Tab::Configuration => view! { <Configuration row=whole.clone() /> }.erased(),
                Tab::Processes => view! { <Processes row=whole.clone() /> }.erased(),
                Tab::Inspect => view! { <Raw id /> }.erased(),
            })}
        </article>
    }
    .erased()
}

#[component]
fn NoSuchContainer() -> impl IntoView {
    respond_not_found();
    view! {
        <Title text="No such container" />
        <h1 class="visually-hidden">"No such container"</h1>
        <EmptyState title="This container is not there" glyph=Glyph::Search advice=view! {
            <p>"It was removed, or the address is wrong."</p>
            <p>
                <a href="/containers">"See all containers"</a>
            </p>
        }.erased() />
    }
    .erased()
}
