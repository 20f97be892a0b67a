//! Chart of pings as lines from send time to arrival time: vertical on a healthy connection, a fan
//! if a proxy buffers them.

use crate::prelude::*;
use crate::{diagnosis::Probe, format::duration_millis};
use std::fmt::Write as _;

/// Width of the chart in milliseconds: sixteen pings with some margin.
const WIDTH: u64 = 4_400;
/// Height of the chart in units of its view box.
const HEIGHT: u64 = 40;

/// The pings received so far on one stream.
pub fn delivery(probe: &Probe) -> Erased {
    let pings = places(probe);
    let slowest = pings.iter().map(|(sent, received)| received - sent).max().unwrap_or_default();
    let label = match pings.len() {
        0 => "No pings yet".to_owned(),
        pings => format!("{pings} pings, the slowest {} late", duration_millis(slowest)),
    };
    view! {
        <figure class="diagnosis__delivery">
            <span class="diagnosis__lane">"sent"</span>
            <svg
                class="diagnosis__pings"
                viewBox=format!("0 0 {WIDTH} {HEIGHT}")
                preserveAspectRatio="none"
                role="img"
                aria-label=label
            >
                <path d=lines(&pings) />
            </svg>
            <span class="diagnosis__lane">"arrived"</span>
        </figure>
    }
    .erased()
}

/// Send and arrival time of each ping in milliseconds on one clock, which assumes that the fastest
/// ping took no time.
fn places(probe: &Probe) -> Vec<(u64, u64)> {
    let latency = |sent: u64, received: u64| i128::from(received) - i128::from(sent);
    let fastest = probe.pings.iter().map(|ping| latency(ping.sent, ping.received)).min().unwrap_or_default();
    let place = |sent, received| u64::try_from(i128::from(received) - fastest).unwrap_or_default().max(sent);
    probe.pings.iter().map(|ping| (ping.sent, place(ping.sent, ping.received))).collect()
}

fn lines(pings: &[(u64, u64)]) -> String {
    let mut path = String::new();
    for (sent, received) in pings {
        // Writing to a string cannot fail.
        let _ = write!(path, "M{sent} 0L{} {HEIGHT}", (*received).min(WIDTH));
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::Arrival;

    #[test]
    fn the_fastest_ping_is_vertical_and_late_ones_are_slanted() {
        let pings = vec![Arrival { sent: 250, received: 800 }, Arrival { sent: 750, received: 800 }];
        let places = places(&Probe { pings, ..Probe::default() });
        // The second took 50 ms, the latency of the connection; the first took 500 ms more.
        assert_eq!(places, [(250, 750), (750, 750)]);
        assert_eq!(lines(&places), "M250 0L750 40M750 0L750 40");
    }
}
