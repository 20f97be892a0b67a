//! The last minute of a figure, as small as a word.

use crate::client::Trend;
use crate::prelude::*;
use std::fmt::Write as _;

/// Units from top to bottom; the figure beside it has the exact value.
const HEIGHT: u64 = 16;

/// A line that ends at the newest sample. For the eye only: the figure stands beside it in words.
#[component]
pub fn Sparkline<'a>(
    /// What is drawn.
    trend: &'a Trend,
) -> Erased {
    view! {
        <svg class="sparkline" viewBox=format!("0 0 {} {HEIGHT}", Trend::KEPT - 1) preserveAspectRatio="none" aria-hidden="true">
            <path d=line(trend) />
        </svg>
    }.erased()
}

/// The scale ends at a tenth of a core at the least: noise of an idle container is no mountain range.
const LEAST_TOP_TENTHS: u64 = 100;

fn line(trend: &Trend) -> String {
    let top = trend.tenths().flatten().max().unwrap_or_default().max(LEAST_TOP_TENTHS);
    let (mut path, mut goes_on) = (String::new(), false);
    for (across, tenths) in trend.tenths().enumerate() {
        if let Some(tenths) = tenths {
            let down = HEIGHT - tenths * HEIGHT / top;
            // Writing to a string cannot fail.
            let _ = write!(path, "{}{across} {down}", if goes_on { 'L' } else { 'M' });
        }
        goes_on = tenths.is_some();
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_ends_at_the_newest_sample_and_breaks_where_nothing_is_known() {
        let mut trend = Trend::default();
        for tenths in [Some(0), Some(50), None, Some(200)] {
            trend.push(tenths);
        }
        // Four samples at the right end of thirty; the highest, 20 %, is the top.
        assert_eq!(line(&trend), "M26 16L27 12M29 0");
        assert_eq!(line(&Trend::default()), "");
    }
}
