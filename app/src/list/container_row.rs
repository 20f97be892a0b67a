//! One container as a row of the table.

use super::{
    container_card::{image, logs_link, name},
    nearness::use_is_near,
    status_line::StatusLine,
    usage::{UsageCells, UsageSource},
};
use crate::prelude::*;
use crate::{
    acting::{container_actions::ContainerActions, selection::select_box},
    client::Row,
    parts::{port_list::PortList, project_tag::ProjectTag},
};

/// The cells of a container. A grid with table roles, because `content-visibility` does not work on real rows.
#[component]
pub fn ContainerRow(
    /// The container's signals.
    row: Row,
) -> Erased {
    let id = row.id;
    let is_near = use_is_near(id);
    let source = UsageSource::of(row);
    let container = source.container;
    view! {
        <div
            class="container-row"
            role="row"
            data-container-id=id.to_string()
            data-state=word(move || Some(container.read().state.as_str()))
        >
            <div role="cell" class="container-row__name">
                {live(move || (name(&container.read()), image(&container.read())).erased())}
            </div>
            {live(move || is_near.get().then(|| cells(source)).erased())}
        </div>
    }
    .erased()
}

/// Everything but the name.
fn cells(source: UsageSource) -> Erased {
    let container = source.container;
    view! {
        <div role="cell" class="container-row__state">
            {select_box(container)}
            <StatusLine container with_why=true />
        </div>
        <UsageCells source />
        <div role="cell" class="container-row__ports">
            {live(move || {
                let container = container.get();
                view! { <PortList container=&container /> }.erased()
            })}
        </div>
        <div role="cell" class="container-row__project">
            {live(move || {
                let container = container.get();
                let (project, service) = (container.project.clone(), container.service.clone());
                view! { <ProjectTag project service /> }.erased()
            })}
        </div>
        <div role="cell" class="container-row__actions">
            {live(move || logs_link(&container.read()))}
            <ContainerActions container />
        </div>
    }
    .erased()
}
