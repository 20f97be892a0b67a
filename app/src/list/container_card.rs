//! One container as a card.

use super::{
    engine_tag::with_engine_tag,
    status_line::StatusLine,
    usage::{Usage, UsageSource},
    viewport::use_in_viewport,
};
use crate::base_path::address;
use crate::prelude::*;
use crate::{
    acting::{container_actions::ContainerActions, selection::select_box},
    client::{Row, use_realtime_containers},
    format::{image_description, image_name},
    model::Container,
    parts::{
        icon::{Glyph, Icon},
        port_list::PortList,
        project_tag::ProjectTag,
    },
    prefs::remembered::use_remembered,
};
use std::sync::Arc;

/// Name, image, state, stats, ports and project. The stylesheet hides what compact cards omit.
#[component]
pub fn ContainerCard(
    /// The container's signals.
    row: Row,
) -> Erased {
    let key = row.key;
    let in_viewport = use_in_viewport(key);
    let buttons_in_viewport = in_viewport.clone();
    let source = UsageSource::of(row);
    let container = source.container;
    view! {
        <li
            class="container-card"
            data-engine=key.engine.as_str()
            data-container-id=key.id.to_string()
            data-state=move || container.read().state.as_str()
        >
            <div class="container-card__head">
                {move || name(&container.read())}
                {move || buttons_in_viewport.get().then(|| buttons(container)).erased()}
            </div>
            {move || image(&container.read())}
            {move || in_viewport.get().then(|| body(source)).erased()}
        </li>
    }
    .erased()
}

/// The checkbox, the link to the log, and the action buttons.
fn buttons(container: ReadSignal<Arc<Container>>) -> Erased {
    (select_box(container), move || logs_link(&container.read()), view! { <ContainerActions container /> }).erased()
}

/// State, meters, ports and project.
fn body(source: UsageSource) -> Erased {
    let container = source.container;
    view! {
        <StatusLine container with_why=true />
        <Usage source />
        {move || foot(&container.read())}
    }
    .erased()
}

/// The name as a link to the container's page.
pub fn name(container: &Container) -> Erased {
    let (name, title) = (container.name.clone(), container.name.clone());
    let is_pinned = use_remembered().is_pinned(container);
    let class = if is_pinned { "container-name container-name--pinned" } else { "container-name" };
    view! {
        <a class=class href=page_href(container) title=title dir="auto">
            {name}
        </a>
    }
    .erased()
}

fn page_href(container: &Container) -> String {
    address(&use_realtime_containers().rows.page_path(container.key()))
}

/// Link to the container's log.
pub fn logs_link(container: &Container) -> Erased {
    let mut name = "Logs of ".to_owned();
    name.push_str(&container.name);
    view! {
        <a class="icon-button logs-link" href=page_href(container) + "/logs" aria-label=name title="Logs">
            <Icon glyph=Glyph::Lines />
        </a>
    }
    .erased()
}

/// The engine, if there are several, and the image.
pub fn image(container: &Container) -> Erased {
    let image = view! {
        <p class="container-image" title=image_description(container) dir="auto">
            {image_name(container)}
        </p>
    }
    .erased();
    with_engine_tag(container.key(), image)
}

fn foot(container: &Container) -> Erased {
    view! {
        <div class="container-card__foot">
            <PortList container />
            <ProjectTag project=container.project.clone() service=container.service.clone() />
        </div>
    }
    .erased()
}
