//! Moving about in a list with the keyboard. The whole list is one stop of the Tab key; arrows move within it.
//!
//! Tab stops are not kept as `tabindex` on each of a thousand rows, which are drawn anew as they change: Tab steps over the rest of the list when it
//! is pressed, and leads back to the container that had the focus before.

use super::places::{Place, Way, vertical};
use crate::model::ContainerId;
use crate::prelude::*;
use js_sys::{Function, Object, Reflect};
use leptos::{
    ev::{FocusEvent, KeyboardEvent},
    wasm_bindgen::JsCast,
    web_sys::{Element, EventTarget, HtmlElement, NodeList},
};
use std::time::Duration;

/// What one moves to: containers, and headings of groups.
const ROWS: &str = ".container-list [data-container-id], .container-list .group-heading";

/// What can be reached in one of them; the first is its name.
const PARTS: &str = "a[href], button, input";

/// How much of the window a page is: a line or two stay in view.
const PAGE: f64 = 0.8;

/// Where the keyboard is in the list. `Copy`: pass it about freely.
#[derive(Debug, Clone, Copy)]
pub struct ListKeys {
    /// The row that had the focus last.
    last: StoredValue<Option<ContainerId>>,
    /// Between a press of Tab and what it does.
    tabs: StoredValue<bool>,
}

impl ListKeys {
    /// Nowhere yet.
    pub fn new() -> Self {
        Self { last: StoredValue::new(None), tabs: StoredValue::new(false) }
    }

    /// Whether the focus is in a list.
    pub fn has_focus(self) -> bool {
        focused_row().is_some()
    }

    /// The container that has the focus, or whose page this is.
    pub fn container(self) -> Option<ContainerId> {
        let row = focused_row().or_else(|| document().query_selector("article[data-container-id]").ok().flatten());
        row.as_ref().and_then(id_of)
    }

    /// Moves the focus; false where there is no list.
    pub fn step(self, way: Way) -> bool {
        let rows = all(&document().query_selector_all(ROWS));
        let Some(row) = focused_row() else { return self.begin(&rows) };
        let Some(from) = rows.iter().position(|other| **other == row) else { return false };
        match way {
            Way::Next => enter_row(rows.get(from + 1)),
            Way::Previous => enter_row(from.checked_sub(1).and_then(|to| rows.get(to))),
            Way::First => enter_row(rows.first()),
            Way::Last => enter_row(rows.last()),
            Way::Left | Way::Right => step_aside(&rows, from, way),
            Way::Down | Way::Up | Way::PageDown | Way::PageUp => step_down(&rows, from, way),
        }
        true
    }

    /// At the row that had the focus last, or at the first in view.
    fn begin(self, rows: &[HtmlElement]) -> bool {
        let last = self.last.try_get_value().flatten();
        let known = rows.iter().find(|row| last.is_some() && id_of(row) == last);
        let in_view = || rows.iter().find(|row| place(row).top >= header_bottom());
        enter_row(known.or_else(in_view).or(rows.first()));
        !rows.is_empty()
    }

    /// Tab was pressed: from within the list it leads out of it.
    pub fn leave(self, event: &KeyboardEvent) {
        self.tabs.set_value(true);
        set_timeout(
            move || {
                self.tabs.try_set_value(false);
            },
            Duration::ZERO,
        );
        if focused_row().is_none() || event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        let rows = all(&document().query_selector_all(ROWS));
        let edge = if event.shift_key() { rows.first() } else { rows.last() };
        let parts = edge.map(|row| parts(row)).unwrap_or_default();
        let edge = if event.shift_key() { parts.first() } else { parts.last() };
        if let Some(edge) = edge {
            // The browser takes the step from there.
            focus_in_place(edge);
        }
    }

    /// Something got the focus: notes the row, and leads Tab to the one that had it last.
    pub fn enter(self, event: &FocusEvent) {
        let Some(row) = row_of(event.target()) else { return };
        let comes_from_list = row_of(event.related_target()).is_some();
        let is_tabbed = self.tabs.try_get_value() == Some(true);
        if is_tabbed && comes_from_list {
            // On the way out.
            return;
        }
        let last = self.last.try_get_value().flatten();
        let place = last.filter(|_| is_tabbed && id_of(&row) != last).and_then(|id| {
            document().query_selector(&format!(".container-list [data-container-id=\"{id}\"]")).ok().flatten()
        });
        match place.and_then(|row| row.dyn_into::<HtmlElement>().ok()) {
            // After this event: moving the focus tells of it again.
            Some(row) => queue_microtask(move || enter_row(Some(&row))),
            None => {
                self.last.try_set_value(id_of(&row));
            }
        }
    }
}

impl Default for ListKeys {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether a key is for one choice of several, which the arrows change.
pub fn is_choice(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| target.matches("[type=radio]").unwrap_or(false))
}

fn row_of(target: Option<EventTarget>) -> Option<Element> {
    target?.dyn_into::<Element>().ok()?.closest(ROWS).ok().flatten()
}

fn focused_row() -> Option<Element> {
    document().active_element()?.closest(ROWS).ok().flatten()
}

fn id_of(row: &impl AsRef<Element>) -> Option<ContainerId> {
    row.as_ref().get_attribute("data-container-id")?.parse().ok()
}

fn all<E>(found: &Result<NodeList, E>) -> Vec<HtmlElement> {
    let Ok(found) = found else { return Vec::new() };
    (0..found.length()).filter_map(|at| found.get(at)?.dyn_into().ok()).collect()
}

/// What can be reached in a row, as far as it is drawn.
fn parts(row: &Element) -> Vec<HtmlElement> {
    let mut parts = all(&row.query_selector_all(PARTS));
    parts.retain(|part| part.offset_width() > 0);
    parts
}

/// To its name.
fn enter_row(row: Option<&HtmlElement>) {
    let Some(row) = row else { return };
    let name = row.query_selector(".container-name, .group-heading__fold").ok().flatten();
    if let Some(name) = name.and_then(|name| name.dyn_into::<HtmlElement>().ok()) {
        show(row);
        focus_in_place(&name);
    }
}

/// Within the row; from the end of a card to the next one.
fn step_aside(rows: &[HtmlElement], from: usize, way: Way) {
    let parts = parts(&rows[from]);
    let focused = document().active_element();
    let at = parts.iter().position(|part| focused.as_ref().is_some_and(|focused| **part == *focused)).unwrap_or(0);
    let to = if way == Way::Right { Some(at + 1) } else { at.checked_sub(1) };
    if let Some(part) = to.and_then(|to| parts.get(to)) {
        focus_in_place(part);
    } else if rows[from].tag_name() == "LI" {
        match way {
            Way::Right => enter_row(rows.get(from + 1)),
            _ => enter_row(from.checked_sub(1).and_then(|to| rows.get(to))),
        }
    }
}

/// To the same part of the row, where it has one there.
fn step_down(rows: &[HtmlElement], from: usize, way: Way) {
    let places = rows.iter().map(place).collect::<Vec<_>>();
    let page = window_height() * PAGE;
    let to = &rows[vertical(&places, from, way, page)];
    let focused = document().active_element();
    let name = focused.as_ref().and_then(|focused| focused.get_attribute("aria-label"));
    let verb = name.as_deref().and_then(|name| name.split(' ').next());
    let is_same = |part: &&HtmlElement| {
        let name = part.get_attribute("aria-label");
        name.as_deref().and_then(|name| name.split(' ').next()) == verb
    };
    match verb.and_then(|_| parts(to).iter().find(is_same).cloned()) {
        Some(part) => {
            show(to);
            focus_in_place(&part);
        }
        None => enter_row(Some(to)),
    }
}

fn place(row: &HtmlElement) -> Place {
    let frame = Element::get_bounding_client_rect(row);
    Place { left: frame.left(), top: frame.top(), bottom: frame.bottom() }
}

fn window_height() -> f64 {
    window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or_default()
}

/// The header lies over what scrolls under it, except on a phone.
fn header_bottom() -> f64 {
    let header = document().query_selector(".page-header").ok().flatten();
    header.map_or(0.0, |header| header.get_bounding_client_rect().bottom().max(0.0))
}

/// Scrolls as little as needed.
fn show(row: &HtmlElement) {
    const MARGIN: f64 = 8.0;
    let Place { top, bottom, .. } = place(row);
    let (highest, lowest) = (header_bottom() + MARGIN, window_height() - MARGIN);
    let distance = if top < highest { top - highest } else { (bottom - lowest).max(0.0) };
    window().scroll_by_with_x_and_y(0.0, distance);
}

/// Without scrolling.
fn focus_in_place(element: &HtmlElement) {
    let options = Object::new();
    let _ = Reflect::set(&options, &"preventScroll".into(), &true.into());
    if let Ok(focus) = Reflect::get(element, &"focus".into()).unwrap_or_default().dyn_into::<Function>() {
        let _ = focus.call1(element, &options);
    }
}
