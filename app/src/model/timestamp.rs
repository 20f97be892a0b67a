//! An instant as the contract writes it: RFC 3339, UTC, milliseconds.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::{
    fmt,
    str::FromStr,
    time::{Duration, UNIX_EPOCH},
};

/// Milliseconds since the Unix epoch, UTC; on the wire `2026-11-23T09:30:00.125Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(u64);

/// Why a string is not an RFC 3339 instant in UTC.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 time in UTC: {0}")]
pub struct InvalidTimestamp(String);

impl Timestamp {
    /// The instant that many milliseconds after the Unix epoch.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// How long after `earlier` this is; zero when it is not later.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // humantime refuses years past 9999; such a clock is broken, and the last instant it can write says so.
        const LAST_MILLIS: u64 = 253_402_300_799_999;
        let instant = UNIX_EPOCH + Duration::from_millis(self.0.min(LAST_MILLIS));
        humantime::format_rfc3339_millis(instant).fmt(f)
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let instant = humantime::parse_rfc3339(text).map_err(|_| InvalidTimestamp(text.to_owned()))?;
        let millis = instant.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        Ok(Self(u64::try_from(millis).unwrap_or(u64::MAX)))
    }
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

    #[test]
    fn an_instant_is_written_with_milliseconds_and_read_back() {
        let instant = Timestamp::from_millis(1_795_426_200_125);
        assert_eq!(instant.to_string(), "2026-11-23T09:30:00.125Z");
        assert_eq!("2026-11-23T09:30:00.125Z".parse(), Ok(instant));
    }

    #[test]
    fn a_broken_clock_is_written_as_the_last_instant_there_is() {
        assert_eq!(Timestamp::from_millis(u64::MAX).to_string(), "9999-12-31T23:59:59.999Z");
    }

    #[test]
    fn what_is_no_time_is_refused() {
        assert!("yesterday".parse::<Timestamp>().is_err());
    }
}
