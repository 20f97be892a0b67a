//! The nodes of a cluster: one row each.

use super::{
    ClusterSource,
    change::{Change, Target, use_changes},
    words::{badge, node_label, role_words, state_tone},
};
use crate::base_path::address;
use crate::model::SwarmNode;
use crate::prelude::*;

/// Headings of the columns.
const COLUMNS: [&str; 6] = ["Node", "Role", "State", "Availability", "Engine", "Tasks"];

/// All nodes of a cluster.
#[component]
pub fn NodeTable(
    /// The cluster.
    source: ClusterSource,
) -> Erased {
    let may_act = use_changes().are_allowed();
    let ids = Memo::new(move |_| source.cluster.read().nodes.iter().map(|node| node.id.clone()).collect::<Vec<_>>());
    let headings = COLUMNS.map(|name| view! { <th scope="col">{name}</th> });
    let actions = may_act.then(|| view! { <th scope="col">"Actions"</th> });
    view! {
        <table class="facts__table swarm-page__table" aria-label="Nodes">
            <thead>
                <tr>{headings.collect_view()} {actions}</tr>
            </thead>
            <tbody>
                <For each=move || ids.get() key=Clone::clone children=move |id| node(source, id) />
            </tbody>
        </table>
    }
    .erased()
}

fn node(source: ClusterSource, id: String) -> Erased {
    let of_node = id.clone();
    let running = move || {
        let cluster = source.cluster.read();
        let runs = |task: &&crate::model::SwarmTask| task.node.as_ref() == Some(&of_node) && task.state == "running";
        cluster.tasks.iter().filter(runs).count()
    };
    let found = source.node(id.clone());
    let read = move |words: fn(&SwarmNode) -> String| move || found.read().as_ref().map(words).unwrap_or_default();
    let label = move || {
        let cluster = source.cluster.read();
        found.read().as_ref().map(|node| node_label(node, &cluster.nodes)).unwrap_or_default()
    };
    let state = move || found.read().as_ref().map(|node| badge(state_tone(&node.state), node.state.clone())).erased();
    let availability = move || {
        found
            .read()
            .as_ref()
            .map(|node| {
                let tone = if node.availability == "active" { "running" } else { "paused" };
                badge(tone, node.availability.clone())
            })
            .erased()
    };
    let engine = move || match found.read().as_ref().and_then(|node| node.engine) {
        Some(engine) => view! { <a href=address(&format!("/engines/{engine}"))>{engine.as_str()}</a> }.erased(),
        None => view! { <span class="swarm-page__remark">"not linked"</span> }.erased(),
    };
    view! {
        <tr class="swarm-page__row" data-node=id>
            <td class="swarm-page__name" dir="auto">{label}</td>
            <td data-column=COLUMNS[1]>{read(role_words)}</td>
            <td data-column=COLUMNS[2]>
                {state}
                <span class="swarm-page__remark">{read(|node| node.message.as_ref().map(|words| format!(" {words}")).unwrap_or_default())}</span>
            </td>
            <td data-column=COLUMNS[3]>{availability}</td>
            <td data-column=COLUMNS[4]>{engine}</td>
            <td data-column=COLUMNS[5]>{running}</td>
            {use_changes().are_allowed().then(|| view! { <td class="swarm-page__actions">{actions(source, found)}</td> }).erased()}
        </tr>
    }
    .erased()
}

fn actions(source: ClusterSource, found: Memo<Option<SwarmNode>>) -> Erased {
    let changes = use_changes();
    let availability = Memo::new(move |_| found.read().as_ref().map(|node| node.availability.clone()));
    let button = move |words: &'static str, change: Change| {
        let ask = move |_| {
            if let Some(SwarmNode { id, name, .. }) = found.get_untracked() {
                changes.request(Target { cluster: source.id.get_value(), id, name }, change);
            }
        };
        view! {
            <button type="button" class="button" on:click=ask>
                {words}
            </button>
        }
    };
    (move || match availability.get().as_deref() {
        None => None::<Erased>.erased(),
        Some("active") => (button("Pause", Change::Pause), button("Drain…", Change::Drain)).erased(),
        Some("pause") => (button("Activate", Change::Activate), button("Drain…", Change::Drain)).erased(),
        Some(_) => button("Activate", Change::Activate).erased(),
    })
    .erased()
}
