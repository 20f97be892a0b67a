//! Containers as a table: headings that sort, and a row each.

use super::{
    container_row::ContainerRow,
    group_heading::GroupHeading,
    icon::{Glyph, Icon},
};
use crate::{
    client::use_realtime_containers,
    query::{Entry, ListQuery, SortKey},
};
use leptos::{either::Either, prelude::*};

/// The columns: class, heading, and what a press on it sorts by.
const COLUMNS: [(&str, &str, Option<SortKey>); 9] = [
    ("name", "Name", Some(SortKey::Name)),
    ("state", "State", Some(SortKey::State)),
    ("cpu", "CPU, of one core", Some(SortKey::Cpu)),
    ("memory", "Memory", Some(SortKey::Memory)),
    ("network", "Network", None),
    ("disk", "Disk", None),
    ("ports", "Ports", None),
    ("project", "Project", None),
    ("actions", "", None),
];

/// Every entry as a row.
#[component]
pub fn ContainerTable(
    /// What to show, in order.
    entries: Signal<Vec<Entry>>,
    /// The choices the headings change; without them the headings do not sort.
    query: Option<Signal<ListQuery>>,
) -> impl IntoView {
    let rows = use_realtime_containers().rows;
    let headings = COLUMNS.map(|(class, label, key)| heading(class, label, key.zip(query))).collect_view();
    view! {
        <div
            class="container-table"
            role="table"
            aria-label="Containers"
            aria-rowcount=move || entries.with(|entries| entries.len() + 1)
        >
            <div role="rowgroup">
                <div class="container-row container-row--head" role="row">
                    {headings}
                </div>
            </div>
            <div role="rowgroup">
                <For
                    each=move || entries.get()
                    key=Clone::clone
                    children=move |entry| match entry {
                        Entry::Container(id) => {
                            Either::Left(rows.get(id).map(|row| view! { <ContainerRow row /> }))
                        }
                        Entry::Heading { project, running, total } => {
                            Either::Right(
                                view! {
                                    <div class="container-table__group" role="row">
                                        <div role="cell" aria-colspan="9">
                                            <GroupHeading project running total />
                                        </div>
                                    </div>
                                },
                            )
                        }
                    }
                />
            </div>
        </div>
    }
    .into_any()
}

fn heading(class: &str, label: &'static str, sorts: Option<(SortKey, Signal<ListQuery>)>) -> impl IntoView + use<> {
    let class = format!("container-row__{class}");
    match sorts {
        None => {
            let hidden = label.is_empty().then(|| view! { <span class="visually-hidden">"Actions"</span> });
            Either::Left(view! { <div role="columnheader" class=class>{label} {hidden}</div> })
        }
        Some((key, query)) => {
            let href = move || {
                let mut query = query.get();
                query.sort = query.sort.toggled(key);
                query.href()
            };
            let direction = Memo::new(move |_| query.with(|query| query.sort.aria(key)));
            Either::Right(view! {
                <div role="columnheader" class=class aria-sort=direction>
                    <a class="container-row__sort" href=href data-noscroll="">
                        {label}
                        {move || {
                            direction
                                .get()
                                .map(|direction| {
                                    let glyph = if direction == "ascending" { Glyph::Up } else { Glyph::Down };
                                    view! { <Icon glyph /> }
                                })
                        }}
                    </a>
                </div>
            })
        }
    }
}
