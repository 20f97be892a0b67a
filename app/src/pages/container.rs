//! `/containers/{id}`: one container.

pub mod charts;
pub mod configuration;
pub mod facts;
pub mod gone;
pub mod marks;
pub mod processes;
pub mod raw;
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
    format::{has_a_why, is_crash_looping},
    frame::{connection_indicator::at_this_moment, freshness::NumbersAge, page_title::PageTitle},
    list::{
        pin_button::PinButton,
        status_line::StatusLine,
        usage::{Usage, UsageSource},
    },
    model::{ContainerId, ContainerState, Health},
    page_request::respond_not_found,
    parts::copy_button::CopyButton,
};
use charts::Charts;
use configuration::Configuration;
use facts::Facts;
use gone::{NotThere, RemovedBand, page_of};
use leptos_router::hooks::use_params_map;
use processes::Processes;
use raw::Raw;
use successor::Gone;
use tabs::{Tab, Tabs, use_tab};
use why::Why;

/// What the page shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Shown {
    /// Which container; `None`: none that is known.
    id: Option<ContainerId>,
    /// Whether it was removed while the page showed it.
    gone: bool,
    /// Counts containers that came back, whose signals are new.
    visit: u32,
}

/// The container the address names; follows it until it is gone, and keeps its last picture then.
#[component]
pub fn ContainerPage() -> Erased {
    let rows = use_realtime_containers().rows;
    let params = use_params_map();
    let id = Memo::new(move |_| params.read().get_str("id").and_then(|id| id.parse::<ContainerId>().ok()));
    let shown = Memo::new(move |former: Option<&Shown>| {
        rows.ids().track();
        let id = id.get();
        let is_there = id.is_some_and(|id| rows.get(id).is_some());
        match former.filter(|former| former.id.is_some() && former.id == id) {
            Some(former) => {
                Shown { gone: !is_there, visit: former.visit + u32::from(former.gone && is_there), ..*former }
            }
            None => Shown { id: id.filter(|_| is_there), ..Shown::default() },
        }
    });
    let visit = Memo::new(move |_| shown.with(|shown| (shown.id, shown.visit)));
    let gone = Memo::new(move |_| shown.with(|shown| shown.gone));
    live(move || match visit.get().0.and_then(|id| rows.get(id)) {
        Some(row) => view! { <Details row gone /> }.erased(),
        None => {
            respond_not_found();
            view! { <NotThere id=id.get() href=Callback::new(page_of) /> }.erased()
        }
    })
    .erased()
}

#[component]
fn Details(
    /// The container's signals.
    row: Row,
    /// Whether it was removed; then this is its last picture.
    gone: Memo<bool>,
) -> Erased {
    let whole = row.clone();
    let tab = use_tab();
    let id = row.id;
    let hook = use_realtime_containers();
    let source = UsageSource::of(row);
    let container = source.container;
    let name = move || container.read().name.clone();
    let stale = Memo::new(move |_| gone.get() || at_this_moment(hook, |moment| moment.stale_since().is_some()));
    let explains = Memo::new(move |_| {
        let container = container.read();
        // A former run that ended is none of a healthy one's troubles.
        let is_well = container.state == ContainerState::Running && container.health != Some(Health::Unhealthy);
        has_a_why(&container) && (!is_well || is_crash_looping(&container, hook.now.get()))
    });
    let class = text(move || {
        match (stale.get(), source.age.get()) {
            (true, _) => "container-page container-page--stale",
            (false, NumbersAge::Current) => "container-page",
            (false, _) => "container-page container-page--aged",
        }
        .to_owned()
    });
    let dated = live(move || {
        let dated = at_this_moment(hook, |moment| moment.dated(|at| hook.local_time.clock(at)));
        dated.map(|dated| view! { <p class="container-page__dated">{dated}</p> }).erased()
    });
    view! {
        <PageTitle text=name />
        <article
            class=class
            data-container-id=id.to_string()
            data-state=word(move || Some(container.read().state.as_str()))
            data-stale=text(move || stale.get().to_string())
        >
            <p class="container-page__back">
                <a href=address("/containers")>"Containers"</a>
                <span class="container-page__tools">
                    <PinButton container />
                    <CopyButton what="id" content=Signal::stored(id.to_string()) />
                </span>
            </p>
            <h1 class="container-page__title" dir="auto">
                {text(name)}
            </h1>
            <StatusLine container />
            {dated}
            {live(move || gone.get().then(|| view! { <RemovedBand gone=Gone::of(&container.read_untracked()) /> }).erased())}
            {live(move || (!gone.get()).then(|| view! { <ContainerActions container with_words=true /> }).erased())}
            {live(move || explains.get().then(|| view! { <Why container /> }).erased())}
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
