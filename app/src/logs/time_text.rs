//! Formats the times of lines in the chosen zone, and converts times typed by the user.

use crate::model::Timestamp;

/// Time of day, `offset_minutes` east of UTC: `09:30:00.125`.
pub fn clock(at: Timestamp, offset_minutes: i32) -> String {
    shifted(at, offset_minutes).to_string().get(11..23).unwrap_or_default().to_owned()
}

/// Date, time and offset: `2026-11-23 09:30:00.125 UTC` or `2026-11-23 10:30:00.125 +01:00`.
pub fn exact(at: Timestamp, offset_minutes: i32) -> String {
    let text = shifted(at, offset_minutes).to_string();
    let zone = if offset_minutes == 0 { "UTC".to_owned() } else { offset(offset_minutes) };
    format!("{} {} {zone}", text.get(..10).unwrap_or_default(), text.get(11..23).unwrap_or_default())
}

/// A time for use in a sentence: `09:30:00` on the day of `now`, otherwise with the date.
pub fn moment(at: Timestamp, now: Timestamp, offset_minutes: i32) -> String {
    let (at, now) = (shifted(at, offset_minutes).to_string(), shifted(now, offset_minutes).to_string());
    let part = |from: usize, to: usize| at.get(from..to).unwrap_or_default();
    if at.get(..10) == now.get(..10) { part(11, 19).to_owned() } else { format!("{} {}", part(0, 10), part(11, 19)) }
}

/// Converts typed text for the server: a date or time of day without a zone gets the shown zone;
/// other text stays unchanged. `offset_minutes` returns the zone's offset, at a given time or now.
pub fn for_server(typed: &str, offset_minutes: &dyn Fn(Option<Timestamp>) -> i32) -> String {
    let typed = typed.trim();
    // RFC 3339 requires two digits for the hour.
    let padded = |clock: &str| format!("{}{clock}", if clock.find(':') == Some(1) { "0" } else { "" });
    let zone = |minutes: i32| if minutes == 0 { "Z".to_owned() } else { offset(minutes) };
    if is_clock(typed) {
        return format!("{}{}", padded(typed), zone(offset_minutes(None)));
    }
    let (date, time) = (typed.get(..10).unwrap_or_default(), typed.get(10..).unwrap_or_default());
    let clock = time.strip_prefix([' ', 'T']).unwrap_or_default().trim();
    if !is_date(date) || !(time.is_empty() || is_clock(clock)) {
        return typed.to_owned();
    }
    // The offset on that day, which may differ from today's because of daylight saving time.
    let noon = format!("{date}T12:00:00Z").parse().ok();
    let minutes = offset_minutes(noon);
    if time.is_empty() {
        return format!("{date}{}", zone(minutes));
    }
    let seconds = if clock.matches(':').count() == 1 { ":00" } else { "" };
    format!("{date}T{}{seconds}{}", padded(clock), zone(minutes))
}

/// True for a date: `2026-11-23`.
fn is_date(text: &str) -> bool {
    let is_right = |(at, byte): (usize, u8)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
    text.len() == 10 && text.bytes().enumerate().all(is_right)
}

/// True for a time of day: `9:30`, `09:30:05`, `09:30:05.125`.
fn is_clock(text: &str) -> bool {
    let (time, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_number =
        |text: &str, lengths: &[usize]| lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = time.split(':').collect();
    let is_time = match parts.as_slice() {
        [hour, minute] => is_number(hour, &[1, 2]) && is_number(minute, &[2]) && !text.contains('.'),
        [hour, minute, second] => is_number(hour, &[1, 2]) && is_number(minute, &[2]) && is_number(second, &[2]),
        _ => false,
    };
    is_time && !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit())
}

fn shifted(at: Timestamp, offset_minutes: i32) -> Timestamp {
    Timestamp::from_millis(at.as_millis().saturating_add_signed(i64::from(offset_minutes) * 60_000))
}

fn offset(minutes: i32) -> String {
    let sign = if minutes < 0 { '-' } else { '+' };
    let minutes = minutes.unsigned_abs();
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Timestamp = Timestamp::from_millis(1_795_426_200_125);

    #[test]
    fn a_time_is_formatted_in_the_chosen_zone() {
        assert_eq!(clock(AT, 0), "09:30:00.125");
        assert_eq!(clock(AT, 330), "15:00:00.125");
        assert_eq!(exact(AT, 0), "2026-11-23 09:30:00.125 UTC");
        assert_eq!(exact(AT, -600), "2026-11-22 23:30:00.125 -10:00");
    }

    #[test]
    fn a_moment_has_its_date_unless_it_is_today() {
        assert_eq!(moment(AT, AT, 0), "09:30:00");
        assert_eq!(moment(AT, Timestamp::from_millis(AT.as_millis() + 86_400_000), 60), "2026-11-23 10:30:00");
    }

    #[test]
    fn a_typed_time_without_a_zone_is_in_the_shown_zone() {
        for (typed, offset, sent) in [
            ("10m", 60, "10m"),
            ("3d", 60, "3d"),
            ("1795426200", 60, "1795426200"),
            ("2026-11-23 09:30", 60, "2026-11-23T09:30:00+01:00"),
            ("2026-11-23  9:30", 60, "2026-11-23T09:30:00+01:00"),
            (" 2026-11-23T09:30:05.1 ", 0, "2026-11-23T09:30:05.1Z"),
            ("2026-11-23T09:30:05Z", 60, "2026-11-23T09:30:05Z"),
            ("2026-11-23T09:30:05-08:00", 60, "2026-11-23T09:30:05-08:00"),
            ("2026-11-23", -300, "2026-11-23-05:00"),
            ("14:30", 120, "14:30+02:00"),
            ("9:30:05", 0, "09:30:05Z"),
            ("14:30Z", 60, "14:30Z"),
            ("14:3", 60, "14:3"),
            ("yesterday", 60, "yesterday"),
        ] {
            assert_eq!(for_server(typed, &|_| offset), sent);
        }
        // Standard time then, daylight saving time now.
        let offset = |at: Option<Timestamp>| if at.is_some() { 60 } else { 120 };
        assert_eq!(for_server("2026-11-23 09:30", &offset), "2026-11-23T09:30:00+01:00");
        assert_eq!(for_server("09:30", &offset), "09:30+02:00");
    }
}
