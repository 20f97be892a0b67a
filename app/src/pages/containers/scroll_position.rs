//! Restores the scroll position of the list when the user returns with Back.
//!
//! Browsers save a distance in pixels, but rows that have not been rendered yet have only an
//! estimated height, and scroll anchoring drifts while they grow. So the id of the opened container
//! and its distance from the top of the window are saved in the state of the history entry.

use crate::model::ContainerId;
use crate::prelude::*;
use leptos::{
    ev::MouseEvent,
    wasm_bindgen::{JsCast, JsValue},
    web_sys::Element,
};

/// Frames during which the row is kept in place, while rows that scroll into view take their final
/// height and the browser restores its own position. Measured: with 500 rows, two are enough.
const HOLD_FRAMES: u32 = 10;

/// Saves the position if the click opens a container in this tab.
pub fn save_scroll_position(event: &MouseEvent) {
    let opens_elsewhere = event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key();
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let link = target.and_then(|target| target.closest("a.container-name").ok().flatten());
    let row = link.and_then(|link| link.closest("[data-container-id]").ok().flatten());
    if let Some(row) = row.filter(|_| !opens_elsewhere) {
        let place = format!("{} {}", row.get_attribute("data-container-id").unwrap_or_default(), top_of(&row));
        write_state(&JsValue::from_str(&place));
    }
}

/// Restores the position saved in this history entry, if any, and removes it from the entry.
pub fn restore_scroll_position() {
    let state = window().history().and_then(|history| history.state()).ok();
    if let Some((id, top)) = state.and_then(|state| state.as_string()).as_deref().and_then(parse) {
        write_state(&JsValue::NULL);
        hold(id, top, HOLD_FRAMES);
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

/// Returns the row's top in whole pixels: formatting and parsing fractions would add 8 kB to the
/// page's module.
fn top_of(row: &Element) -> i32 {
    row.get_bounding_client_rect().top().round() as i32
}

fn write_state(state: &JsValue) {
    let _ = window().history().and_then(|history| history.replace_state(state, ""));
}
