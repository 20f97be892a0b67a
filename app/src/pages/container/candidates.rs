//! Page of an address that may mean several containers: one link for each.

use crate::base_path::address;
use crate::prelude::*;
use crate::{
    client::{Row, use_realtime_containers},
    format::image_name,
    frame::page_title::PageTitle,
    list::{engine_tag::engine_tag, status_line::StatusLine},
    model::ContainerKey,
};

/// The containers, in the order of their engines.
#[component]
pub fn Candidates(
    /// The reference in the URL.
    name: String,
    /// The containers.
    keys: Vec<ContainerKey>,
    /// Text appended to the path of a container's page.
    suffix: &'static str,
) -> Erased {
    let rows = use_realtime_containers().rows;
    let items = keys.into_iter().filter_map(|key| rows.get(key)).map(|row| item(row, suffix)).collect_view();
    let mut title = name;
    title.insert_str(0, "Several containers: ");
    let heading = title.clone();
    view! {
        <PageTitle text=move || title.clone() />
        <section class="candidates">
            <p class="container-page__back">
                <a href=address("/containers")>"Containers"</a>
            </p>
            <h1 class="container-page__title" dir="auto">
                {heading}
            </h1>
            <p>"Which one do you mean?"</p>
            <ul class="candidates__list" role="list">
                {items}
            </ul>
        </section>
    }
    .erased()
}

fn item(row: Row, suffix: &'static str) -> Erased {
    let (key, container) = (row.key, ReadSignal::from(row.container));
    let rows = use_realtime_containers().rows;
    let link = move || {
        let name = container.read().name.clone();
        let href = address(&(rows.page_path(key) + suffix));
        view! { <a class="container-name" href=href dir="auto">{name}</a> }.erased()
    };
    view! {
        <li class="candidates__item">
            {link}
            {engine_tag(key.engine)}
            <span class="candidates__image" dir="auto">{move || image_name(&container.read())}</span>
            <StatusLine container />
        </li>
    }
    .erased()
}
