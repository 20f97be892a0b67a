//! `/swarm`: the clusters of Docker Swarm with a manager among the engines. In its own chunk.
//!
//! In: the stream of swarms, and the rows of the list, to which the tasks are joined. Out: the
//! services with their tasks, the nodes, and changes of both. Reading order:
//! [`mod@use_swarm`], [`words`] (pure), [`services`], [`tasks`], [`nodes`], [`change`].

pub mod change;
pub mod nodes;
pub mod services;
pub mod tasks;
pub mod use_swarm;
pub mod words;

use crate::base_path::address;
use crate::prelude::*;
use crate::{
    client::use_realtime_containers,
    frame::page_title::PageTitle,
    model::{SwarmCluster, SwarmNode, SwarmService},
    parts::{empty_state::EmptyState, icon::Glyph, timed::timed},
};
use change::{ChangeDialog, Problem, provide_changes};
use nodes::NodeTable;
use services::ServiceTable;
use std::sync::Arc;
use use_swarm::{SwarmLink, UseSwarmReturn, use_swarm};
use words::TaskPlace;

/// The page.
#[component]
pub fn SwarmPage() -> Erased {
    let swarm = use_swarm();
    provide_changes();
    let ids = Memo::new(move |_| {
        let swarms = swarm.swarms.read();
        swarms.as_ref().map(|swarms| swarms.clusters.iter().map(|cluster| cluster.id.clone()).collect::<Vec<_>>())
    });
    let state = move || match swarm.link.get() {
        SwarmLink::Loading => "Loading…",
        SwarmLink::Live => "",
        SwarmLink::Lost => "Interrupted; reconnecting…",
    };
    let is_empty = Memo::new(move |_| ids.read().as_ref().is_some_and(Vec::is_empty));
    view! {
        <PageTitle text="Swarm" />
        <div class="swarm-page">
            <div class="containers-page__head">
                <h1 class="containers-page__title" tabindex="-1">
                    "Swarm"
                </h1>
                <p class="containers-page__count">{state}</p>
            </div>
            <Problem />
            {move || is_empty.get().then(|| view! { <NoSwarm /> }).erased()}
            <For each=move || ids.get().unwrap_or_default() key=Clone::clone children=move |id| cluster(id, swarm) />
            <ChangeDialog />
        </div>
    }
    .erased()
}

/// The signals of one cluster.
#[derive(Debug, Clone, Copy)]
pub struct ClusterSource {
    /// Its id.
    pub id: StoredValue<String>,
    /// The cluster; the last known one once it is gone.
    pub cluster: Memo<Arc<SwarmCluster>>,
}

impl ClusterSource {
    fn of(id: String, swarm: UseSwarmReturn) -> Self {
        let wanted = id.clone();
        let cluster = Memo::new(move |former: Option<&Arc<SwarmCluster>>| {
            let swarms = swarm.swarms.read();
            let found = swarms.iter().flat_map(|swarms| &swarms.clusters).find(|cluster| cluster.id == wanted);
            found.map_or_else(|| former.cloned().unwrap_or_default(), |cluster| Arc::new(cluster.clone()))
        });
        Self { id: StoredValue::new(id), cluster }
    }

    /// A service of this id.
    pub fn service(self, id: String) -> Memo<Option<SwarmService>> {
        Memo::new(move |_| self.cluster.read().services.iter().find(|service| service.id == id).cloned())
    }

    /// A node of this id.
    pub fn node(self, id: String) -> Memo<Option<SwarmNode>> {
        Memo::new(move |_| self.cluster.read().nodes.iter().find(|node| node.id == id).cloned())
    }

    /// The tasks of a service, with their nodes.
    pub fn tasks(self, service: String) -> Memo<Vec<TaskPlace>> {
        Memo::new(move |_| {
            let cluster = self.cluster.read();
            let tasks = cluster.tasks.iter().filter(|task| task.service == service);
            tasks.map(|task| TaskPlace::of(task, &cluster.nodes)).collect()
        })
    }
}

fn cluster(id: String, swarm: UseSwarmReturn) -> Erased {
    let (heading, short) = (format!("swarm-{id}"), id.chars().take(12).collect::<String>());
    let label = heading.clone();
    let source = ClusterSource::of(id, swarm);
    let hook = use_realtime_containers();
    let polled_at = move || swarm.polled_at.with(|times| source.id.with_value(|id| times.get(id).copied()));
    let polled =
        move || polled_at().map(|at| timed(at, move || format!("as of {}", hook.local_time.clock(at)))).erased();
    let problem = move || {
        source
            .cluster
            .read()
            .error
            .as_ref()
            .map(|error| {
                let words = format!("Could not be polled since: {} {}", error.message, error.hint);
                view! {
                    <p class="swarm-page__problem" role="status" dir="auto">
                        {words}
                    </p>
                }
            })
            .erased()
    };
    view! {
        <section class="swarm-page__cluster" aria-labelledby=label>
            <div class="swarm-page__head">
                <h2 class="swarm-page__title" id=heading>
                    "Swarm "
                    <code>{short}</code>
                </h2>
                <p class="swarm-page__summary">{move || words::summary(&source.cluster.read())} ", " {polled}</p>
            </div>
            {problem}
            <ServiceTable source />
            <NodeTable source />
        </section>
    }
    .erased()
}

#[component]
fn NoSwarm() -> Erased {
    view! {
        <EmptyState title="No linked engine is a Swarm manager" glyph=Glyph::Plug advice=view! {
            <p>
                "Services and nodes appear here once a manager of a swarm is among the engines: add one with "
                <code>"--engine NAME=ADDRESS"</code> ", or run " <code>"docker swarm init"</code> " on an engine that is linked."
            </p>
            <p>
                <a href=address("/engines")>"Show all engines"</a>
            </p>
        }.erased() />
    }
    .erased()
}
