//! Properties of a container, in sections.

use crate::base_path::address;
use crate::prelude::*;
use crate::{
    client::use_realtime_containers,
    format::{exposed_ports, image_name, status_explanation},
    model::{Container, ContainerKey, Mount, Timestamp},
    parts::{
        fact::fact_row,
        port_list::{PortList, has_published},
        project_tag::ProjectTag,
        timed::timed,
    },
};

/// Identity, times, ports, networks, mounts, labels.
#[component]
pub fn Facts<'a>(
    /// Container whose properties are shown.
    container: &'a Container,
) -> Erased {
    let local_time = use_realtime_containers().local_time;
    let story = StoredValue::new(container.clone());
    view! {
        <dl class="facts">
            {image(container)}
            {fact("Command", container.command.clone())}
            {fact("ID", container.id.to_string())}
            {fact("Image ID", container.image_id.clone())}
            {project(container)}
            {time("Created", container.created_at)}
            {time("Started", container.started_at)}
            {time("Finished", container.finished_at)}
            {fact_row("Last run", (move || story.with_value(|container| status_explanation(container, &|at| local_time.date_time(at)))).erased())}
            {container.process_oom_killed.then(|| fact("Out of memory", "a process in the container was killed (out of memory)".to_owned()))}
            {container.error.clone().map(|error| fact("Engine error", error))}
            {container.inspect_error.as_ref().map(|problem| fact("Inspect", format!("{} {}", problem.message, problem.hint)))}
            {fact("Restarts", container.restart_count.to_string())}
            {published(container)}
            {fact("Exposed ports", exposed_ports(container).join(", "))}
            {fact("Networks", container.networks.join(", "))}
            {container.network_of.map(|id| shared_network(ContainerKey::new(container.engine, id)))}
        </dl>
        {table("Mounts", ["Kind", "Source", "Destination"], container.mounts.iter().map(mount).collect())}
        {table(
            "Labels",
            ["Label", "Value", ""],
            container.labels.iter().map(|(label, value)| [label.clone(), value.clone(), String::new()]).collect(),
        )}
    }
    .erased()
}

fn shared_network(owner: ContainerKey) -> Erased {
    let rows = use_realtime_containers().rows;
    let name = rows.get(owner).map(|row| row.container.get_untracked().name.clone());
    let name = name.unwrap_or_else(|| owner.id.to_string());
    fact_row("Network shared with", view! { <a href=address(&rows.page_path(owner))>{name}</a> }.erased())
}

pub(super) fn fact(name: &'static str, value: String) -> Erased {
    fact_row(name, if value.is_empty() { "–".to_owned() } else { value }.erased())
}

fn time(name: &'static str, instant: Option<Timestamp>) -> Erased {
    match instant {
        Some(instant) => {
            let local_time = use_realtime_containers().local_time;
            fact_row(name, timed(instant, move || local_time.date_time(instant)))
        }
        None => fact(name, String::new()),
    }
}

fn project(container: &Container) -> Erased {
    const NAME: &str = "Project";
    match container.project.clone() {
        Some(project) => {
            let service = container.service.clone();
            fact_row(NAME, view! { <ProjectTag project=Some(project) service /> }.erased())
        }
        None => fact(NAME, String::new()),
    }
}

/// The full image name, with a note if it no longer refers to this image.
fn image(container: &Container) -> Erased {
    let note = container.image_outdated.then_some(" This name now refers to another image, or to none.");
    fact_row("Image", view! { <bdi>{image_name(container)}</bdi> {note} }.erased())
}

fn published(container: &Container) -> Erased {
    let runs = container.ports.iter().any(|port| port.public_port.is_some() && port.open);
    let name = if runs || !has_published(&container.ports) { "Published ports" } else { "Published while running" };
    if has_published(&container.ports) {
        fact_row(name, view! { <PortList container all=true /> }.erased())
    } else {
        fact(name, String::new())
    }
}

fn mount(mount: &Mount) -> [String; 3] {
    let Mount { kind, source, destination, read_only } = mount;
    let suffix = if *read_only { " (read-only)" } else { "" };
    [kind.clone(), source.clone(), format!("{destination}{suffix}")]
}

/// A section with a table. Columns without a heading are omitted.
pub(super) fn table(title: &'static str, columns: [&'static str; 3], rows: Vec<[String; 3]>) -> Option<Erased> {
    let count = columns.iter().filter(|column| !column.is_empty()).count();
    let rows = rows.into_iter().map(|row| row.into_iter().take(count).map(Erase::erased).collect()).collect();
    fact_table(title, columns.get(..count)?, rows)
}

/// A section with a table that has one column per heading; `None` without rows.
pub(super) fn fact_table(title: &'static str, columns: &[&'static str], rows: Vec<Vec<Erased>>) -> Option<Erased> {
    let headings = columns.iter().copied().map(|column| view! { <th scope="col">{column}</th> }).collect_view();
    // On phones, cells are stacked and labeled with their column's name. A table with two columns
    // needs no labels: the first cell is the label of the second.
    let is_named = columns.len() > 2;
    let columns = columns.to_vec();
    let body = rows
        .into_iter()
        .map(|row| {
            let named = row.into_iter().zip(columns.iter().copied());
            let cells = named
                .map(|(cell, column)| view! { <td dir="auto" data-column=is_named.then_some(column)>{cell}</td> })
                .collect_view();
            view! { <tr>{cells}</tr> }
        })
        .collect::<Vec<_>>();
    (!body.is_empty()).then(|| {
        view! {
            <section class="facts__section" aria-label=title>
                <h2 class="facts__title">{title}</h2>
                <table class="facts__table">
                    <thead>
                        <tr>{headings}</tr>
                    </thead>
                    <tbody>{body}</tbody>
                </table>
            </section>
        }
        .erased()
    })
}
