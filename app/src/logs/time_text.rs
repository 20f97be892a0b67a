//! Times of lines, in the zone that was chosen, and times that a person types.

use crate::model::Timestamp;

/// `09:30:00.125`, `offset_minutes` east of UTC.
pub fn clock(at: Timestamp, offset_minutes: i32) -> String {
    shifted(at, offset_minutes).to_string().get(11..23).unwrap_or_default().to_owned()
}

/// `2026-11-23 09:30:00.125 UTC` or `2026-11-23 10:30:00.125 +01:00`.
pub fn exact(at: Timestamp, offset_minutes: i32) -> String {
    let text = shifted(at, offset_minutes).to_string();
    let zone = if offset_minutes == 0 { "UTC".to_owned() } else { offset(offset_minutes) };
    format!("{} {} {zone}", text.get(..10).unwrap_or_default(), text.get(11..23).unwrap_or_default())
}

/// What a person typed, as the server reads it: a date with a time but without a zone gets the one shown, everything else stays.
pub fn for_server(typed: &str, offset_minutes: i32) -> String {
    let typed = typed.trim();
    let bytes = typed.as_bytes();
    let is_at = |place: usize, byte: u8| bytes.get(place) == Some(&byte);
    let is_date = is_at(4, b'-') && is_at(7, b'-') && is_at(13, b':') && (is_at(10, b' ') || is_at(10, b'T'));
    let has_zone = typed.get(16..).is_some_and(|rest| rest.contains(['Z', 'z', '+', '-']));
    if !is_date || has_zone {
        return typed.to_owned();
    }
    let seconds = if bytes.len() == 16 { ":00" } else { "" };
    let zone = if offset_minutes == 0 { "Z".to_owned() } else { offset(offset_minutes) };
    format!("{}T{}{seconds}{zone}", typed.get(..10).unwrap_or_default(), typed.get(11..).unwrap_or_default())
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
    fn a_time_is_told_in_the_zone_that_was_chosen() {
        assert_eq!(clock(AT, 0), "09:30:00.125");
        assert_eq!(clock(AT, 330), "15:00:00.125");
        assert_eq!(exact(AT, 0), "2026-11-23 09:30:00.125 UTC");
        assert_eq!(exact(AT, -600), "2026-11-22 23:30:00.125 -10:00");
    }

    #[test]
    fn a_time_without_a_zone_is_in_the_one_shown() {
        for (typed, offset, sent) in [
            ("10m", 60, "10m"),
            ("1795426200", 60, "1795426200"),
            ("2026-11-23 09:30", 60, "2026-11-23T09:30:00+01:00"),
            (" 2026-11-23T09:30:05.1 ", 0, "2026-11-23T09:30:05.1Z"),
            ("2026-11-23T09:30:05Z", 60, "2026-11-23T09:30:05Z"),
            ("2026-11-23T09:30:05-08:00", 60, "2026-11-23T09:30:05-08:00"),
            ("yesterday", 60, "yesterday"),
        ] {
            assert_eq!(for_server(typed, offset), sent);
        }
    }
}
