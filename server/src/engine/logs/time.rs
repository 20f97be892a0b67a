//! Timestamps of logs, in nanoseconds on the engine's clock, and the time formats of queries. Pure.

mod civil;

use app::model::Timestamp;
use civil::Moment;
use std::{fmt, time::Duration};

/// Nanoseconds since 1970.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogTime(pub u64);

impl LogTime {
    /// Parses a time: RFC 3339 with any offset and fraction, a date with or without a time of day,
    /// a time of day (the latest before `now`), seconds since 1970 with a fraction, or an age
    /// (`10m` before `now`). The default offset is UTC.
    pub fn read(text: &str, now: Timestamp) -> Option<Self> {
        let text = text.trim();
        if let Some(time) = seconds(text) {
            return Some(time);
        }
        if let Ok(age) = humantime::parse_duration(text) {
            return Some(Self::from(now).before(age));
        }
        instant(text).or_else(|| civil::read(text, now).map(|(Moment::Day(time) | Moment::Time(time))| time))
    }

    /// Parses a time as the end of a range, which includes the whole day or millisecond.
    pub fn read_end(text: &str, now: Timestamp) -> Option<Self> {
        match civil::read(text.trim(), now) {
            Some(Moment::Day(start)) => Some(Self(start.after(civil::DAY).0 - 1)),
            _ => Self::read(text, now).map(Self::end_of_millisecond),
        }
    }

    /// The time `age` earlier.
    pub fn before(self, age: Duration) -> Self {
        Self(self.0.saturating_sub(nanos(age)))
    }

    /// The time `age` later.
    pub fn after(self, age: Duration) -> Self {
        Self(self.0.saturating_add(nanos(age)))
    }

    /// The end of the millisecond if the time has no finer part, because times from this server are
    /// truncated to milliseconds.
    pub fn end_of_millisecond(self) -> Self {
        if self.0.is_multiple_of(1_000_000) { Self(self.0.saturating_add(999_999)) } else { self }
    }

    /// Truncates to milliseconds.
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_millis(self.0 / 1_000_000)
    }
}

impl From<Timestamp> for LogTime {
    fn from(time: Timestamp) -> Self {
        Self(time.as_millis().saturating_mul(1_000_000))
    }
}

/// Formats the time as the Engine API does.
impl fmt::Display for LogTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:09}", self.0 / 1_000_000_000, self.0 % 1_000_000_000)
    }
}

/// Parses RFC 3339. Limits times before 1970 to the earliest and times after 2554 to the latest
/// one.
fn instant(text: &str) -> Option<LogTime> {
    Some(clamped(text.parse::<jiff::Timestamp>().ok()?.as_nanosecond()))
}

/// The nearest representable time.
fn clamped(nanos: i128) -> LogTime {
    LogTime(u64::try_from(nanos.max(0)).unwrap_or(u64::MAX))
}

/// Parses the timestamp of a line: RFC 3339, from Docker with nine digits in UTC, from Podman with
/// fewer and any offset.
pub(crate) fn parse_timestamp(text: &[u8]) -> Option<LogTime> {
    let nanos = str::from_utf8(text).ok()?.parse::<jiff::Timestamp>().ok()?.as_nanosecond();
    u64::try_from(nanos).ok().map(LogTime)
}

fn seconds(text: &str) -> Option<LogTime> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |digits: &str| digits.bytes().all(|digit| digit.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(fraction) || text.ends_with('.') {
        return None;
    }
    let digits: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    let nanos = whole.parse::<u64>().ok()?.checked_mul(1_000_000_000)?.checked_add(digits.parse().ok()?)?;
    Some(LogTime(nanos))
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_parsed_in_every_documented_form() {
        let now = Timestamp::from_millis(1_795_426_200_000);
        for (text, nanos) in [
            ("2026-11-23T09:30:00Z", 1_795_426_200_000_000_000),
            ("2026-11-23T10:30:00.125+01:00", 1_795_426_200_125_000_000),
            ("2026-11-23T09:30:00.123456789Z", 1_795_426_200_123_456_789),
            ("1795426200", 1_795_426_200_000_000_000),
            ("1795426200.5", 1_795_426_200_500_000_000),
            ("0", 0),
            ("10m", 1_795_425_600_000_000_000),
            ("1h 30m", 1_795_420_800_000_000_000),
        ] {
            assert_eq!(LogTime::read(text, now), Some(LogTime(nanos)), "{text}");
        }
        for text in ["", "yesterday", "-1", "1.", ".5", "1.2.3", "99999999999999999999", "1e9", "0x10"] {
            assert_eq!(LogTime::read(text, now), None, "{text}");
        }
    }

    #[test]
    fn dates_and_times_of_day_are_utc_unless_they_have_an_offset() {
        // Monday, 2026-11-23 09:30 UTC.
        let now = Timestamp::from_millis(1_795_426_200_000);
        for (text, time) in [
            ("2026-11-23", "2026-11-23T00:00:00Z"),
            ("2026-11-23+02:00", "2026-11-22T22:00:00Z"),
            ("2026-11-23-05:00", "2026-11-23T05:00:00Z"),
            ("2026-11-23Z", "2026-11-23T00:00:00Z"),
            ("2026-11-23 08:15", "2026-11-23T08:15:00Z"),
            ("2026-11-23T08:15", "2026-11-23T08:15:00Z"),
            ("2026-11-23 8:15:30.5", "2026-11-23T08:15:30.5Z"),
            ("2026-11-23 08:15+0200", "2026-11-23T06:15:00Z"),
            // A plus that was not percent-encoded is a space.
            ("2026-11-23T08:15:00 02:00", "2026-11-23T06:15:00Z"),
            ("09:30", "2026-11-23T09:30:00Z"),
            ("09:31", "2026-11-22T09:31:00Z"),
            ("8:15:30", "2026-11-23T08:15:30Z"),
            // 10:15 there is 09:15 UTC; 10:45 is in the future.
            ("10:15+01:00", "2026-11-23T09:15:00Z"),
            ("10:45+01:00", "2026-11-22T09:45:00Z"),
            ("23:00-10:00", "2026-11-23T09:00:00Z"),
            ("3d", "2026-11-20T09:30:00Z"),
            ("2h", "2026-11-23T07:30:00Z"),
            (" 15m ", "2026-11-23T09:15:00Z"),
        ] {
            assert_eq!(LogTime::read(text, now), parse_timestamp(time.as_bytes()), "{text}");
        }
        for text in ["2026-13-01", "2026-11-31", "25:00", "14:60", "14", "14:3", ":30", "2026-11", "14:30+25:00", "é"]
        {
            // A plain number is in seconds.
            assert!(LogTime::read(text, now).is_none() || text == "14", "{text}");
        }
        let end = |text: &str| LogTime::read_end(text, now).map(|time| time.0);
        let day = parse_timestamp(b"2026-11-24T00:00:00Z").map(|time| time.0 - 1);
        assert_eq!(end("2026-11-23"), day);
        assert_eq!(end("2026-11-23 09:30"), parse_timestamp(b"2026-11-23T09:30:00.000999999Z").map(|time| time.0));
    }

    #[test]
    fn the_end_of_a_millisecond_belongs_to_it() {
        assert_eq!(LogTime(5_000_000).end_of_millisecond(), LogTime(5_999_999));
        assert_eq!(LogTime(5_000_001).end_of_millisecond(), LogTime(5_000_001));
        assert_eq!(LogTime(1_000_000_005).to_string(), "1.000000005");
    }
}
