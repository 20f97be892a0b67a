//! What the client asks the browser. Only ever called there: in effects, and in callbacks of the browser.

use crate::model::Timestamp;
use leptos::prelude::{document, window};

/// The browser's clock as of page load, plus the time since: unlike `Date.now()`, never set and never running backwards.
pub(crate) fn local_now() -> Timestamp {
    let millis = window().performance().map_or_else(js_sys::Date::now, |clock| clock.time_origin() + clock.now());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "milliseconds since 1970 fit")]
    Timestamp::from_millis(millis as u64)
}

/// When the page was asked for, on the same clock.
pub(super) fn asked_at() -> Timestamp {
    let millis = window().performance().map_or_else(js_sys::Date::now, |clock| clock.time_origin());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "milliseconds since 1970 fit")]
    Timestamp::from_millis(millis as u64)
}

/// Asks for the page anew.
pub(super) fn reload() {
    // Only a page that is being left refuses.
    let _ = window().location().reload();
}

/// At least 0 and below 1.
pub(crate) fn random() -> f64 {
    js_sys::Math::random()
}

/// False when the browser is sure that it has no network.
pub(super) fn is_online() -> bool {
    window().navigator().on_line()
}

/// Whether nobody can see the page.
pub(crate) fn is_hidden() -> bool {
    document().hidden()
}
