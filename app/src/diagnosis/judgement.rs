//! Derives causes from measurements. Pure: times are arguments.

use super::{Ending, Evidence, Probe, Proxy};

/// Delay in milliseconds, relative to the fastest ping, up to which a ping counts as in time.
const MAX_PROMPT_DELAY: u64 = 200;
/// Interval in milliseconds within which pings count as arriving together.
const MAX_BATCH_GAP: u64 = 30;
/// Delay in milliseconds from which on a stall is reported.
const MIN_STALL: u64 = 1_000;
/// Silence in milliseconds that a connection must allow: streams have a heartbeat at least every 3
/// s.
const REQUIRED_SILENCE: u64 = 4_000;

/// A cause, ordered from the most to the least noticeable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// There was no response.
    NoResponse,
    /// The response has an error status.
    Refused,
    /// The response is not an event stream.
    NotAStream,
    /// Everything arrives at the end of the stream, which real streams do not have.
    NoStreaming,
    /// Events wait until a buffer is full.
    Buffering,
    /// Events wait until a compressor has enough data.
    Compression,
    /// A stream that is silent for a moment is cut off.
    IdleTimeout,
    /// A stream is closed after some time, even if it is active.
    TimeLimit,
    /// Frames are modified.
    Altered,
    /// Events arrive unevenly, without the pattern of a proxy.
    Uneven,
    /// A proxy compresses the stream, without delaying it.
    Recompressed,
    /// A stream is cut off after a silence longer than Quaylight's.
    LateIdleTimeout,
    /// The proxy uses HTTP/1.0 towards the server: a new connection for each request.
    OldHttp,
}

/// Importance of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// The page is late, or loses its stream.
    Trouble,
    /// No noticeable effect, but worth knowing.
    Notice,
}

/// A finding of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding {
    /// Cause of the finding.
    pub cause: Cause,
    /// Extent in milliseconds; for a refusal, the HTTP status.
    pub measure: u64,
}

impl Finding {
    /// Importance of the finding.
    pub const fn weight(&self) -> Weight {
        match self.cause {
            Cause::NoResponse
            | Cause::Refused
            | Cause::NotAStream
            | Cause::NoStreaming
            | Cause::Buffering
            | Cause::Compression
            | Cause::IdleTimeout
            | Cause::TimeLimit
            | Cause::Altered => Weight::Trouble,
            Cause::Uneven | Cause::Recompressed | Cause::LateIdleTimeout | Cause::OldHttp => Weight::Notice,
        }
    }
}

/// Result of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// Findings, the worst first; empty for a healthy connection.
    pub findings: Vec<Finding>,
    /// The proxy between browser and server.
    pub proxy: Proxy,
    /// Largest delay of a ping, in milliseconds.
    pub latest: Option<u64>,
    /// Longest silence that was not cut off, in milliseconds.
    pub silence_endured: Option<u64>,
}

/// Evaluates a finished test.
#[must_use]
pub fn judge(evidence: &Evidence) -> Diagnosis {
    let Evidence { plain, packed, silent, long } = evidence;
    let found = |cause, measure: u64| Finding { cause, measure };
    let mut findings: Vec<Finding> = refusal(plain).into_iter().collect();
    if findings.is_empty() {
        let (delivery, of_packed) = (delivery(plain), delivery(packed));
        findings.extend(match (delivery, of_packed) {
            (Delivery::AtOnce | Delivery::Uneven(_), Delivery::Held(held) | Delivery::AtTheEnd(held)) => {
                Some(found(Cause::Buffering, held))
            }
            // Only the stream that a proxy had to compress was held back.
            (Delivery::Held(held) | Delivery::AtTheEnd(held), Delivery::AtOnce | Delivery::Uneven(_))
                if is_recompressed(plain) =>
            {
                Some(found(Cause::Compression, held))
            }
            (Delivery::AtTheEnd(held), _) => Some(found(Cause::NoStreaming, held)),
            (Delivery::Held(held), _) => Some(found(Cause::Buffering, held)),
            (Delivery::Uneven(stall), _) | (_, Delivery::Uneven(stall)) => Some(found(Cause::Uneven, stall)),
            (Delivery::AtOnce, Delivery::AtOnce) => None,
        });
        findings.extend(cuts(plain, silent, long.as_ref()));
        let altered = [plain, packed].into_iter().any(|probe| probe.altered);
        findings.extend(altered.then_some(found(Cause::Altered, 0)));
        let is_reported = findings.iter().any(|finding| finding.cause == Cause::Compression);
        findings.extend((is_recompressed(plain) && !is_reported).then_some(found(Cause::Recompressed, 0)));
        let is_old =
            evidence.probes().filter_map(|probe| probe.begin.as_ref()).any(|begin| begin.protocol == "HTTP/1.0");
        findings.extend(is_old.then_some(found(Cause::OldHttp, 0)));
        findings.sort_by_key(|finding| finding.cause as u8);
    }
    Diagnosis {
        findings,
        proxy: Proxy::of(evidence),
        latest: lateness(plain).into_iter().max(),
        silence_endured: (silent.ending == Ending::Whole).then_some(silent.ended_at).flatten(),
    }
}

/// The reason why there is no stream at all.
fn refusal(plain: &Probe) -> Option<Finding> {
    let found = |cause, measure| Some(Finding { cause, measure });
    match &plain.response {
        None if plain.ending == Ending::GivenUp => found(Cause::NoStreaming, plain.ended_at.unwrap_or_default()),
        None => found(Cause::NoResponse, 0),
        Some(response) if !(200..300).contains(&response.status) => found(Cause::Refused, response.status.into()),
        Some(response) if !response.is_stream => found(Cause::NotAStream, 0),
        Some(_) => None,
    }
}

fn is_recompressed(plain: &Probe) -> bool {
    plain.response.as_ref().is_some_and(|response| response.content_encoding.is_some())
}

/// Arrival pattern of pings, with the largest delay in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Delivery {
    AtOnce,
    /// Most pings were in time, or late without a pattern.
    Uneven(u64),
    /// The pings came in batches, whenever a buffer was full.
    Held(u64),
    /// All pings came together at the end.
    AtTheEnd(u64),
}

fn delivery(probe: &Probe) -> Delivery {
    if probe.pings.is_empty() {
        // A stream that was cut before any ping is reported as cut.
        let waited = probe.ended_at.filter(|_| probe.ending == Ending::GivenUp);
        return waited.map_or(Delivery::AtOnce, Delivery::AtTheEnd);
    }
    let late = lateness(probe);
    let worst = late.iter().copied().max().unwrap_or_default();
    let in_time = late.iter().filter(|late| **late <= MAX_PROMPT_DELAY).count();
    let runs = runs(probe);
    if in_time * 2 >= late.len() {
        return if worst >= MIN_STALL { Delivery::Uneven(worst) } else { Delivery::AtOnce };
    }
    if runs.len() == 1 {
        return Delivery::AtTheEnd(worst);
    }
    // The padded frame fills a buffer, and the end of the stream empties it.
    let marks = [probe.padding.map(|padding| padding.received), probe.ended_at].into_iter().flatten();
    let is_released = marks
        .clone()
        .any(|mark| runs.iter().any(|(received, pings)| *pings > 2 && received.abs_diff(mark) <= MAX_PROMPT_DELAY));
    if is_released || runs.iter().filter(|(_, pings)| *pings > 2).count() > 1 {
        Delivery::Held(worst)
    } else {
        Delivery::Uneven(worst)
    }
}

/// Delay of each ping relative to the fastest, in milliseconds.
fn lateness(probe: &Probe) -> Vec<u64> {
    let under_way = |ping: &super::Arrival| i128::from(ping.received) - i128::from(ping.sent);
    let quickest = probe.pings.iter().map(under_way).min().unwrap_or_default();
    probe.pings.iter().map(|ping| u64::try_from(under_way(ping) - quickest).unwrap_or_default()).collect()
}

/// Batches of pings that arrived together: the time of the last ping in milliseconds, and the
/// number of pings.
fn runs(probe: &Probe) -> Vec<(u64, usize)> {
    let mut runs: Vec<(u64, usize)> = Vec::new();
    for ping in &probe.pings {
        match runs.last_mut() {
            Some((received, pings)) if ping.received.abs_diff(*received) <= MAX_BATCH_GAP => {
                (*received, *pings) = (ping.received, *pings + 1);
            }
            _ => runs.push((ping.received, 1)),
        }
    }
    runs
}

/// Streams that were cut off, and the causes.
fn cuts(plain: &Probe, silent: &Probe, long: Option<&Probe>) -> Vec<Finding> {
    let cut = |probe: &Probe| probe.ended_at.filter(|_| probe.ending == Ending::Cut);
    let found = |cause, measure| Finding { cause, measure };
    let mut findings = Vec::new();
    let limit = cut(plain).or_else(|| long.and_then(cut));
    findings.extend(limit.map(|after| found(Cause::TimeLimit, after)));
    // A stream with a time limit is cut off in silence, too.
    let silence = cut(silent).filter(|after| limit.is_none_or(|limit| after + MIN_STALL < limit));
    findings.extend(silence.map(|after| {
        let cause = if after < REQUIRED_SILENCE { Cause::IdleTimeout } else { Cause::LateIdleTimeout };
        found(cause, after)
    }));
    findings
}

#[cfg(test)]
mod tests;
