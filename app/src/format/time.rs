//! Ages and times. Ages are computed with the server's clock, never the local one, so that the
//! server's markup and the browser's first render agree.

use crate::model::Timestamp;
use std::time::Duration;

/// A duration in its largest whole unit: `4 s`, `12 min`, `3 h`, `5 d`.
pub fn age(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (number, unit) = match seconds {
        0..60 => (seconds, "s"),
        60..3_600 => (seconds / 60, "min"),
        3_600..86_400 => (seconds / 3_600, "h"),
        _ => (seconds / 86_400, "d"),
    };
    format!("{number} {unit}")
}

/// A duration in its two largest units: `40 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`.
pub fn span(duration: Duration) -> String {
    let rest = match duration.as_secs() {
        seconds @ 60..3_600 => seconds % 60,
        seconds @ 3_600..86_400 => seconds % 3_600 / 60 * 60,
        seconds @ 86_400.. => seconds % 86_400 / 3_600 * 3_600,
        _ => 0,
    };
    let mut text = age(duration);
    if rest > 0 {
        text.push(' ');
        text.push_str(&age(Duration::from_secs(rest)));
    }
    text
}

/// Time elapsed until `now`: `just now`, `2 min ago`.
pub fn ago(now: Timestamp, then: Timestamp) -> String {
    let duration = now.since(then);
    if duration.as_secs() == 0 {
        return "just now".to_owned();
    }
    let mut text = age(duration);
    text.push_str(" ago");
    text
}

/// Time of day in UTC: `12:03:22 UTC`.
pub fn clock_time(instant: Timestamp) -> String {
    let mut text = instant.to_string().get(11..19).unwrap_or_default().to_owned();
    text.push_str(" UTC");
    text
}

/// Date and time in UTC: `2026-11-23 12:03:22 UTC`.
pub fn date_time(instant: Timestamp) -> String {
    let text = instant.to_string();
    format!("{} {}", text.get(..10).unwrap_or_default(), clock_time(instant))
}

/// Time of day in a zone this many minutes east of UTC: `14:03:22`.
pub fn local_clock(instant: Timestamp, offset_minutes: i32) -> String {
    shifted(instant, offset_minutes).to_string().get(11..19).unwrap_or_default().to_owned()
}

/// Date in a zone this many minutes east of UTC: `2026-11-23`.
pub fn local_date(instant: Timestamp, offset_minutes: i32) -> String {
    shifted(instant, offset_minutes).to_string().get(..10).unwrap_or_default().to_owned()
}

fn shifted(instant: Timestamp, offset_minutes: i32) -> Timestamp {
    Timestamp::from_millis(instant.as_millis().saturating_add_signed(i64::from(offset_minutes) * 60_000))
}

/// A short duration in milliseconds, or from one second on in seconds with one decimal: `12 ms`,
/// `1.4 s`.
pub fn duration_millis(millis: u64) -> String {
    if millis < 1_000 { format!("{millis} ms") } else { format!("{}.{} s", millis / 1_000, millis % 1_000 / 100) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_have_one_unit() {
        for (seconds, text) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (3_599, "59 min"),
            (3_600, "1 h"),
            (86_399, "23 h"),
            (86_400, "1 d"),
            (31_536_000, "365 d"),
        ] {
            assert_eq!(age(Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn spans_have_two_units() {
        for (seconds, text) in [
            (40, "40 s"),
            (200, "3 min 20 s"),
            (7_200, "2 h"),
            (7_530, "2 h 5 min"),
            (7_259, "2 h"),
            (273_600, "3 d 4 h"),
        ] {
            assert_eq!(span(Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn a_future_time_is_just_now() {
        let (now, later) = (Timestamp::from_millis(1_000), Timestamp::from_millis(9_000));
        assert_eq!(ago(now, later), "just now");
        assert_eq!(ago(later, now), "8 s ago");
    }

    #[test]
    fn times_are_written_in_utc() {
        let instant = Timestamp::from_millis(1_795_426_200_125);
        assert_eq!(clock_time(instant), "09:30:00 UTC");
        assert_eq!(date_time(instant), "2026-11-23 09:30:00 UTC");
    }

    #[test]
    fn times_are_written_in_another_zone() {
        let instant = Timestamp::from_millis(1_795_426_200_125);
        assert_eq!(local_clock(instant, 120), "11:30:00");
        assert_eq!(
            (local_clock(instant, -600), local_date(instant, -600)),
            ("23:30:00".to_owned(), "2026-11-22".to_owned())
        );
    }

    #[test]
    fn short_durations_are_in_milliseconds() {
        for (millis, text) in [(0, "0 ms"), (999, "999 ms"), (1_000, "1.0 s"), (12_345, "12.3 s")] {
            assert_eq!(duration_millis(millis), text);
        }
    }
}
