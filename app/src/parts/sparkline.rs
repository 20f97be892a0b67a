//! Small line chart of the last minute.

use crate::client::Trend;
use crate::prelude::*;
use std::fmt::Write as _;

/// Height of the chart in units of the view box; the exact value is shown next to the chart.
const HEIGHT: u64 = 16;

/// A line that ends at the newest sample. Hidden from assistive technology, because the value is
/// shown next to the line.
#[component]
pub fn Sparkline<'a>(
    /// The samples.
    trend: &'a Trend,
) -> Erased {
    view! {
        <svg class="sparkline" viewBox=format!("0 0 {} {HEIGHT}", Trend::CAPACITY - 1) preserveAspectRatio="none" aria-hidden="true">
            <path d=line(trend) />
        </svg>
    }.erased()
}

/// Minimum of the scale's upper end in tenths of a percent: a tenth of a core, so that the noise of
/// an idle container stays flat.
const MIN_SCALE_TENTHS: u64 = 100;

fn line(trend: &Trend) -> String {
    let top = trend.tenths().flatten().max().unwrap_or_default().max(MIN_SCALE_TENTHS);
    let (mut path, mut continues) = (String::new(), false);
    for (x, tenths) in trend.tenths().enumerate() {
        if let Some(tenths) = tenths {
            let y = HEIGHT - tenths * HEIGHT / top;
            // Writing to a string cannot fail.
            let _ = write!(path, "{}{x} {y}", if continues { 'L' } else { 'M' });
        }
        continues = tenths.is_some();
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_ends_at_the_newest_sample_and_has_gaps_for_unknown_values() {
        let mut trend = Trend::default();
        for tenths in [Some(0), Some(50), None, Some(200)] {
            trend.push(tenths);
        }
        // Four samples at the right end of thirty; the highest, 20 %, is the top.
        assert_eq!(line(&trend), "M26 16L27 12M29 0");
        assert_eq!(line(&Trend::default()), "");
    }
}
