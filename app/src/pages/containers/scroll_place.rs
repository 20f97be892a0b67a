//! Where the list stood when one of its containers was opened, so that Back leads to the same rows.
//!
//! A browser remembers a distance in pixels, but rows that were not drawn yet have only about their height, and its scroll
//! anchoring runs away while they grow. So the container that was opened is remembered, and how far from the window's top it
//! stood: in the state of the history's entry, for as long as another one is shown.

use crate::model::ContainerId;
use crate::prelude::*;
use leptos::{
    ev::MouseEvent,
    wasm_bindgen::{JsCast, JsValue},
    web_sys::Element,
};

/// For this many frames the row is held in its place: rows that come into view take their height, and the browser's own attempt
/// comes in between. Measured: with 500 rows, two are enough.
const FRAMES: u32 = 10;

/// A click that may lead away from the list.
pub fn note_place(event: &MouseEvent) {
    let opens_elsewhere = event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key();
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let link = target.and_then(|target| target.closest("a.container-name").ok().flatten());
    let row = link.and_then(|link| link.closest("[data-container-id]").ok().flatten());
    if let Some(row) = row.filter(|_| !opens_elsewhere) {
        let place = format!("{} {}", row.get_attribute("data-container-id").unwrap_or_default(), top_of(&row));
        write_state(&JsValue::from_str(&place));
    }
}

/// Leads to the place that was noted in this entry of the history, if there is one; once.
pub fn return_to_place() {
    let state = window().history().and_then(|history| history.state()).ok();
    if let Some((id, top)) = state.and_then(|state| state.as_string()).as_deref().and_then(parse) {
        write_state(&JsValue::NULL);
        hold(id, top, FRAMES);
    }
}

fn parse(place: &str) -> Option<(ContainerId, i32)> {
    let (id, top) = place.split_once(' ')?;
    Some((id.parse().ok()?, top.parse().ok()?))
}

fn hold(id: ContainerId, top: i32, frames: u32) {
    if frames == 0 {
        return;
    }
    request_animation_frame(move || {
        let row = document().query_selector(&format!(".container-list [data-container-id=\"{id}\"]"));
        if let Ok(Some(row)) = row {
            window().scroll_by_with_x_and_y(0.0, f64::from(top_of(&row) - top));
        }
        hold(id, top, frames - 1);
    });
}

/// In whole pixels: writing and reading fractions would add 8 kB to the page's module.
fn top_of(row: &Element) -> i32 {
    row.get_bounding_client_rect().top().round() as i32
}

fn write_state(state: &JsValue) {
    let _ = window().history().and_then(|history| history.replace_state(state, ""));
}
