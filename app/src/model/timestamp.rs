//! A point in time as the contract writes it: RFC 3339, UTC, milliseconds. Hand-written, because a
//! crate would add 1.5 kB to the browser's module.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::{fmt, str::FromStr, time::Duration};

/// Days in an era of 400 years. Eras start on 1 March of year 0, as in Howard Hinnant's `chrono`
/// paper.
const DAYS_PER_ERA: u64 = 146_097;
/// Days from the start of the first era to 1 January 1970.
const EPOCH_DAYS: u64 = 719_468;
const MILLIS_PER_DAY: u64 = 86_400_000;

/// Milliseconds since the Unix epoch, UTC; on the wire `2026-11-23T09:30:00.125Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(u64);

/// Error: the string is not an RFC 3339 time in UTC.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 time in UTC: {0}")]
pub struct InvalidTimestamp(String);

impl Timestamp {
    /// Creates a timestamp from milliseconds since the Unix epoch.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Duration since `earlier`; zero if that is later.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A clock past the year 9999 is broken; the last time that can be written shows it.
        const LAST_MILLIS: u64 = 253_402_300_799_999;
        let instant = self.0.min(LAST_MILLIS);
        let (days, millis) = (instant / MILLIS_PER_DAY, instant % MILLIS_PER_DAY);
        let (year, month, day) = date(days);
        let (hour, minute) = (millis / 3_600_000, millis / 60_000 % 60);
        let (second, millis) = (millis / 1_000 % 60, millis % 1_000);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text.as_bytes()).map(Self).ok_or_else(|| InvalidTimestamp(text.to_owned()))
    }
}

/// Year, month and day from days since the epoch.
const fn date(days: u64) -> (u64, u64, u64) {
    let days = days + EPOCH_DAYS;
    let (era, day) = (days / DAYS_PER_ERA, days % DAYS_PER_ERA);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (400 * era + year + (month <= 2) as u64, month, day)
}

/// Days since the epoch; `None` before 1970, and for a date that does not exist.
fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    if !(1..=12).contains(&month) || day == 0 {
        return None;
    }
    let from_march = year.checked_sub(u64::from(month <= 2))?;
    let (era, year_of_era) = (from_march / 400, from_march % 400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = 365 * year_of_era + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = (era * DAYS_PER_ERA + day_of_era).checked_sub(EPOCH_DAYS)?;
    // Dates that do not exist, such as 31 April, come back as another date.
    (date(days) == (year, month, day)).then_some(days)
}

/// Parses `YYYY-MM-DDThh:mm:ss`, an optional fraction of any length, and `Z`. Returns milliseconds
/// since the epoch.
fn parse(text: &[u8]) -> Option<u64> {
    let (time, fraction) = text.strip_suffix(b"Z")?.split_at_checked(19)?;
    if [4, 7, 10, 13, 16].map(|place| time[place]) != *b"--T::" {
        return None;
    }
    let field = |from: usize, to: usize| number(&time[from..to]);
    let days = days(field(0, 4)?, field(5, 7)?, field(8, 10)?)?;
    let (hour, minute, second) = (field(11, 13)?, field(14, 16)?, field(17, 19)?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = (days * 24 + hour) * 3_600 + minute * 60 + second;
    Some(seconds * 1_000 + millis(fraction)?)
}

/// Parses an empty fraction, or `.` and digits; only the first three count.
fn millis(fraction: &[u8]) -> Option<u64> {
    let Some(digits) = fraction.strip_prefix(b".") else {
        return fraction.is_empty().then_some(0);
    };
    number(digits)?;
    Some([100, 10, 1].iter().zip(digits).map(|(worth, digit)| worth * u64::from(digit - b'0')).sum())
}

/// Parses one to nine digits.
fn number(digits: &[u8]) -> Option<u64> {
    let is_number = (1..=9).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    is_number.then(|| digits.iter().fold(0, |value, digit| value * 10 + u64::from(digit - b'0')))
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_instant_is_written_with_milliseconds_and_read_back() {
        let instant = Timestamp::from_millis(1_795_426_200_125);
        assert_eq!(instant.to_string(), "2026-11-23T09:30:00.125Z");
        assert_eq!("2026-11-23T09:30:00.125Z".parse(), Ok(instant));
    }

    #[test]
    fn a_broken_clock_is_written_as_the_last_valid_time() {
        assert_eq!(Timestamp::from_millis(u64::MAX).to_string(), "9999-12-31T23:59:59.999Z");
    }

    #[test]
    fn invalid_times_are_rejected() {
        for text in [
            "yesterday",
            "",
            "Z",
            "2026-11-23T09:30:00",
            "2026-11-23T09:30:00.Z",
            "2026-11-23T09:30:00,125Z",
            "2026-11-23T09:30:00.12x5Z",
            "2026-11-23T24:00:00Z",
            "2026-11-23T09:60:00Z",
            "2026-11-31T09:30:00Z",
            "2026-00-23T09:30:00Z",
            "2026-13-23T09:30:00Z",
            "2026-11-00T09:30:00Z",
            "2025-02-29T09:30:00Z",
            "+026-11-23T09:30:00Z",
            "1969-12-31T23:59:59Z",
            "0001-01-01T00:00:00Z",
            "2026-11-23T09:30:00\u{e9}Z",
        ] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_fraction_of_any_length_is_truncated_to_milliseconds() {
        for (fraction, millis) in [("", 0), (".5", 500), (".05", 50), (".0059", 5), (".999999999", 999)] {
            let text = format!("2024-02-29T23:59:59{fraction}Z");
            assert_eq!(text.parse(), Ok(Timestamp(1_709_251_199_000 + millis)), "{text}");
        }
    }

    proptest! {
        /// Holds for times up to the year 9999.
        #[test]
        fn times_are_written_and_read_like_humantime(millis in 0..253_402_300_800_000_u64) {
            let instant = std::time::UNIX_EPOCH + Duration::from_millis(millis);
            let text = humantime::format_rfc3339_millis(instant).to_string();
            prop_assert_eq!(Timestamp(millis).to_string(), text.clone());
            prop_assert_eq!(text.parse(), Ok(Timestamp(millis)));
        }
    }
}
