//! Lists whose items keep their elements.

use crate::{Erased, other};
use leptos::{
    control_flow,
    prelude::{IntoView, component},
    tachys::view::keyed::SerializableKey,
};
use std::hash::Hash;

/// Leptos' `<For>`, as a view like any other.
#[component]
pub fn For<Each, Items, Item, Draw, View, KeyOf, Key>(
    /// The items.
    each: Each,
    /// What is the same for an item that stays.
    key: KeyOf,
    /// Draws an item.
    children: Draw,
) -> Erased
where
    Each: Fn() -> Items + Send + 'static,
    Items: IntoIterator<Item = Item> + Send + 'static,
    Draw: Fn(Item) -> View + Send + Clone + 'static,
    View: IntoView + 'static,
    KeyOf: Fn(&Item) -> Key + Send + Clone + 'static,
    Key: Eq + Hash + SerializableKey + 'static,
    Item: Send + 'static,
{
    other(control_flow::For(control_flow::ForProps { each, key, children }))
}
