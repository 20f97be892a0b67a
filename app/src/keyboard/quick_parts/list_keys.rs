//! Keyboard navigation in the list. The whole list is a single Tab stop; arrow keys move within it.
//!
//! This does not use `tabindex` on each of a thousand rows, because rows are rerendered when they
//! change. Instead, Tab skips the rest of the list, and returns to the container that was focused
//! before.

use super::places::{Direction, Place, vertical};
use crate::prelude::*;
use crate::{
    model::ContainerKey,
    parts::container_element::{in_list, key_of},
};
use js_sys::{Function, Object, Reflect};
use leptos::{
    ev::{FocusEvent, KeyboardEvent},
    wasm_bindgen::JsCast,
    web_sys::{Element, EventTarget, HtmlElement, NodeList},
};
use std::time::Duration;

/// Elements that arrow keys move to: containers and group headings.
const ROWS: &str = ".container-list [data-container-id], .container-list .group-heading";

/// Focusable elements in a row; the first is its name.
const PARTS: &str = "a[href], button, input";

/// Fraction of the window that Page Up and Page Down move by, so that a row or two stay visible.
const PAGE_FRACTION: f64 = 0.8;

/// Keyboard position in the list. `Copy`, so that any closure can capture it.
#[derive(Debug, Clone, Copy)]
pub struct ListKeys {
    /// The row that was focused last.
    last: StoredValue<Option<ContainerKey>>,
    /// True between the press of Tab and the resulting focus event.
    is_tabbing: StoredValue<bool>,
}

impl ListKeys {
    /// Creates the state without a position.
    pub fn new() -> Self {
        Self { last: StoredValue::new(None), is_tabbing: StoredValue::new(false) }
    }

    /// True if the list has the focus.
    pub fn has_focus(self) -> bool {
        focused_row().is_some()
    }

    /// The focused container, or the one whose page is open.
    pub fn container(self) -> Option<ContainerKey> {
        let row = focused_row().or_else(|| document().query_selector("article[data-container-id]").ok().flatten());
        row.as_ref().and_then(key_of)
    }

    /// Moves the focus; false if there is no list.
    pub fn move_focus(self, direction: Direction) -> bool {
        let rows = all(&document().query_selector_all(ROWS));
        let Some(row) = focused_row() else { return self.begin(&rows) };
        let Some(from) = rows.iter().position(|other| **other == row) else { return false };
        match direction {
            Direction::Next => enter_row(rows.get(from + 1)),
            Direction::Previous => enter_row(from.checked_sub(1).and_then(|to| rows.get(to))),
            Direction::First => enter_row(rows.first()),
            Direction::Last => enter_row(rows.last()),
            Direction::Left | Direction::Right => move_horizontally(&rows, from, direction),
            Direction::Down | Direction::Up | Direction::PageDown | Direction::PageUp => {
                move_vertically(&rows, from, direction);
            }
        }
        true
    }

    /// Focuses the last focused row, or the first visible one; false if there are no rows.
    fn begin(self, rows: &[HtmlElement]) -> bool {
        let last = self.last.try_get_value().flatten();
        let known = rows.iter().find(|row| last.is_some() && key_of(row) == last);
        let in_view = || rows.iter().find(|row| place(row).top >= header_bottom());
        enter_row(known.or_else(in_view).or(rows.first()));
        !rows.is_empty()
    }

    /// Handles Tab, which leaves the list.
    pub fn on_tab(self, event: &KeyboardEvent) {
        self.is_tabbing.set_value(true);
        set_timeout(
            move || {
                self.is_tabbing.try_set_value(false);
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
            // The browser moves the focus on from there.
            focus_in_place(edge);
        }
    }

    /// Handles a focus event: stores the row, or redirects Tab to the last focused row.
    pub fn on_focus(self, event: &FocusEvent) {
        let Some(row) = row_of(event.target()) else { return };
        let comes_from_list = row_of(event.related_target()).is_some();
        let is_tabbed = self.is_tabbing.try_get_value() == Some(true);
        if is_tabbed && comes_from_list {
            // Tab is leaving the list.
            return;
        }
        let last = self.last.try_get_value().flatten();
        let place = last.filter(|_| is_tabbed && key_of(&row) != last).and_then(in_list);
        match place.and_then(|row| row.dyn_into::<HtmlElement>().ok()) {
            // Deferred, because moving the focus triggers another focus event.
            Some(row) => queue_microtask(move || enter_row(Some(&row))),
            None => {
                self.last.try_set_value(key_of(&row));
            }
        }
    }
}

impl Default for ListKeys {
    fn default() -> Self {
        Self::new()
    }
}

/// True if the target is a radio button, which uses the arrow keys itself.
pub fn is_radio_button(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| target.matches("[type=radio]").unwrap_or(false))
}

fn row_of(target: Option<EventTarget>) -> Option<Element> {
    target?.dyn_into::<Element>().ok()?.closest(ROWS).ok().flatten()
}

fn focused_row() -> Option<Element> {
    document().active_element()?.closest(ROWS).ok().flatten()
}

fn all<E>(found: &Result<NodeList, E>) -> Vec<HtmlElement> {
    let Ok(found) = found else { return Vec::new() };
    (0..found.length()).filter_map(|at| found.get(at)?.dyn_into().ok()).collect()
}

/// The visible focusable elements of a row.
fn parts(row: &Element) -> Vec<HtmlElement> {
    let mut parts = all(&row.query_selector_all(PARTS));
    parts.retain(|part| part.offset_width() > 0);
    parts
}

/// Focuses the name of a row.
fn enter_row(row: Option<&HtmlElement>) {
    let Some(row) = row else { return };
    let name = row.query_selector(".container-name, .group-heading__fold").ok().flatten();
    if let Some(name) = name.and_then(|name| name.dyn_into::<HtmlElement>().ok()) {
        show(row);
        focus_in_place(&name);
    }
}

/// Moves within the row, or from the end of a card to the next one.
fn move_horizontally(rows: &[HtmlElement], from: usize, direction: Direction) {
    let parts = parts(&rows[from]);
    let focused = document().active_element();
    let at = parts.iter().position(|part| focused.as_ref().is_some_and(|focused| **part == *focused)).unwrap_or(0);
    let to = if direction == Direction::Right { Some(at + 1) } else { at.checked_sub(1) };
    if let Some(part) = to.and_then(|to| parts.get(to)) {
        focus_in_place(part);
    } else if rows[from].tag_name() == "LI" {
        match direction {
            Direction::Right => enter_row(rows.get(from + 1)),
            _ => enter_row(from.checked_sub(1).and_then(|to| rows.get(to))),
        }
    }
}

/// Moves to the same part of another row, if it has one, or else to its name.
fn move_vertically(rows: &[HtmlElement], from: usize, direction: Direction) {
    let places = rows.iter().map(place).collect::<Vec<_>>();
    let page = window_height() * PAGE_FRACTION;
    let to = &rows[vertical(&places, from, direction, page)];
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

/// Bottom edge of the header, which covers the list except on phones.
fn header_bottom() -> f64 {
    let header = document().query_selector(".page-header").ok().flatten();
    header.map_or(0.0, |header| header.get_bounding_client_rect().bottom().max(0.0))
}

/// Scrolls as little as necessary.
fn show(row: &HtmlElement) {
    const MARGIN: f64 = 8.0;
    let Place { top, bottom, .. } = place(row);
    let (highest, lowest) = (header_bottom() + MARGIN, window_height() - MARGIN);
    let distance = if top < highest { top - highest } else { (bottom - lowest).max(0.0) };
    window().scroll_by_with_x_and_y(0.0, distance);
}

/// Focuses an element without scrolling.
fn focus_in_place(element: &HtmlElement) {
    let options = Object::new();
    let _ = Reflect::set(&options, &"preventScroll".into(), &true.into());
    if let Ok(focus) = Reflect::get(element, &"focus".into()).unwrap_or_default().dyn_into::<Function>() {
        let _ = focus.call1(element, &options);
    }
}
