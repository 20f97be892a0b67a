//! Containers as a table: headings that sort, and a row each.

use super::{container_row::ContainerRow, entry_list::EntryList, group_heading::Grouped, usage::use_scales};
use crate::base_path::address;
use crate::prelude::*;
use crate::{
    parts::icon::{Glyph, Icon},
    query::{CpuScale, Entry, ListQuery, SortKey},
};

/// The columns: class, heading, and what a press on it sorts by.
const COLUMNS: [(&str, &str, Option<SortKey>); 10] = [
    ("name", "Name", Some(SortKey::Name)),
    ("state", "State", Some(SortKey::State)),
    ("cpu", "CPU", Some(SortKey::Cpu)),
    ("memory", "Memory", Some(SortKey::Memory)),
    ("network", "Network", Some(SortKey::Network)),
    ("disk", "Disk", Some(SortKey::Block)),
    ("pids", "Processes", Some(SortKey::Pids)),
    ("ports", "Ports", None),
    ("project", "Project", Some(SortKey::Project)),
    ("actions", "", None),
];

/// Every entry as a row.
#[component]
pub fn ContainerTable(
    /// What to show, in order.
    entries: Signal<Vec<Entry>>,
    /// Its groups, if it has any.
    grouped: Option<Grouped>,
    /// The choices the headings change; without them the headings do not sort.
    query: Option<Signal<ListQuery>>,
) -> Erased {
    let headings = COLUMNS.map(|(class, label, key)| heading(class, label, key.zip(query))).collect_view();
    view! {
        <div
            class="container-table"
            role="table"
            aria-label="Containers"
            aria-rowcount=text(move || (entries.read().len() + 1).to_string())
        >
            <div role="rowgroup">
                <div class="container-row container-row--head" role="row">
                    {headings}
                </div>
            </div>
            <div role="rowgroup">
                <EntryList
                    entries
                    grouped
                    draw=|row| view! { <ContainerRow row /> }.erased()
                    frame=|heading| {
                        view! {
                            <div class="container-table__group" role="row">
                                <div role="cell" aria-colspan="10">
                                    {heading}
                                </div>
                            </div>
                        }
                            .erased()
                    }
                />
            </div>
        </div>
    }
    .erased()
}

fn heading(class: &str, label: &'static str, sorts: Option<(SortKey, Signal<ListQuery>)>) -> Erased {
    let class = format!("container-row__{class}");
    let Some((key, query)) = sorts else {
        let hidden = label.is_empty().then_some("Actions");
        return view! {
            <div role="columnheader" class=class>
                {label}
                {(class == "container-row__cpu").then(cpu_scale)}
                <span class="visually-hidden">{hidden}</span>
            </div>
        }
        .erased();
    };
    // Memory's scale stands in each row: it need not be the same.
    let scale = (key == SortKey::Cpu).then(cpu_scale);
    let href = text(move || {
        let mut query = query.get();
        query.sort = query.sort.toggled(key);
        address(&query.href())
    });
    let direction = move || query.read().sort.aria(key);
    let arrow = live(move || {
        let glyph = direction().map(|direction| if direction == "ascending" { Glyph::Up } else { Glyph::Down });
        glyph.map(|glyph| view! { <Icon glyph /> }).erased()
    });
    view! {
        <div role="columnheader" class=class aria-sort=word(direction)>
            <a class="container-row__sort" href=href data-noscroll="">
                {label}
                {scale}
                {arrow}
            </a>
        </div>
    }
    .erased()
}

/// What 100 % CPU is, beside the column's name.
fn cpu_scale() -> TextFn {
    let scales = use_scales();
    let words = move || match scales.get().0 {
        CpuScale::Core => ", of one core",
        CpuScale::Host => ", of the host",
        CpuScale::Limit => ", of its limit",
    };
    text(move || words().to_owned())
}
