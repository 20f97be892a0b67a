//! Restores the scroll position of the list when the user returns with Back.
//!
//! Browsers save a distance in pixels, but rows that have not been rendered yet have only an
//! estimated height, and scroll anchoring drifts while they grow. So the identity of the opened
//! container and its distance from the top of the window are saved in the state of the history
//! entry.

use crate::prelude::*;
use crate::{
    model::{ContainerKey, EngineName},
    parts::container_element::{in_list, key_of},
};
use leptos::{
    ev::MouseEvent,
    wasm_bindgen::{JsCast, JsValue},
    web_sys::Element,
};

/// Number of frames during which the row is kept in place, while rows that scroll into view take
/// their final height and the browser restores its own position. Measured: with 500 rows, two are
/// enough.
const HOLD_FRAMES: u32 = 10;

/// Saves the position if the click opens a container in this tab.
pub fn save_scroll_position(event: &MouseEvent) {
    let opens_elsewhere = event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key();
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let link = target.and_then(|target| target.closest("a.container-name").ok().flatten());
    let row = link.and_then(|link| link.closest("[data-container-id]").ok().flatten());
    let row = row.filter(|_| !opens_elsewhere);
    if let Some((row, ContainerKey { engine, id })) = row.and_then(|row| Some((row.clone(), key_of(&row)?))) {
        let place = format!("{engine} {id} {}", top_of(&row));
        write_state(&JsValue::from_str(&place));
    }
}

/// Restores the position saved in this history entry, if there is one, and removes it from the
/// entry.
pub fn restore_scroll_position() {
    let state = window().history().and_then(|history| history.state()).ok();
    if let Some((key, top)) = state.and_then(|state| state.as_string()).as_deref().and_then(parse) {
        write_state(&JsValue::NULL);
        hold(key, top, HOLD_FRAMES);
    }
}

fn parse(place: &str) -> Option<(ContainerKey, i32)> {
    let (engine, place) = place.split_once(' ')?;
    let (id, top) = place.split_once(' ')?;
    Some((ContainerKey::new(EngineName::new(engine).ok()?, id.parse().ok()?), top.parse().ok()?))
}

fn hold(key: ContainerKey, top: i32, frames: u32) {
    if frames == 0 {
        return;
    }
    request_animation_frame(move || {
        if let Some(row) = in_list(key) {
            window().scroll_by_with_x_and_y(0.0, f64::from(top_of(&row) - top));
        }
        hold(key, top, frames - 1);
    });
}

/// Returns the row's top in whole pixels, because formatting and parsing fractions would add 8 kB
/// to the page's module.
fn top_of(row: &Element) -> i32 {
    row.get_bounding_client_rect().top().round() as i32
}

fn write_state(state: &JsValue) {
    let _ = window().history().and_then(|history| history.replace_state(state, ""));
}
