//! The entries of a list, each drawn once and moved with its place.

use super::group_heading::{GroupHeading, Grouped};
use crate::prelude::*;
use crate::{
    client::{Row, use_realtime_containers},
    query::Entry,
};

/// Draws each entry by its kind; a row keeps its elements wherever it moves.
#[component]
pub fn EntryList(
    /// What to show, in order.
    entries: Signal<Vec<Entry>>,
    /// Its groups, if it has any.
    grouped: Option<Grouped>,
    /// Draws a container.
    draw: fn(Row) -> Erased,
    /// Draws what a heading stands in.
    frame: fn(Erased) -> Erased,
) -> Erased {
    let rows = use_realtime_containers().rows;
    let child = move |entry| match entry {
        Entry::Container(id) => rows.get(id).map(draw),
        Entry::Heading(name) => grouped.map(|grouped| frame(view! { <GroupHeading name grouped /> }.erased())),
    };
    view! { <For each=move || entries.get() key=Clone::clone children=child /> }.erased()
}
