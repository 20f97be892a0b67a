//! The services of a cluster: one row each, which opens its tasks.

use super::{
    ClusterSource,
    change::{Change, Target, use_changes},
    tasks::TaskTable,
    words::{badge, port_words, replicas_tone, replicas_words, update_words},
};
use crate::prelude::*;
use crate::{
    model::SwarmService,
    parts::icon::{Glyph, Icon},
};

/// Headings of the columns.
const COLUMNS: [&str; 5] = ["Service", "Image", "Replicas", "Update", "Ports"];

/// All services of a cluster.
#[component]
pub fn ServiceTable(
    /// The cluster.
    source: ClusterSource,
) -> Erased {
    let may_act = use_changes().are_allowed();
    let ids =
        Memo::new(move |_| source.cluster.read().services.iter().map(|service| service.id.clone()).collect::<Vec<_>>());
    let columns = COLUMNS.len() + usize::from(may_act);
    let headings = COLUMNS.map(|name| view! { <th scope="col">{name}</th> });
    let actions = may_act.then(|| view! { <th scope="col">"Actions"</th> });
    view! {
        <table class="facts__table swarm-page__table" aria-label="Services">
            <thead>
                <tr>{headings.collect_view()} {actions}</tr>
            </thead>
            <For each=move || ids.get() key=Clone::clone children=move |id| service(source, id, columns) />
        </table>
        {move || ids.read().is_empty().then(|| view! { <p class="swarm-page__none">"No services."</p> }).erased()}
    }
    .erased()
}

/// A service and, once it is opened, its tasks: each in a body of its own.
fn service(source: ClusterSource, id: String, columns: usize) -> Erased {
    let is_open = RwSignal::new(false);
    let (panel, controlled) = (format!("tasks-{id}"), format!("tasks-{id}"));
    let found = source.service(id.clone());
    let id = StoredValue::new(id);
    let read = move |words: fn(&SwarmService) -> String| move || found.read().as_ref().map(words).unwrap_or_default();
    // On a phone, empty cells are left out.
    let is_empty =
        move |is_so: fn(&SwarmService) -> bool| move || found.read().as_ref().is_some_and(is_so).then_some("true");
    let replicas = move || {
        found
            .read()
            .as_ref()
            .map(|service| badge(replicas_tone(service.replicas), replicas_words(service.replicas)))
            .erased()
    };
    let mode =
        read(
            |service| {
                if service.mode == "replicated" {
                    String::new()
                } else {
                    format!(" {}", service.mode.replace('-', " "))
                }
            },
        );
    let ports = move || {
        let ports = found.read().as_ref().map(|service| service.ports.clone()).unwrap_or_default();
        ports
            .iter()
            .map(|port| view! { <span class="swarm-page__port">{port_words(port)}</span> })
            .collect_view()
            .erased()
    };
    let tasks = move || {
        is_open
            .get()
            .then(|| {
                let tasks = source.tasks(id.get_value());
                view! {
                    <tr class="swarm-page__tasks" id=panel.clone()>
                        <td colspan=columns>
                            <TaskTable tasks />
                        </td>
                    </tr>
                }
            })
            .erased()
    };
    view! {
        <tbody data-service=id.get_value()>
            <tr class="swarm-page__row">
                <td class="swarm-page__name">
                    <button
                        type="button"
                        class="swarm-page__toggle"
                        aria-expanded=move || is_open.get().to_string()
                        aria-controls=controlled
                        on:click=move |_| is_open.update(|open| *open = !*open)
                    >
                        {move || view! { <Icon glyph=if is_open.get() { Glyph::Open } else { Glyph::Folded } /> }.erased()}
                        <bdi>{read(|service| service.name.clone())}</bdi>
                    </button>
                    <span class="swarm-page__remark">{read(stack_words)}</span>
                </td>
                <td data-column=COLUMNS[1] class="swarm-page__image">{read(|service| service.image.clone())}</td>
                <td data-column=COLUMNS[2]>
                    {replicas}
                    <span class="swarm-page__remark">{mode}</span>
                </td>
                <td data-column=COLUMNS[3] data-empty=is_empty(|service| update_words(service).is_empty())>{read(update_words)}</td>
                <td data-column=COLUMNS[4] data-empty=is_empty(|service| service.ports.is_empty())>{ports}</td>
                {use_changes().are_allowed().then(|| view! { <td class="swarm-page__actions">{actions(source, found)}</td> }).erased()}
            </tr>
            {tasks}
        </tbody>
    }
    .erased()
}

fn stack_words(service: &SwarmService) -> String {
    service.stack.as_ref().map(|stack| format!("stack {stack}")).unwrap_or_default()
}

fn actions(source: ClusterSource, found: Memo<Option<SwarmService>>) -> Erased {
    let changes = use_changes();
    let request = move |change: fn(&SwarmService) -> Change| {
        move |_| {
            if let Some(service) = found.get_untracked() {
                let change = change(&service);
                let SwarmService { id, name, .. } = service;
                changes.request(Target { cluster: source.id.get_value(), id, name }, change);
            }
        }
    };
    let is_replicated = Memo::new(move |_| found.read().as_ref().is_some_and(|service| service.mode == "replicated"));
    let can_roll_back = Memo::new(move |_| found.read().as_ref().is_some_and(|service| service.can_roll_back));
    let scale = move || {
        is_replicated
            .get()
            .then(|| {
                let ask = request(|service| Change::Scale { replicas: service.replicas.desired });
                view! {
                    <button type="button" class="button" on:click=ask>
                        "Scale…"
                    </button>
                }
            })
            .erased()
    };
    let roll_back = move || {
        can_roll_back
            .get()
            .then(|| {
                view! {
                    <button type="button" class="button" on:click=request(|_| Change::RollBack)>
                        "Roll back…"
                    </button>
                }
            })
            .erased()
    };
    view! {
        {scale}
        <button type="button" class="button" on:click=request(|_| Change::Restart)>
            "Restart…"
        </button>
        {roll_back}
    }
    .erased()
}
