//! Results of a connection test: one healthy, one with findings.

use super::case;
use crate::prelude::*;
use crate::{
    diagnosis::{Arrival, Begin, Ending, Evidence, Probe, ResponseHead, judge},
    pages::realtime_test::diagnosis::{delivery::delivery, findings::findings, measured::measured},
};

/// A good and a bad result, and a running test.
pub(super) fn diagnoses() -> Erased {
    let (healthy, buffered) = (|| stream(|sent| sent + 12), || stream(|sent| if sent > 2_000 { 4_012 } else { 2_012 }));
    let silent = |after, ending| Probe { ended_at: Some(after), ending, ..Probe::default() };
    let good =
        Evidence { plain: healthy(), packed: healthy(), silent: silent(5_012, Ending::Whole), ..Evidence::default() };
    let bad = Evidence {
        plain: through_nginx(buffered()),
        packed: buffered(),
        silent: silent(2_012, Ending::Cut),
        long: None,
    };
    let begun = Probe { pings: healthy().pings.into_iter().take(6).collect(), ..healthy() };
    (case("Running", delivery(&begun)), case("Healthy", result(&good)), case("With findings", result(&bad))).erased()
}

fn result(evidence: &Evidence) -> Erased {
    let diagnosis = judge(evidence);
    let parts = (delivery(&evidence.plain), findings(&diagnosis), measured(evidence, &diagnosis));
    view! { <div class="realtime-test-page__section diagnosis">{parts}</div> }.erased()
}

fn stream(received: fn(u64) -> u64) -> Probe {
    let ping = |number: u64| Arrival { sent: number * 250, received: received(number * 250) };
    Probe {
        response: Some(ResponseHead {
            at: 12,
            status: 200,
            is_stream: true,
            accel_arrived: true,
            ..ResponseHead::default()
        }),
        begin: Some(Begin { at: 12, protocol: "HTTP/1.1".to_owned(), ..Begin::default() }),
        pings: (1..=16).map(ping).collect(),
        padding: Some(Arrival { sent: 2_000, received: received(2_000) }),
        ended_at: Some(received(4_000)),
        ending: Ending::Whole,
        ..Probe::default()
    }
}

fn through_nginx(probe: Probe) -> Probe {
    let response =
        ResponseHead { server: Some("nginx".to_owned()), accel_arrived: false, ..probe.response.unwrap_or_default() };
    let forwarded = vec!["x-forwarded-for".to_owned()];
    let begin = Begin { protocol: "HTTP/1.0".to_owned(), forwarded, ..probe.begin.unwrap_or_default() };
    Probe { response: Some(response), begin: Some(begin), ..probe }
}
