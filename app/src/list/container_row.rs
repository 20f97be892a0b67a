//! One container as a row of the table.

use super::{
    container_card::{image, logs_link, name},
    status_line::StatusLine,
    usage::{UsageSource, no_stats_reason},
    viewport::use_in_viewport,
};
use crate::prelude::*;
use crate::{
    acting::{container_actions::ContainerActions, selection::select_box},
    client::Row,
    parts::{port_list::PortList, project_tag::ProjectTag},
    query::Column,
};

/// The cells of a container. A grid with table roles, because `content-visibility` does not work on
/// real rows.
#[component]
pub fn ContainerRow(
    /// The container's signals.
    row: Row,
) -> Erased {
    let key = row.key;
    let in_viewport = use_in_viewport(key);
    let source = UsageSource::of(row);
    let container = source.container;
    view! {
        <div
            class="container-row"
            role="row"
            data-engine=key.engine.as_str()
            data-container-id=key.id.to_string()
            data-state=move || container.read().state.as_str()
        >
            <div role="cell" class="container-row__name">
                {move || (name(&container.read()), image(&container.read())).erased()}
            </div>
            {move || in_viewport.get().then(|| cells(source)).erased()}
        </div>
    }
    .erased()
}

/// All cells except the name, in the order of `Column::ALL`.
fn cells(source: UsageSource) -> Erased {
    let container = source.container;
    view! {
        {Column::AFTER_NAME.map(|column| cell(column, source))}
        {figures(source)}
        {Column::AFTER_FIGURES.map(|column| cell(column, source))}
        <div role="cell" class="container-row__actions">
            {move || logs_link(&container.read())}
            <ContainerActions container />
        </div>
    }
    .erased()
}

/// The stats, or one cell with the reason why there are none.
fn figures(source: UsageSource) -> impl IntoView {
    let has_processes = source.has_processes();
    move || {
        if has_processes.get() {
            (move || Column::FIGURES.map(|column| cell(column, source)).erased()).erased()
        } else {
            view! {
                <div role="cell" aria-colspan=Column::FIGURES.len().to_string() class="container-row__story">
                    {move || no_stats_reason(&source.container.read())}
                </div>
            }
            .erased()
        }
    }
}

fn cell(column: Column, source: UsageSource) -> Erased {
    view! {
        <div role="cell" class=column.class()>
            {content(column, source)}
        </div>
    }
    .erased()
}

/// Content of a column's cell. Stats may read signals directly, because they are rendered for each
/// sample.
fn content(column: Column, source: UsageSource) -> Erased {
    let container = source.container;
    match column {
        Column::State => view! {
            {select_box(container)}
            <StatusLine container with_why=true />
        }
        .erased(),
        Column::Cpu => source.cpu(),
        Column::Memory => source.memory(),
        Column::Network => source.network(),
        Column::Disk => source.disk(),
        Column::Pids => source.pids().erased(),
        Column::Ports => (move || {
            let container = container.get();
            view! { <PortList container=&container /> }.erased()
        })
        .erased(),
        Column::Project => (move || {
            let container = container.get();
            let (project, service) = (container.project.clone(), container.service.clone());
            view! { <ProjectTag project service /> }.erased()
        })
        .erased(),
        // Part of the name's cell.
        Column::Image => None::<Erased>.erased(),
    }
}
