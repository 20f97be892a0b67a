#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::diagnosis::{Answer, Arrival, Begin};

/// Sixteen pings, one in 250 ms, the padding with the eighth; `came` says when what was sent then arrives.
fn stream(came: impl Fn(u64) -> u64) -> Probe {
    let ping = |number: u64| Arrival { sent: number * 250, came: came(number * 250) };
    Probe {
        answer: Some(Answer { at: came(0), status: 200, is_stream: true, accel_arrived: true, ..Answer::default() }),
        begin: Some(Begin { at: came(0), protocol: "HTTP/1.1".to_owned(), ..Begin::default() }),
        pings: (1..=16).map(ping).collect(),
        padding: Some(Arrival { sent: 2_000, came: came(2_000) }),
        ended_at: Some(came(4_000)),
        ending: Ending::Whole,
        ..Probe::default()
    }
}

/// Nothing but a farewell after 5 s.
fn silence() -> Probe {
    Probe { pings: Vec::new(), padding: None, ended_at: Some(5_020), ..stream(|sent| sent + 20) }
}

fn healthy() -> Evidence {
    let quick = || stream(|sent| sent + 20);
    Evidence { plain: quick(), packed: quick(), silent: silence(), long: None }
}

/// A buffer that the padding fills, and the end empties.
fn buffered() -> Probe {
    stream(|sent| if sent <= 2_000 { 2_030 } else { 4_030 })
}

fn cut(probe: Probe, after: u64) -> Probe {
    let pings = probe.pings.iter().copied().filter(|ping| ping.came < after).collect();
    Probe { pings, ended_at: Some(after), ending: Ending::Cut, ..probe }
}

fn compressed(probe: Probe) -> Probe {
    let answer = probe.answer.map(|answer| Answer { content_encoding: Some("gzip".to_owned()), ..answer });
    Probe { answer, ..probe }
}

fn causes(evidence: &Evidence) -> Vec<Cause> {
    judge(evidence).findings.iter().map(|finding| finding.cause).collect()
}

#[test]
fn a_healthy_way_has_no_findings() {
    let diagnosis = judge(&healthy());
    assert_eq!(diagnosis.findings, []);
    assert_eq!((diagnosis.proxy, diagnosis.latest), (Proxy::None, Some(0)));
    assert_eq!(diagnosis.silence_endured, Some(5_020));
}

#[test]
fn a_slow_but_steady_way_is_healthy() {
    // 900 ms each, and up to 120 ms more.
    let far = || stream(|sent| sent + 900 + sent % 3 * 60);
    assert_eq!(causes(&Evidence { plain: far(), packed: far(), ..healthy() }), []);
}

#[test]
fn a_buffer_lets_pings_go_together() {
    let evidence = Evidence { plain: buffered(), packed: buffered(), ..healthy() };
    // The first ping was sent at 250 and came with the one of 2,000.
    assert_eq!(judge(&evidence).findings, [Finding { cause: Cause::Buffering, measure: 1_750 }]);
    // Also where it is emptied every second, whatever fills it.
    let by_time = || stream(|sent| sent.div_ceil(1_000) * 1_000 + 20);
    assert_eq!(causes(&Evidence { plain: by_time(), packed: by_time(), ..healthy() }), [Cause::Buffering]);
    // Also where only what the server compressed is held.
    assert_eq!(causes(&Evidence { packed: buffered(), ..healthy() }), [Cause::Buffering]);
}

#[test]
fn a_proxy_that_compresses_is_told_apart_from_one_that_buffers() {
    let plain = || compressed(buffered());
    assert_eq!(causes(&Evidence { plain: plain(), ..healthy() }), [Cause::Compression]);
    let both = Evidence { plain: plain(), packed: buffered(), ..healthy() };
    assert_eq!(causes(&both), [Cause::Buffering, Cause::Recompressed]);
    let harmless = Evidence { plain: compressed(stream(|sent| sent + 20)), ..healthy() };
    assert_eq!(causes(&harmless), [Cause::Recompressed]);
    assert_eq!(judge(&harmless).findings[0].weight(), Weight::Notice);
}

#[test]
fn what_comes_only_at_the_end_is_no_streaming() {
    let collected = || stream(|_| 4_040);
    assert_eq!(causes(&Evidence { plain: collected(), packed: collected(), ..healthy() }), [Cause::NoStreaming]);
    let nothing = || Probe { ended_at: Some(15_000), ending: Ending::GivenUp, ..Probe::default() };
    let never = Evidence { plain: nothing(), packed: nothing(), silent: nothing(), long: None };
    assert_eq!(judge(&never).findings, [Finding { cause: Cause::NoStreaming, measure: 15_000 }]);
    // Its head came, and nothing else.
    let headless = || Probe { answer: stream(|sent| sent).answer, ..nothing() };
    assert_eq!(causes(&Evidence { plain: headless(), packed: headless(), ..healthy() }), [Cause::NoStreaming]);
}

#[test]
fn silence_that_is_cut_early_is_trouble_and_late_it_is_not() {
    let after = |millis| Evidence { silent: cut(silence(), millis), ..healthy() };
    assert_eq!(judge(&after(2_010)).findings, [Finding { cause: Cause::IdleTimeout, measure: 2_010 }]);
    assert_eq!(causes(&after(60_020)), [Cause::LateIdleTimeout]);
    assert_eq!(judge(&after(2_010)).silence_endured, None);
}

#[test]
fn a_stream_that_is_cut_while_it_speaks_has_a_time_limit() {
    let beats = Probe { padding: None, ..stream(|sent| sent + 20) };
    let both = Evidence { silent: cut(silence(), 30_010), long: Some(cut(beats.clone(), 30_020)), ..healthy() };
    assert_eq!(judge(&both).findings, [Finding { cause: Cause::TimeLimit, measure: 30_020 }]);
    let silent_sooner = Evidence { silent: cut(silence(), 2_000), long: Some(cut(beats, 30_000)), ..healthy() };
    assert_eq!(causes(&silent_sooner), [Cause::IdleTimeout, Cause::TimeLimit]);
    let at_once = Evidence { plain: cut(stream(|sent| sent + 20), 1_100), ..healthy() };
    assert_eq!(causes(&at_once), [Cause::TimeLimit]);
}

#[test]
fn one_stall_is_no_proxy() {
    // 1.5 s in which nothing came: a phone between two masts.
    let stalled = || stream(|sent| if (1_000..2_500).contains(&sent) { 2_520 } else { sent + 20 });
    let evidence = Evidence { plain: stalled(), packed: stalled(), ..healthy() };
    assert_eq!(judge(&evidence).findings, [Finding { cause: Cause::Uneven, measure: 1_500 }]);
}

#[test]
fn who_does_not_answer_with_a_stream_is_told_alone() {
    let answered = |answer| Evidence { plain: Probe { answer, ending: Ending::Cut, ..Probe::default() }, ..healthy() };
    let answer = |status, is_stream| Some(Answer { status, is_stream, ..Answer::default() });
    assert_eq!(causes(&answered(None)), [Cause::NoAnswer]);
    assert_eq!(judge(&answered(answer(502, false))).findings, [Finding { cause: Cause::Refused, measure: 502 }]);
    assert_eq!(causes(&answered(answer(200, false))), [Cause::NotAStream]);
}

#[test]
fn the_rest_is_told_beside() {
    let begin = Begin { protocol: "HTTP/1.0".to_owned(), ..Begin::default() };
    let old = Probe { begin: Some(begin), altered: true, ..stream(|sent| sent + 20) };
    assert_eq!(causes(&Evidence { plain: old, ..healthy() }), [Cause::Altered, Cause::OldHttp]);
}
