//! `/containers/{ref}` and `/engines/{engine}/containers/{ref}`: the page of one container.

pub mod candidates;
pub mod charts;
pub mod configuration;
pub mod facts;
pub mod marks;
pub mod processes;
pub mod raw;
pub mod reference;
pub mod removed;
pub mod successor;
pub mod tabs;
pub mod why;
pub mod why_panel;

pub use why_panel::WhyPanel;

use crate::base_path::address;
use crate::prelude::*;
use crate::{
    acting::container_actions::ContainerActions,
    client::{Row, use_realtime_containers},
    format::{is_crash_looping, needs_explanation},
    frame::{connection_indicator::at_this_moment, freshness::NumbersAge, page_title::PageTitle},
    list::{
        engine_tag::engine_tag,
        pin_button::PinButton,
        status_line::StatusLine,
        usage::{Usage, UsageSource},
    },
    model::{ContainerKey, ContainerState, Health},
    page_request::respond_not_found,
    parts::copy_button::CopyButton,
};
use candidates::Candidates;
use charts::Charts;
use configuration::Configuration;
use facts::Facts;
use processes::Processes;
use raw::Raw;
use reference::{ContainerRef, Named, own_path, use_named_container};
use removed::{ContainerNotFound, RemovedBanner};
use successor::RemovedContainer;
use tabs::{Tab, Tabs, use_tab};
use why::Why;

/// The container on the page, and whether it still exists.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Shown {
    /// The container; `None` if it is unknown.
    key: Option<ContainerKey>,
    /// True if the container was removed while the page was open.
    is_removed: bool,
    /// Number of times that the container reappeared; its signals are new each time.
    generation: u32,
}

/// Shows the container named by the URL. After its removal, the page keeps its last known
/// state.
#[component]
pub fn ContainerPage() -> Erased {
    let rows = use_realtime_containers().rows;
    let named = use_named_container();
    let shown = Memo::new(move |former: Option<&Shown>| {
        rows.keys().track();
        let key = named.read().key();
        match former.and_then(|former| Some((former, former.key?))).filter(|(_, former)| Some(*former) == key) {
            Some((former, key)) => {
                let exists = rows.get(key).is_some();
                let generation = former.generation + u32::from(former.is_removed && exists);
                Shown { is_removed: !exists, generation, ..*former }
            }
            None => Shown { key, ..Shown::default() },
        }
    });
    let unclear = Memo::new(move |_| Some(named.get()).filter(|named| named.keys.len() > 1));
    let generation = Memo::new(move |_| shown.with(|shown| (shown.key, shown.generation)));
    let is_removed = Memo::new(move |_| shown.with(|shown| shown.is_removed));
    (move || match generation.get().0.and_then(|key| rows.get(key)) {
        Some(row) => view! { <Details row is_removed /> }.erased(),
        None => match unclear.get() {
            Some(Named { by: Some(by), keys }) => view! { <Candidates name=by.name keys suffix="" /> }.erased(),
            _ => {
                respond_not_found();
                let id = named.read().by.as_ref().and_then(ContainerRef::id);
                let href = Callback::new(move |key| rows.id_path(key));
                view! { <ContainerNotFound id href /> }.erased()
            }
        },
    })
    .erased()
}

#[component]
fn Details(
    /// The container's signals.
    row: Row,
    /// True if the container was removed, so that the page shows its last known state.
    is_removed: Memo<bool>,
) -> Erased {
    let whole = row.clone();
    let tab = use_tab();
    let key = row.key;
    let id = key.id;
    let hook = use_realtime_containers();
    let source = UsageSource::of(row);
    let container = source.container;
    let name = move || container.read().name.clone();
    let stale_since = Memo::new(move |_| at_this_moment(hook, |moment| moment.stale_since_of(key.engine)));
    let stale = Memo::new(move |_| is_removed.get() || stale_since.get().is_some());
    let explains = Memo::new(move |_| {
        let container = container.read();
        // The end of an earlier run does not concern a container that is healthy now.
        let is_healthy = container.state == ContainerState::Running && container.health != Some(Health::Unhealthy);
        needs_explanation(&container)
            && (!is_healthy || is_crash_looping(&container, hook.rows.engine_time(key.engine, hook.now.get())))
    });
    let class = move || {
        match (stale.get(), source.age()) {
            (true, _) => "container-page container-page--stale",
            (false, NumbersAge::Current) => "container-page",
            (false, _) => "container-page container-page--aged",
        }
        .to_owned()
    };
    let dated = move || {
        let dated = at_this_moment(hook, |moment| moment.dated(stale_since.get(), |at| hook.local_time.clock(at)));
        dated.map(|dated| view! { <p class="container-page__dated">{dated}</p> }).erased()
    };
    view! {
        <PageTitle text=name />
        <article
            class=class
            data-engine=key.engine.as_str()
            data-container-id=id.to_string()
            data-state=move || container.read().state.as_str()
            data-stale=move || stale.get().to_string()
        >
            <p class="container-page__back">
                <a href=address("/containers")>"Containers"</a>
                <span class="container-page__tools">
                    <PinButton container />
                    <CopyButton what="ID" content=Signal::stored(id.to_string()) />
                </span>
            </p>
            <h1 class="container-page__title" dir="auto">
                {name}
            </h1>
            {engine_tag(key.engine)}
            <StatusLine container />
            {dated}
            {move || is_removed.get().then(|| view! { <RemovedBanner container=RemovedContainer::of(&container.read_untracked()) /> }).erased()}
            {move || (!is_removed.get()).then(|| view! { <ContainerActions container with_words=true /> }).erased()}
            {move || explains.get().then(|| view! { <Why container /> }).erased()}
            <Usage source />
            <Tabs tab path=own_path() />
            {move || match tab.get() {
                Tab::Overview => {
                    view! {
                        <Charts row=whole.clone() />
                        {move || {
                            let container = container.get();
                            view! { <Facts container=&*container /> }.erased()
                        }}
                    }
                        .erased()
                }
                Tab::Configuration => view! { <Configuration row=whole.clone() /> }.erased(),
                Tab::Processes => view! { <Processes row=whole.clone() /> }.erased(),
                Tab::Inspect => view! { <Raw container=key /> }.erased(),
            }}
        </article>
    }
    .erased()
}
