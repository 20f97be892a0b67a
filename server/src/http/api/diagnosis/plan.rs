//! Schedule of the events of a diagnostic stream, from its query alone. Pure.

use crate::feed::ContentEncoding;
use serde::Deserialize;
use std::time::Duration;
use utoipa::IntoParams;

/// Maximum number of pings in one stream.
const MAX_PINGS: u32 = 300;
/// Allowed intervals between pings. Other streams of Quaylight are silent for at most 3 s.
const INTERVAL_MILLIS: std::ops::RangeInclusive<u64> = 50..=5_000;
/// Maximum size of the padding: more than the buffers of common proxies hold (nginx: eight of 4 or
/// 8 KiB).
const MAX_PADDING_BYTES: usize = 128 << 10;
/// Maximum duration of the silence in seconds: a little more than the minute after which many
/// proxies close silent connections.
const MAX_SILENCE_SECS: u64 = 65;
/// Maximum duration of a stream, without the silence.
const MAX_DURATION: Duration = Duration::from_secs(90);

/// The query. Missing and unreadable values become defaults; large values are limited.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(in crate::http) struct PlanQuery {
    /// Number of pings, at most 300; 16 if omitted or not a number.
    pings: Option<String>,
    /// Milliseconds between pings, 50 to 5,000; 250 if omitted or not a number.
    every: Option<String>,
    /// Size of the padding in bytes, at most 131,072; 65,536 if omitted or not a number.
    padding: Option<String>,
    /// Seconds of silence before the last event, at most 65; none if omitted or not a number.
    silence: Option<String>,
    /// `gzip` to compress the stream; not compressed otherwise.
    coding: Option<String>,
}

/// Kind of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Properties of the request; sent immediately.
    Begin,
    /// A timestamp.
    Ping,
    /// A large event, halfway through the pings.
    Padding,
    /// The last event.
    End,
}

impl Step {
    /// Name of the event.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Begin => "begin",
            Self::Ping => "ping",
            Self::Padding => "padding",
            Self::End => "end",
        }
    }
}

/// All events of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    pings: u32,
    every: Duration,
    pub(super) padding_bytes: usize,
    silence: Duration,
    pub(super) coding: ContentEncoding,
}

impl Plan {
    pub(super) fn new(query: &PlanQuery) -> Self {
        let every =
            number(query.every.as_deref()).unwrap_or(250).clamp(*INTERVAL_MILLIS.start(), *INTERVAL_MILLIS.end());
        let every = Duration::from_millis(every);
        let fit = u32::try_from(MAX_DURATION.as_millis() / every.as_millis()).unwrap_or(MAX_PINGS);
        Self {
            pings: number(query.pings.as_deref()).unwrap_or(16).min(MAX_PINGS).min(fit),
            every,
            padding_bytes: number(query.padding.as_deref()).unwrap_or(64 << 10).min(MAX_PADDING_BYTES),
            silence: Duration::from_secs(number(query.silence.as_deref()).unwrap_or(0).min(MAX_SILENCE_SECS)),
            coding: if query.coding.as_deref() == Some("gzip") {
                ContentEncoding::Gzip
            } else {
                ContentEncoding::Identity
            },
        }
    }

    /// The event with this number and the time after the start when it is due; `None` after the
    /// last.
    pub(super) fn step(&self, number: usize) -> Option<(Step, Duration)> {
        let number = u32::try_from(number).ok()?;
        let padding = (self.padding_bytes > 0).then_some(self.pings / 2 + 1);
        let pinged = |pings: u32| self.every * pings;
        // Pings before it, without the padding.
        let behind = u32::from(padding.is_some_and(|padding| number > padding));
        let last = self.pings + u32::from(padding.is_some());
        match number {
            0 => Some((Step::Begin, Duration::ZERO)),
            _ if Some(number) == padding => Some((Step::Padding, pinged(number - 1))),
            _ if number <= last => Some((Step::Ping, pinged(number - behind))),
            _ if number == last + 1 => Some((Step::End, pinged(self.pings) + self.silence)),
            _ => None,
        }
    }
}

fn number<T: std::str::FromStr>(text: Option<&str>) -> Option<T> {
    text?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(query: &PlanQuery) -> Vec<(Step, u64)> {
        let plan = Plan::new(query);
        let steps = (0..).map_while(|number| plan.step(number));
        steps.map(|(step, after)| (step, u64::try_from(after.as_millis()).unwrap_or(u64::MAX))).collect()
    }

    fn text(value: &str) -> Option<String> {
        Some(value.to_owned())
    }

    #[test]
    fn pings_are_scheduled_with_the_padding_halfway_and_an_end() {
        let query = PlanQuery { pings: text("4"), ..PlanQuery::default() };
        let (begin, ping, padding, end) = (Step::Begin, Step::Ping, Step::Padding, Step::End);
        let wanted = [(begin, 0), (ping, 250), (ping, 500), (padding, 500), (ping, 750), (ping, 1_000), (end, 1_000)];
        assert_eq!(events(&query), wanted);
    }

    #[test]
    fn a_plan_without_pings_is_only_silence() {
        let query = PlanQuery { pings: text("0"), padding: text("0"), silence: text("5"), ..PlanQuery::default() };
        assert_eq!(events(&query), [(Step::Begin, 0), (Step::End, 5_000)]);
    }

    #[test]
    fn large_values_are_limited() {
        let huge = || text("4000000000");
        let query = PlanQuery { pings: huge(), every: huge(), padding: huge(), silence: huge(), coding: text("br") };
        let plan = Plan::new(&query);
        assert_eq!((plan.pings, plan.every, plan.padding_bytes), (18, Duration::from_secs(5), MAX_PADDING_BYTES));
        assert_eq!((plan.silence, plan.coding), (Duration::from_secs(65), ContentEncoding::Identity));
        let plain = Plan::new(&PlanQuery { pings: text("many"), every: text("-1"), ..PlanQuery::default() });
        assert_eq!((plain.pings, plain.every), (16, Duration::from_millis(250)));
    }
}
