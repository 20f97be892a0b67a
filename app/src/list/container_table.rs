//! Containers as a table: headings that sort, and a row each.

use super::{container_row::ContainerRow, entry_list::EntryList, group_heading::Grouped, usage::use_scales};
use crate::base_path::address;
use crate::prelude::*;
use crate::{
    parts::icon::{Glyph, Icon},
    query::{Choice, Column, CpuScale, Entry, ListQuery, SortKey},
};

/// Every entry as a row.
#[component]
pub fn ContainerTable(
    /// Entries in display order.
    entries: Memo<Vec<Entry>>,
    /// Groups, if any.
    grouped: Option<Grouped>,
    /// The query that the headings change; without it, the headings do not sort.
    query: Option<Memo<ListQuery>>,
) -> Erased {
    let columns = Column::ALL.iter().filter(|column| column.has_cell());
    let columns = columns.map(|column| {
        let scale = (*column == Column::Cpu).then(cpu_scale);
        heading(column.class(), column.label(), column.sort().zip(query), scale)
    });
    view! {
        <div
            class="container-table"
            role="table"
            aria-label="Containers"
            aria-rowcount=move || (entries.read().len() + 1).to_string()
        >
            <div role="rowgroup">
                <div class="container-row container-row--head" role="row">
                    {heading("container-row__name", "Name", Some(SortKey::Name).zip(query), None)}
                    {columns.collect_view()}
                    <div role="columnheader" class="container-row__actions">
                        <span class="visually-hidden">"Actions"</span>
                    </div>
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
                                <div role="cell" aria-colspan=Column::CELLS.to_string()>
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

/// A column heading, which is a link if the column can be sorted. The scale of memory is in each
/// row instead of here, because it may differ between rows.
fn heading(
    class: &'static str,
    label: &'static str,
    sorts: Option<(SortKey, Memo<ListQuery>)>,
    scale: Option<Erased>,
) -> Erased {
    let Some((key, query)) = sorts else {
        return view! {
            <div role="columnheader" class=class>
                {label}
                {scale}
            </div>
        }
        .erased();
    };
    let href = move || {
        let mut query = query.get();
        query.sort = query.sort.toggled(key);
        address(&query.href())
    };
    let direction = move || query.read().sort.aria(key);
    let arrow = move || {
        let glyph = direction().map(|direction| if direction == "ascending" { Glyph::Up } else { Glyph::Down });
        glyph.map(|glyph| view! { <Icon glyph /> }).erased()
    };
    view! {
        <div role="columnheader" class=class aria-sort=direction>
            <a class="container-row__sort" href=href data-noscroll="">
                {label}
                {scale}
                {arrow}
            </a>
        </div>
    }
    .erased()
}

/// The CPU scale, after the column's name.
fn cpu_scale() -> Erased {
    let scales = use_scales();
    let words = move || match scales.get().0 {
        CpuScale::Core => ", of one core",
        CpuScale::Host => ", of the host",
        CpuScale::Limit => ", of its limit",
    };
    words.erased()
}
