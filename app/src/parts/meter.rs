//! A bar with its value.

use super::reading::Reading;
use crate::prelude::*;

/// Shows a reading, or a dash with the reason if it is unknown.
#[component]
pub fn Meter(
    /// The reading, or the reason why there is none.
    reading: Result<Reading, &'static str>,
    /// Name of the measurement, for missing readings.
    name: &'static str,
) -> Erased {
    match reading {
        Ok(reading) => known(reading),
        Err(reason) => unknown(name, reason),
    }
}

fn known(reading: Reading) -> Erased {
    let Reading { name, figure, scale, text, now, max, fill, level } = reading;
    let title = text.clone();
    view! {
        <div class=format!("meter meter--{}", level.as_str()) title=title>
            <span class="meter__name" aria-hidden="true">{name}</span>
            <div
                class="meter__bar"
                role="meter"
                aria-label=name
                aria-valuemin="0"
                aria-valuemax=max
                aria-valuenow=now
                aria-valuetext=text
            >
                // Widths are SVG attributes, because the content security policy forbids inline
                // styles.
                <svg viewBox="0 0 1000 1" preserveAspectRatio="none" aria-hidden="true">
                    <rect class="meter__fill" width=fill.to_string() height="1" />
                </svg>
            </div>
            <span class="meter__figure" aria-hidden="true">{figure}</span>
            <span class="meter__scale" aria-hidden="true">{scale}</span>
        </div>
    }
    .erased()
}

fn unknown(name: &'static str, reason: &'static str) -> Erased {
    view! {
        <div class="meter meter--unknown" title=reason>
            <span class="meter__name">{name}</span>
            <div class="meter__bar"></div>
            <span class="meter__figure">"–"</span>
            <span class="meter__scale visually-hidden">{reason}</span>
        </div>
    }
    .erased()
}
