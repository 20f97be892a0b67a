//! Pings as lines from when they were sent to when they received: upright on a healthy way, a fan where something collects them.

use crate::prelude::*;
use crate::{diagnosis::Probe, format::duration_millis};
use std::fmt::Write as _;

/// Milliseconds from edge to edge: sixteen pings, and a little more.
const SPAN: u64 = 4_400;
/// Units from top to bottom.
const HEIGHT: u64 = 40;

/// The pings of one stream so far.
pub fn delivery(probe: &Probe) -> Erased {
    let pings = places(probe);
    let latest = pings.iter().map(|(sent, received)| received - sent).max().unwrap_or_default();
    let told = match pings.len() {
        0 => "No ping yet".to_owned(),
        pings => format!("{pings} pings, the latest {} late", duration_millis(latest)),
    };
    view! {
        <figure class="diagnosis__delivery">
            <span class="diagnosis__lane">"sent"</span>
            <svg
                class="diagnosis__pings"
                viewBox=format!("0 0 {SPAN} {HEIGHT}")
                preserveAspectRatio="none"
                role="img"
                aria-label=told
            >
                <path d=lines(&pings) />
            </svg>
            <span class="diagnosis__lane">"arrived"</span>
        </figure>
    }
    .erased()
}

/// When each was sent and when it received, on one clock: the quickest took no time at all.
fn places(probe: &Probe) -> Vec<(u64, u64)> {
    let under_way = |sent: u64, received: u64| i128::from(received) - i128::from(sent);
    let quickest = probe.pings.iter().map(|ping| under_way(ping.sent, ping.received)).min().unwrap_or_default();
    let place = |sent, received| u64::try_from(i128::from(received) - quickest).unwrap_or_default().max(sent);
    probe.pings.iter().map(|ping| (ping.sent, place(ping.sent, ping.received))).collect()
}

fn lines(pings: &[(u64, u64)]) -> String {
    let mut path = String::new();
    for (sent, received) in pings {
        // Writing to a string cannot fail.
        let _ = write!(path, "M{sent} 0L{} {HEIGHT}", (*received).min(SPAN));
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::Arrival;

    #[test]
    fn the_quickest_ping_stands_upright_and_late_ones_lean() {
        let pings = vec![Arrival { sent: 250, received: 800 }, Arrival { sent: 750, received: 800 }];
        let places = places(&Probe { pings, ..Probe::default() });
        // The second took 50 ms, which is what the way takes; the first 500 ms more.
        assert_eq!(places, [(250, 750), (750, 750)]);
        assert_eq!(lines(&places), "M250 0L750 40M750 0L750 40");
    }
}
