//! Formats numbers, times, exit codes and states as text for the UI.
//!
//! In: values of [`crate::model`]. Out: short texts. Pure, and without float formatting, which
//! would add 10 kB to the browser's module: fractions are computed as integers. Next:
//! [`crate::parts`], which renders the texts.

mod attention;
mod bytes;
mod event;
mod exit;
mod fold;
mod health;
mod image;
mod list;
mod ports;
mod status;
mod time;
mod verdict;

pub use attention::{has_exited_unexpectedly, needs_attention};
pub use bytes::{bytes, grouped, memory_of};
pub use event::{event_detail, event_title, is_trouble};
pub use exit::exit_reason;
pub use fold::{Folded, contains, fold};
pub use health::check_words;
pub use image::{image_description, image_name, image_reference, short_image};
pub use list::listed;
pub use ports::{PortChip, exposed_ports, published_ports};
pub use status::{
    CrashLoop, crash_loop, exit_words, has_failed, is_crash_looping, needs_explanation, status_detail,
    status_explanation, status_reason,
};
pub use time::{age, ago, clock_time, date_time, duration_millis, local_clock, local_date, span};
pub use verdict::{cause_words, evidence_words, unhealthy_words, verdict};

/// Text in lower case, for display. User input is compared with [`fold()`].
///
/// Uses the browser's function, because Rust's tables would add 12 kB to the browser's first
/// module.
pub fn lower_case(text: &str) -> String {
    #[cfg(target_arch = "wasm32")]
    return js_sys::JsString::from(text).to_lower_case().into();
    #[cfg(not(target_arch = "wasm32"))]
    text.to_lowercase()
}

/// A percentage with one decimal: `12.3%`.
pub fn percent(value: f64) -> String {
    let mut text = tenths(value);
    text.push('%');
    text
}

/// A number with one decimal, for `aria-valuenow` and SVG attributes: `12.3`, and `12` if the
/// decimal is 0.
pub fn tenths(value: f64) -> String {
    let tenths = to_tenths(value);
    match (tenths / 10, tenths % 10) {
        (whole, 0) => whole.to_string(),
        (whole, tenth) => format!("{whole}.{tenth}"),
    }
}

/// A number with up to two decimals: `0.07`, `1.5`, `12`. Negative and undefined values are 0.
pub fn to_hundredths(value: f64) -> String {
    let hundredths = (value * 100.0).round() as u64;
    match (hundredths / 100, hundredths % 100) {
        (whole, 0) => whole.to_string(),
        (whole, part) if part % 10 == 0 => format!("{whole}.{}", part / 10),
        (whole, part) => format!("{whole}.{part:02}"),
    }
}

/// A number in whole tenths, as the page shows it and sorts by it. Negative and undefined values
/// are 0.
pub fn to_tenths(value: f64) -> u64 {
    (value * 10.0).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hundredths_are_shown_unless_they_are_zero() {
        for (value, text) in [(0.0, "0"), (0.004, "0"), (0.07, "0.07"), (1.5, "1.5"), (12.0, "12"), (-1.0, "0")] {
            assert_eq!(to_hundredths(value), text, "{value}");
        }
    }

    #[test]
    fn percentages_have_one_decimal() {
        for (value, text) in [
            (0.0, "0%"),
            (0.04, "0%"),
            (0.05, "0.1%"),
            (12.34, "12.3%"),
            (12.35, "12.4%"),
            (99.96, "100%"),
            (400.0, "400%"),
            (1234.5, "1234.5%"),
            (-3.0, "0%"),
            (f64::NAN, "0%"),
        ] {
            assert_eq!(percent(value), text, "{value}");
        }
    }
}
