//! The entries of a list. Each is rendered once and moved when the order changes.

use super::group_heading::{GroupHeading, Grouped};
use crate::prelude::*;
use crate::{
    client::{Row, use_realtime_containers},
    query::Entry,
};

/// Renders containers and group headings.
#[component]
pub fn EntryList(
    /// Entries in display order.
    entries: Memo<Vec<Entry>>,
    /// Groups, if any.
    grouped: Option<Grouped>,
    /// Renders a container.
    draw: fn(Row) -> Erased,
    /// Renders the element around a heading.
    frame: fn(Erased) -> Erased,
) -> Erased {
    let rows = use_realtime_containers().rows;
    let child = move |entry| match entry {
        Entry::Container(key) => rows.get(key).map(draw),
        Entry::Heading(name) => grouped.map(|grouped| frame(view! { <GroupHeading name grouped /> }.erased())),
    };
    view! { <For each=move || entries.get() key=Clone::clone children=child /> }.erased()
}
