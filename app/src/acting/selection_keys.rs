//! Shortcuts for selecting, except `x`: ranges, projects, and moving to the bar and back. In its
//! own chunk.

use super::{
    selection::{Selection, containers},
    selection_bar::focus_bar,
};
use crate::prelude::*;
use crate::{
    client::Rows,
    model::ContainerKey,
    parts::{container_element, key::key},
};
use leptos::{
    ev::{self, KeyboardEvent},
    wasm_bindgen::JsCast,
    web_sys::{Element, HtmlElement},
};

/// Elements that take text input.
const TEXT_INPUTS: &str = "input:not([type=radio], [type=checkbox]), textarea, select";

/// Listens for keys: Shift with an arrow key, `J` or `K` extends the selection, `a` moves to the
/// bar, Escape clears. The list handles `X`, which may be pressed before this chunk is loaded.
pub fn add_key_listener(selection: Selection) {
    let handle = window_event_listener(ev::keydown, move |event| on_key(selection, &event));
    on_cleanup(move || handle.remove());
}

fn on_key(selection: Selection, event: &KeyboardEvent) {
    if event.ctrl_key()
        || event.meta_key()
        || event.alt_key()
        || event.default_prevented()
        || is_handled_elsewhere(event)
    {
        return;
    }
    let focused = document().active_element().and_then(|element| container_element::key_at(&element));
    let has_any = selection.all().try_with_untracked(|selected| !selected.is_empty()).unwrap_or(false);
    let is_range = event.shift_key();
    match (key(event).as_str(), focused) {
        ("Escape", _) if has_any => selection.clear(),
        ("a", _) if has_any => focus_bar(),
        ("J", Some(container)) => extend(selection, container, true),
        ("K", Some(container)) => extend(selection, container, false),
        ("ArrowDown", Some(container)) if is_range => extend(selection, container, true),
        ("ArrowUp", Some(container)) if is_range => extend(selection, container, false),
        _ => return,
    }
    event.prevent_default();
}

/// True in a text field, or while a dialog or a menu is open.
fn is_handled_elsewhere(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| target.matches(TEXT_INPUTS).unwrap_or(false))
        || document().query_selector("dialog[open], :popover-open").is_ok_and(|open| open.is_some())
}

/// Extends the selection to the next or previous container and moves the focus there.
fn extend(selection: Selection, from: ContainerKey, is_down: bool) {
    let shown = shown(selection);
    let Some(place) = shown.iter().position(|shown| *shown == from) else { return };
    let next = if is_down { place.checked_add(1) } else { place.checked_sub(1) };
    if let Some(next) = next.and_then(|next| shown.get(next)) {
        if !selection.all().with_untracked(|selected| selected.contains(&from)) {
            selection.toggle(from);
        }
        selection.extend_to(*next);
        focus_container(*next);
    }
}

/// Selects the shown containers of the project, or only the container if it has no project.
/// Deselects them if all are selected.
pub fn toggle_project(selection: Selection, rows: Rows, key: ContainerKey) {
    let project = |key| rows.get(key).and_then(|row| row.container.get_untracked().project.clone());
    let own = project(key);
    let keys = match own {
        Some(_) => shown(selection).into_iter().filter(|other| project(*other) == own).collect(),
        None => vec![key],
    };
    let is_whole = selection.all().with_untracked(|selected| keys.iter().all(|key| selected.contains(key)));
    selection.set(&keys, !is_whole);
}

fn shown(selection: Selection) -> Vec<ContainerKey> {
    containers(&untrack(|| selection.entries()))
}

/// Focuses a container's element if it is focusable, otherwise its name.
pub fn focus_container(key: ContainerKey) {
    let Some(row) = container_element::in_list(key) else { return };
    let target =
        if row.has_attribute("tabindex") { Some(row) } else { row.query_selector(".container-name").ok().flatten() };
    if let Some(target) = target.and_then(|target| target.dyn_into::<HtmlElement>().ok()) {
        let _ = target.focus();
    }
}
