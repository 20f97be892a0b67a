//! Elements of containers: `data-engine` and `data-container-id` identify the container.

use crate::model::{ContainerKey, EngineName};
use leptos::{prelude::document, web_sys::Element};

/// Selector of the containers in the list.
pub const IN_LIST: &str = ".container-list [data-container-id]";

/// The container of an element.
pub fn key_of(element: &Element) -> Option<ContainerKey> {
    let id = element.get_attribute("data-container-id")?.parse().ok()?;
    Some(ContainerKey::new(EngineName::new(&element.get_attribute("data-engine")?).ok()?, id))
}

/// The container in the list whose element is or contains this one.
pub fn key_at(element: &Element) -> Option<ContainerKey> {
    key_of(&element.closest(IN_LIST).ok().flatten()?)
}

/// Selector of the element of a container in the list.
pub fn selector(ContainerKey { engine, id }: ContainerKey) -> String {
    format!("{IN_LIST}[data-container-id=\"{id}\"][data-engine=\"{engine}\"]")
}

/// The element of a container in the list.
pub fn in_list(key: ContainerKey) -> Option<Element> {
    document().query_selector(&selector(key)).ok().flatten()
}
