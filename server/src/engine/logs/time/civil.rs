//! Parses dates and times of day, with or without an offset. Pure.

use super::LogTime;
use app::model::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use std::time::Duration;

pub(super) const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Number of characters in `2026-11-23`.
const DATE_CHARS: usize = 10;
/// Largest UTC offset of any time zone, in hours.
const MAX_OFFSET_HOURS: i64 = 14;

/// A parsed date or time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// A whole day, as its start.
    Day(LogTime),
    /// A time of a day.
    Time(LogTime),
}

pub(super) fn read(text: &str, now: Timestamp) -> Option<Moment> {
    if let Some(date) = text.get(..DATE_CHARS).and_then(|date| date.parse::<Date>().ok()) {
        let rest = &text[DATE_CHARS..];
        // After a date, a space separates the time and is not an offset.
        if let Some(offset) = offset_secs(rest).filter(|_| !rest.starts_with(' ')) {
            return at(date.to_datetime(Time::midnight()), offset).map(Moment::Day);
        }
        let (time, offset) = clock(rest.strip_prefix(['T', 't', ' '])?.trim_start())?;
        return at(date.to_datetime(time), offset).map(Moment::Time);
    }
    let (time, offset) = clock(text)?;
    // Today's date at this offset.
    let now = LogTime::from(now);
    let there = i64::try_from(now.0 / 1_000_000_000).ok()?.checked_add(offset)?;
    let today = jiff::Timestamp::from_second(there).ok()?.to_zoned(jiff::tz::TimeZone::UTC).date();
    let latest = at(today.to_datetime(time), offset)?;
    Some(Moment::Time(if latest > now { latest.before(DAY) } else { latest }))
}

fn at(there: DateTime, offset_secs: i64) -> Option<LogTime> {
    let utc = there.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_nanosecond();
    Some(super::clamped(utc - i128::from(offset_secs) * 1_000_000_000))
}

/// Parses `9:30` or `09:30:05.125`, and the offset after it in seconds.
fn clock(text: &str) -> Option<(Time, i64)> {
    let end =
        text.find(|letter: char| !letter.is_ascii_digit() && letter != ':' && letter != '.').unwrap_or(text.len());
    let (clock, offset) = text.split_at(end);
    let hour = clock.find(':')?;
    let is_right = (1..=2).contains(&hour) && clock.len() >= hour + 3;
    let padded = format!("{}{clock}", if hour == 1 { "0" } else { "" });
    Some((padded.parse().ok().filter(|_| is_right)?, offset_secs(offset)?))
}

/// Parses an offset: empty or `Z` for UTC, or `+02:00`, `-0500`, `+2`. In a URL, a plus is decoded
/// as a space.
fn offset_secs(text: &str) -> Option<i64> {
    if matches!(text, "" | "Z" | "z") {
        return Some(0);
    }
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+" | " ", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None if digits.len() == 4 => digits.split_at(2),
        None => (digits, "0"),
    };
    let number = |text: &str| text.parse::<u8>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    let (hours, minutes) = (i64::from(number(hours)?), i64::from(number(minutes)?));
    (hours <= MAX_OFFSET_HOURS && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
}
