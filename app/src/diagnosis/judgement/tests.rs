#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::diagnosis::{Arrival, Begin, ResponseHead};

/// A stream with sixteen pings at 250 ms, and the padding with the eighth. `received` maps the time
/// sent to the time received.
fn stream(received: impl Fn(u64) -> u64) -> Probe {
    let ping = |number: u64| Arrival { sent: number * 250, received: received(number * 250) };
    Probe {
        response: Some(ResponseHead {
            at: received(0),
            status: 200,
            is_stream: true,
            accel_arrived: true,
            ..ResponseHead::default()
        }),
        begin: Some(Begin { at: received(0), protocol: "HTTP/1.1".to_owned(), ..Begin::default() }),
        pings: (1..=16).map(ping).collect(),
        padding: Some(Arrival { sent: 2_000, received: received(2_000) }),
        ended_at: Some(received(4_000)),
        ending: Ending::Whole,
        ..Probe::default()
    }
}

/// A stream with nothing but the end after 5 s.
fn silence() -> Probe {
    Probe { pings: Vec::new(), padding: None, ended_at: Some(5_020), ..stream(|sent| sent + 20) }
}

fn healthy() -> Evidence {
    let quick = || stream(|sent| sent + 20);
    Evidence { plain: quick(), packed: quick(), silent: silence(), long: None }
}

/// A stream through a buffer that the padding fills and the end empties.
fn buffered() -> Probe {
    stream(|sent| if sent <= 2_000 { 2_030 } else { 4_030 })
}

fn cut(probe: Probe, after: u64) -> Probe {
    let pings = probe.pings.iter().copied().filter(|ping| ping.received < after).collect();
    Probe { pings, ended_at: Some(after), ending: Ending::Cut, ..probe }
}

fn compressed(probe: Probe) -> Probe {
    let response =
        probe.response.map(|response| ResponseHead { content_encoding: Some("gzip".to_owned()), ..response });
    Probe { response, ..probe }
}

fn causes(evidence: &Evidence) -> Vec<Cause> {
    judge(evidence).findings.iter().map(|finding| finding.cause).collect()
}

#[test]
fn a_healthy_connection_has_no_findings() {
    let diagnosis = judge(&healthy());
    assert_eq!(diagnosis.findings, []);
    assert_eq!((diagnosis.proxy, diagnosis.latest), (Proxy::None, Some(0)));
    assert_eq!(diagnosis.silence_endured, Some(5_020));
}

#[test]
fn a_slow_but_steady_connection_is_healthy() {
    // 900 ms each, and up to 120 ms more.
    let far = || stream(|sent| sent + 900 + sent % 3 * 60);
    assert_eq!(causes(&Evidence { plain: far(), packed: far(), ..healthy() }), []);
}

#[test]
fn a_buffer_delivers_pings_in_batches() {
    let evidence = Evidence { plain: buffered(), packed: buffered(), ..healthy() };
    // The first ping was sent at 250 and received together with the one of 2,000.
    assert_eq!(judge(&evidence).findings, [Finding { cause: Cause::Buffering, measure: 1_750 }]);
    // Also if a timer empties the buffer every second.
    let by_time = || stream(|sent| sent.div_ceil(1_000) * 1_000 + 20);
    assert_eq!(causes(&Evidence { plain: by_time(), packed: by_time(), ..healthy() }), [Cause::Buffering]);
    // Also if only the stream compressed by the server is held back.
    assert_eq!(causes(&Evidence { packed: buffered(), ..healthy() }), [Cause::Buffering]);
}

#[test]
fn a_compressing_proxy_is_distinguished_from_a_buffering_one() {
    let plain = || compressed(buffered());
    assert_eq!(causes(&Evidence { plain: plain(), ..healthy() }), [Cause::Compression]);
    let both = Evidence { plain: plain(), packed: buffered(), ..healthy() };
    assert_eq!(causes(&both), [Cause::Buffering, Cause::Recompressed]);
    let harmless = Evidence { plain: compressed(stream(|sent| sent + 20)), ..healthy() };
    assert_eq!(causes(&harmless), [Cause::Recompressed]);
    assert_eq!(judge(&harmless).findings[0].weight(), Weight::Notice);
}

#[test]
fn everything_at_the_end_is_no_streaming() {
    let collected = || stream(|_| 4_040);
    assert_eq!(causes(&Evidence { plain: collected(), packed: collected(), ..healthy() }), [Cause::NoStreaming]);
    let nothing = || Probe { ended_at: Some(15_000), ending: Ending::GivenUp, ..Probe::default() };
    let never = Evidence { plain: nothing(), packed: nothing(), silent: nothing(), long: None };
    assert_eq!(judge(&never).findings, [Finding { cause: Cause::NoStreaming, measure: 15_000 }]);
    // The head was received, and nothing else.
    let headless = || Probe { response: stream(|sent| sent).response, ..nothing() };
    assert_eq!(causes(&Evidence { plain: headless(), packed: headless(), ..healthy() }), [Cause::NoStreaming]);
}

#[test]
fn a_short_idle_timeout_is_trouble_and_a_long_one_is_a_notice() {
    let after = |millis| Evidence { silent: cut(silence(), millis), ..healthy() };
    assert_eq!(judge(&after(2_010)).findings, [Finding { cause: Cause::IdleTimeout, measure: 2_010 }]);
    assert_eq!(causes(&after(60_020)), [Cause::LateIdleTimeout]);
    assert_eq!(judge(&after(2_010)).silence_endured, None);
}

#[test]
fn an_active_stream_that_is_cut_off_has_a_time_limit() {
    let beats = Probe { padding: None, ..stream(|sent| sent + 20) };
    let both = Evidence { silent: cut(silence(), 30_010), long: Some(cut(beats.clone(), 30_020)), ..healthy() };
    assert_eq!(judge(&both).findings, [Finding { cause: Cause::TimeLimit, measure: 30_020 }]);
    let silent_sooner = Evidence { silent: cut(silence(), 2_000), long: Some(cut(beats, 30_000)), ..healthy() };
    assert_eq!(causes(&silent_sooner), [Cause::IdleTimeout, Cause::TimeLimit]);
    let at_once = Evidence { plain: cut(stream(|sent| sent + 20), 1_100), ..healthy() };
    assert_eq!(causes(&at_once), [Cause::TimeLimit]);
}

#[test]
fn a_single_stall_is_not_a_proxy() {
    // Nothing for 1.5 s: a phone between two cells.
    let stalled = || stream(|sent| if (1_000..2_500).contains(&sent) { 2_520 } else { sent + 20 });
    let evidence = Evidence { plain: stalled(), packed: stalled(), ..healthy() };
    assert_eq!(judge(&evidence).findings, [Finding { cause: Cause::Uneven, measure: 1_500 }]);
}

#[test]
fn a_missing_stream_is_the_only_finding() {
    let with = |response| Evidence { plain: Probe { response, ending: Ending::Cut, ..Probe::default() }, ..healthy() };
    let head = |status, is_stream| Some(ResponseHead { status, is_stream, ..ResponseHead::default() });
    assert_eq!(causes(&with(None)), [Cause::NoResponse]);
    assert_eq!(judge(&with(head(502, false))).findings, [Finding { cause: Cause::Refused, measure: 502 }]);
    assert_eq!(causes(&with(head(200, false))), [Cause::NotAStream]);
}

#[test]
fn minor_findings_are_added() {
    let begin = Begin { protocol: "HTTP/1.0".to_owned(), ..Begin::default() };
    let old = Probe { begin: Some(begin), altered: true, ..stream(|sent| sent + 20) };
    assert_eq!(causes(&Evidence { plain: old, ..healthy() }), [Cause::Altered, Cause::OldHttp]);
}
