//! Numbers, times and exit codes as the words a person reads.
//!
//! In: values of [`crate::model`]. Out: short text. Pure, and without float formatting, which would add 10 kB to the page's
//! module: fractions are computed as integers. Next: [`crate::parts`].

mod bytes;
mod exit;
mod fold;
mod happening;
mod health;
mod image;
mod listed;
mod ports;
mod status;
mod time;
mod trouble;
mod verdict;

pub use bytes::{bytes, grouped, memory_of};
pub use exit::exit_reason;
pub use fold::{Folded, fold, holds};
pub use happening::{happening, happening_detail, is_trouble};
pub use health::check_words;
pub use image::{image_name, image_reference, image_story, short_image};
pub use listed::listed;
pub use ports::{PortChip, exposed_ports, published_ports};
pub use status::{
    CrashLoop, crash_loop, exit_words, has_a_why, has_failed, is_crash_looping, status_detail, status_reason,
    status_story,
};
pub use time::{age, ago, clock_time, date_time, duration_millis, local_clock, local_date, span};
pub use trouble::{has_died_by_itself, is_in_trouble};
pub use verdict::{cause_words, evidence_words, sick_words, verdict};

/// In lower case, to write it. What people typed is compared by [`fold()`].
///
/// A browser does it by itself: Rust's tables are 12 kB of every page's first module, whichever chunk uses them.
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

/// A number with one decimal, as `aria-valuenow` and SVG attributes want it: `12.3`, and `12` where the decimal is 0.
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

/// A number in whole tenths, which is what the page shows and sorts by. Negative and undefined values are 0.
pub fn to_tenths(value: f64) -> u64 {
    (value * 10.0).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hundredths_are_shown_where_there_are_any() {
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
