//! Warnings about requests that are refused, or not understood, because of a header: which one, and why.
//!
//! One line a minute for each header and reason, however many requests have it; values are escaped and cut. Nothing that is a secret
//! is written down.

use axum::http::HeaderValue;
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{LazyLock, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Between two lines about the same thing.
const QUIET_PERIOD: Duration = Duration::from_secs(60);
/// Things that are remembered. Beyond these nothing is written until some are over: whoever makes them up fills no disk.
const MAX_KEYS: usize = 256;
/// Of a value: enough to know it by.
const MAX_VALUE_LEN: usize = 64;

/// When which line about a header and a reason was written.
static OF_HEADERS: LazyLock<Mutex<Written>> = LazyLock::new(Mutex::default);
/// The same of lines about hosts, origins and users, of which clients make up as many as they like.
static OF_NAMES: LazyLock<Mutex<Written>> = LazyLock::new(Mutex::default);

#[derive(Debug, Default)]
struct Written(HashMap<String, (Instant, u64)>);

impl Written {
    /// The number of lines left out since the last one, if it is time for another.
    fn turn(&mut self, key: &str, now: Instant) -> Option<u64> {
        if let Some((at, left_out)) = self.0.get_mut(key)
            && now.saturating_duration_since(*at) < QUIET_PERIOD
        {
            *left_out += 1;
            return None;
        }
        if self.0.len() >= MAX_KEYS && !self.0.contains_key(key) {
            self.0.retain(|_, (at, _)| now.saturating_duration_since(*at) < QUIET_PERIOD);
            if self.0.len() >= MAX_KEYS {
                return None;
            }
        }
        self.0.insert(key.to_owned(), (now, 0)).map_or(Some(0), |(_, left_out)| Some(left_out))
    }
}

/// The number of lines about `name` left out since the last one, if it is time for another.
pub(in crate::http) fn turn(name: &str) -> Option<u64> {
    turn_of(&OF_NAMES, name)
}

fn turn_of(written: &Mutex<Written>, key: &str) -> Option<u64> {
    written.lock().unwrap_or_else(PoisonError::into_inner).turn(key, Instant::now())
}

/// Warns that a request is refused because of `header`.
pub(in crate::http) fn refused(header: &str, value: &HeaderValue, reason: &str, from: IpAddr) {
    if let Some(left_out) = turn_of(&OF_HEADERS, &format!("refused {header} {reason}")) {
        tracing::warn!(header, value = shown(value.as_bytes()), reason, %from, left_out, "refused: a header cannot be read");
    }
}

/// The same about a header that holds a secret, or may.
pub(in crate::http) fn refused_secret(header: &str, reason: &str, from: IpAddr) {
    if let Some(left_out) = turn_of(&OF_HEADERS, &format!("refused {header} {reason}")) {
        tracing::warn!(header, reason, %from, left_out, "refused: a header cannot be read");
    }
}

/// Warns that a part of `header` is left out, and the request taken without it.
pub(in crate::http) fn left_out(header: &str, part: &[u8], reason: &str, from: IpAddr) {
    if let Some(left_out) = turn_of(&OF_HEADERS, &format!("left out {header} {reason}")) {
        tracing::warn!(header, part = shown(part), reason, %from, left_out, "a part of a header cannot be read and is left out");
    }
}

/// Escaped, so that it is one word of one line, and cut.
pub(in crate::http) fn shown(value: &[u8]) -> String {
    let cut = value.get(..MAX_VALUE_LEN).unwrap_or(value);
    let more = if cut.len() < value.len() { "…" } else { "" };
    format!("{}{more}", cut.escape_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_written_once_a_minute_and_says_how_many_it_stands_for() {
        let (mut written, start) = (Written::default(), Instant::now());
        assert_eq!(written.turn("host", start), Some(0));
        assert_eq!((written.turn("host", start), written.turn("host", start)), (None, None));
        assert_eq!(written.turn("origin", start), Some(0));
        assert_eq!(written.turn("host", start + QUIET_PERIOD), Some(2));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let (mut written, start) = (Written::default(), Instant::now());
        for key in 0..2 * MAX_KEYS {
            let _ = written.turn(&key.to_string(), start);
        }
        assert_eq!(written.0.len(), MAX_KEYS);
        assert_eq!(written.turn("another", start), None);
        assert_eq!(written.turn("another", start + QUIET_PERIOD), Some(0));
    }

    #[test]
    fn values_are_escaped_and_cut() {
        assert_eq!(shown(b"J\xfcrgen\x1b[31m"), r"J\xfcrgen\x1b[31m");
        let long = shown(&[b'a'; 1_000]);
        assert!(long.len() < 80 && long.ends_with('…'), "{long}");
    }
}
