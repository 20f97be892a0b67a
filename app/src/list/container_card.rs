//! One container as a card.

use super::{
    nearness::use_is_near,
    status_line::StatusLine,
    usage::{Usage, UsageSource},
};
use crate::base_path::address;
use crate::prelude::*;
use crate::{
    acting::{container_actions::ContainerActions, selection::select_box},
    client::Row,
    format::{image_name, image_story},
    model::Container,
    parts::{
        icon::{Glyph, Icon},
        port_list::PortList,
        project_tag::ProjectTag,
    },
    prefs::remembered::use_remembered,
};
use std::sync::Arc;

/// Name, image, state, numbers, ports, project. What compact cards leave out, the stylesheet hides.
#[component]
pub fn ContainerCard(
    /// The container's signals.
    row: Row,
) -> Erased {
    let id = row.id;
    let is_near = use_is_near(id);
    let buttons_near = is_near.clone();
    let source = UsageSource::of(row);
    let container = source.container;
    view! {
        <li
            class="container-card"
            data-container-id=id.to_string()
            data-state=word(move || Some(container.read().state.as_str()))
        >
            <div class="container-card__head">
                {live(move || name(&container.read()))}
                {live(move || buttons_near.get().then(|| buttons(container)).erased())}
            </div>
            {live(move || image(&container.read()))}
            {live(move || is_near.get().then(|| numbers(source)).erased())}
        </li>
    }
    .erased()
}

/// What selects it and acts on it.
fn buttons(container: Signal<Arc<Container>>) -> Erased {
    (select_box(container), live(move || logs_link(&container.read())), view! { <ContainerActions container /> })
        .erased()
}

/// State, meters, ports and project.
fn numbers(source: UsageSource) -> Erased {
    let container = source.container;
    view! {
        <StatusLine container with_why=true />
        <Usage source />
        {live(move || foot(&container.read()))}
    }
    .erased()
}

/// The name, leading to the container's own page.
pub fn name(container: &Container) -> Erased {
    let (name, title) = (container.name.clone(), container.name.clone());
    let is_pinned = use_remembered().is_pinned(container);
    let class = if is_pinned { "container-name container-name--pinned" } else { "container-name" };
    view! {
        <a class=class href=address(&format!("/containers/{}", container.id)) title=title dir="auto">
            {name}
        </a>
    }
    .erased()
}

/// Leads to the container's log.
pub fn logs_link(container: &Container) -> Erased {
    let mut name = "Logs of ".to_owned();
    name.push_str(&container.name);
    view! {
        <a class="icon-button logs-link" href=address(&format!("/containers/{}/logs", container.id)) aria-label=name title="Logs">
            <Icon glyph=Glyph::Lines />
        </a>
    }
    .erased()
}

/// The name of its image.
pub fn image(container: &Container) -> Erased {
    view! {
        <p class="container-image" title=image_story(container) dir="auto">
            {image_name(container)}
        </p>
    }
    .erased()
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
