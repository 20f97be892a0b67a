//! From what was measured to what is wrong. Pure: times are arguments.

use super::{Ending, Evidence, Probe, Proxy};

/// A ping this many milliseconds later than the quickest one still came at once.
const AT_ONCE: u64 = 200;
/// Pings that came within this many milliseconds came together.
const TOGETHER: u64 = 30;
/// A stall of this many milliseconds is worth a word.
const STALL: u64 = 1_000;
/// Heartbeats come after at most 3 s; a cut of silence before this many milliseconds hits Quaylight's streams.
const SILENCE_NEEDED: u64 = 4_000;

/// What may be wrong, from what is felt most to what is hardly felt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Nobody answers.
    NoAnswer,
    /// Something answers, and refuses.
    Refused,
    /// Something else answers.
    NotAStream,
    /// Everything comes at the end, which real streams do not have.
    NoStreaming,
    /// Events wait for a buffer to fill.
    Buffering,
    /// Events wait for a compression to have enough.
    Compression,
    /// A stream that is silent for a moment is cut.
    IdleTimeout,
    /// A stream is cut after some time, whatever it sends.
    TimeLimit,
    /// Frames come altered.
    Altered,
    /// Events come in fits, with no pattern of a proxy.
    Uneven,
    /// A proxy compresses what it should pass on, and passes it on at once.
    Recompressed,
    /// A stream that is silent for longer than Quaylight ever is would be cut.
    LateIdleTimeout,
    /// The proxy speaks HTTP/1.0 to the server: a new connection for each question.
    OldHttp,
}

/// Whether it is felt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// The page is late, or loses its stream.
    Trouble,
    /// Worth knowing.
    Notice,
}

/// One thing that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub cause: Cause,
    /// How much of it, in milliseconds; of a refusal, its status.
    pub measure: u64,
}

impl Finding {
    /// Whether it is felt.
    pub const fn weight(&self) -> Weight {
        match self.cause {
            Cause::NoAnswer
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

/// What a test says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// What was found, the worst first; nothing on a healthy way.
    pub findings: Vec<Finding>,
    /// Who stands between.
    pub proxy: Proxy,
    /// How late the latest ping was, in milliseconds.
    pub latest: Option<u64>,
    /// The longest silence the way let through, in milliseconds.
    pub silence_endured: Option<u64>,
}

/// Judges a test that is over.
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
            // Only what a proxy had to compress itself was held.
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
        let is_told = findings.iter().any(|finding| finding.cause == Cause::Compression);
        findings.extend((is_recompressed(plain) && !is_told).then_some(found(Cause::Recompressed, 0)));
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

/// Why there is no stream at all.
fn refusal(plain: &Probe) -> Option<Finding> {
    let found = |cause, measure| Some(Finding { cause, measure });
    match &plain.answer {
        None if plain.ending == Ending::GivenUp => found(Cause::NoStreaming, plain.ended_at.unwrap_or_default()),
        None => found(Cause::NoAnswer, 0),
        Some(answer) if !(200..300).contains(&answer.status) => found(Cause::Refused, answer.status.into()),
        Some(answer) if !answer.is_stream => found(Cause::NotAStream, 0),
        Some(_) => None,
    }
}

fn is_recompressed(plain: &Probe) -> bool {
    plain.answer.as_ref().is_some_and(|answer| answer.content_encoding.is_some())
}

/// How pings came; with how many milliseconds the worst was late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Delivery {
    AtOnce,
    /// Most came at once, or none in a pattern.
    Uneven(u64),
    /// Together, whenever something filled up.
    Held(u64),
    /// All together.
    AtTheEnd(u64),
}

fn delivery(probe: &Probe) -> Delivery {
    if probe.pings.is_empty() {
        // Cut before anything came is told as a cut.
        let waited = probe.ended_at.filter(|_| probe.ending == Ending::GivenUp);
        return waited.map_or(Delivery::AtOnce, Delivery::AtTheEnd);
    }
    let late = lateness(probe);
    let worst = late.iter().copied().max().unwrap_or_default();
    let in_time = late.iter().filter(|late| **late <= AT_ONCE).count();
    let runs = runs(probe);
    if in_time * 2 >= late.len() {
        return if worst >= STALL { Delivery::Uneven(worst) } else { Delivery::AtOnce };
    }
    if runs.len() == 1 {
        return Delivery::AtTheEnd(worst);
    }
    // What fills a buffer is the padded frame; what empties it, the end.
    let marks = [probe.padding.map(|padding| padding.came), probe.ended_at].into_iter().flatten();
    let is_let_go =
        marks.clone().any(|mark| runs.iter().any(|(came, pings)| *pings > 2 && came.abs_diff(mark) <= AT_ONCE));
    if is_let_go || runs.iter().filter(|(_, pings)| *pings > 2).count() > 1 {
        Delivery::Held(worst)
    } else {
        Delivery::Uneven(worst)
    }
}

/// How much later than the quickest each ping was.
fn lateness(probe: &Probe) -> Vec<u64> {
    let under_way = |ping: &super::Arrival| i128::from(ping.came) - i128::from(ping.sent);
    let quickest = probe.pings.iter().map(under_way).min().unwrap_or_default();
    probe.pings.iter().map(|ping| u64::try_from(under_way(ping) - quickest).unwrap_or_default()).collect()
}

/// Pings that came together: when the last of them did, and how many they are.
fn runs(probe: &Probe) -> Vec<(u64, usize)> {
    let mut runs: Vec<(u64, usize)> = Vec::new();
    for ping in &probe.pings {
        match runs.last_mut() {
            Some((came, pings)) if ping.came.abs_diff(*came) <= TOGETHER => (*came, *pings) = (ping.came, *pings + 1),
            _ => runs.push((ping.came, 1)),
        }
    }
    runs
}

/// What was cut, and why.
fn cuts(plain: &Probe, silent: &Probe, long: Option<&Probe>) -> Vec<Finding> {
    let cut = |probe: &Probe| probe.ended_at.filter(|_| probe.ending == Ending::Cut);
    let found = |cause, measure| Finding { cause, measure };
    let mut findings = Vec::new();
    let limit = cut(plain).or_else(|| long.and_then(cut));
    findings.extend(limit.map(|after| found(Cause::TimeLimit, after)));
    // One that is cut while it speaks would have been cut in silence, too.
    let silence = cut(silent).filter(|after| limit.is_none_or(|limit| after + STALL < limit));
    findings.extend(silence.map(|after| {
        let cause = if after < SILENCE_NEEDED { Cause::IdleTimeout } else { Cause::LateIdleTimeout };
        found(cause, after)
    }));
    findings
}

#[cfg(test)]
mod tests;
