//! Browser functions that the client needs. Call them in effects and browser callbacks only.

use crate::model::Timestamp;
use crate::prelude::*;
use leptos::{
    ev,
    prelude::{document, window},
};

/// The browser's clock: its time at page load plus the time since. Unlike `Date.now()`, it never
/// jumps or runs backwards.
pub(crate) fn local_now() -> Timestamp {
    let millis = window().performance().map_or_else(js_sys::Date::now, |clock| clock.time_origin() + clock.now());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "milliseconds since 1970 fit")]
    Timestamp::from_millis(millis as u64)
}

/// Time at which the page was requested, on the same clock.
pub(super) fn requested_at() -> Timestamp {
    let millis = window().performance().map_or_else(js_sys::Date::now, |clock| clock.time_origin());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "milliseconds since 1970 fit")]
    Timestamp::from_millis(millis as u64)
}

/// Reloads the page.
pub(super) fn reload() {
    // Fails only while the page is being left.
    let _ = window().location().reload();
}

/// A random number, at least 0 and below 1.
pub(crate) fn random() -> f64 {
    js_sys::Math::random()
}

/// False if the browser reports that it has no network.
pub(super) fn is_online() -> bool {
    window().navigator().on_line()
}

/// True if the page is hidden, for example in a background tab.
pub(crate) fn is_hidden() -> bool {
    document().hidden()
}

/// Until cleanup, calls `wake` when the page is shown or the network returns, and `rest` when the page
/// is hidden or left.
pub(crate) fn on_presence(wake: impl Fn() + Copy + 'static, rest: impl Fn() + Copy + 'static) {
    let online = window_event_listener(ev::online, move |_| wake());
    let shown = window_event_listener_untyped("pageshow", move |_| wake());
    let left = window_event_listener_untyped("pagehide", move |_| rest());
    let visibility =
        window_event_listener_untyped("visibilitychange", move |_| if is_hidden() { rest() } else { wake() });
    on_cleanup(move || {
        for listener in [shown, left, visibility] {
            listener.remove();
        }
        online.remove();
    });
}
