//! Log warnings about requests that are refused or read in part because of a header.
//!
//! At most one line a minute per header and reason; values are escaped and shortened, and secrets
//! are omitted.

use axum::http::HeaderValue;
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{LazyLock, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Minimum time between two log lines about the same key.
const QUIET_PERIOD: Duration = Duration::from_secs(60);
/// Maximum number of keys. Beyond it, nothing is logged until some expire, so that made-up values
/// cannot fill a disk.
const MAX_KEYS: usize = 256;
/// Maximum length of values: enough to recognize one.
const MAX_VALUE_LEN: usize = 64;

/// Times of the log lines about headers.
static OF_HEADERS: LazyLock<Mutex<Written>> = LazyLock::new(Mutex::default);
/// Times of the log lines about hosts, origins and users, whose values clients can make up.
static OF_NAMES: LazyLock<Mutex<Written>> = LazyLock::new(Mutex::default);

#[derive(Debug, Default)]
struct Written(HashMap<String, (Instant, u64)>);

impl Written {
    /// The number of lines suppressed since the last one, if another line is due.
    fn next_line(&mut self, key: &str, now: Instant) -> Option<u64> {
        if let Some((at, suppressed)) = self.0.get_mut(key)
            && now.saturating_duration_since(*at) < QUIET_PERIOD
        {
            *suppressed += 1;
            return None;
        }
        if self.0.len() >= MAX_KEYS && !self.0.contains_key(key) {
            self.0.retain(|_, (at, _)| now.saturating_duration_since(*at) < QUIET_PERIOD);
            if self.0.len() >= MAX_KEYS {
                return None;
            }
        }
        self.0.insert(key.to_owned(), (now, 0)).map_or(Some(0), |(_, suppressed)| Some(suppressed))
    }
}

/// The number of lines about `key` suppressed since the last one, if another line is due.
pub(in crate::http) fn next_line(key: &str) -> Option<u64> {
    next_line_of(&OF_NAMES, key)
}

fn next_line_of(written: &Mutex<Written>, key: &str) -> Option<u64> {
    written.lock().unwrap_or_else(PoisonError::into_inner).next_line(key, Instant::now())
}

/// Warns that a request is refused because of a header.
pub(in crate::http) fn warn_refused(header: &str, value: &HeaderValue, reason: &str, from: IpAddr) {
    if let Some(suppressed) = next_line_of(&OF_HEADERS, &format!("refused {header} {reason}")) {
        tracing::warn!(header, value = shown(value.as_bytes()), reason, %from, suppressed, "refused: unreadable header");
    }
}

/// Warns that a request is refused because of a header that may contain a secret.
pub(in crate::http) fn warn_refused_secret(header: &str, reason: &str, from: IpAddr) {
    if let Some(suppressed) = next_line_of(&OF_HEADERS, &format!("refused {header} {reason}")) {
        tracing::warn!(header, reason, %from, suppressed, "refused: unreadable header");
    }
}

/// Warns that a part of a header is ignored.
pub(in crate::http) fn warn_ignored(header: &str, part: &[u8], reason: &str, from: IpAddr) {
    if let Some(suppressed) = next_line_of(&OF_HEADERS, &format!("ignored {header} {reason}")) {
        tracing::warn!(header, part = shown(part), reason, %from, suppressed, "ignored an unreadable part of a header");
    }
}

/// Escapes a value, so that it stays within one line, and shortens it.
pub(in crate::http) fn shown(value: &[u8]) -> String {
    let cut = value.get(..MAX_VALUE_LEN).unwrap_or(value);
    let more = if cut.len() < value.len() { "…" } else { "" };
    format!("{}{more}", cut.escape_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_is_logged_once_a_minute_with_the_suppressed_count() {
        let (mut written, start) = (Written::default(), Instant::now());
        assert_eq!(written.next_line("host", start), Some(0));
        assert_eq!((written.next_line("host", start), written.next_line("host", start)), (None, None));
        assert_eq!(written.next_line("origin", start), Some(0));
        assert_eq!(written.next_line("host", start + QUIET_PERIOD), Some(2));
    }

    #[test]
    fn the_number_of_warning_keys_is_limited() {
        let (mut written, start) = (Written::default(), Instant::now());
        for key in 0..2 * MAX_KEYS {
            let _ = written.next_line(&key.to_string(), start);
        }
        assert_eq!(written.0.len(), MAX_KEYS);
        assert_eq!(written.next_line("another", start), None);
        assert_eq!(written.next_line("another", start + QUIET_PERIOD), Some(0));
    }

    #[test]
    fn logged_values_are_escaped_and_truncated() {
        assert_eq!(shown(b"J\xfcrgen\x1b[31m"), r"J\xfcrgen\x1b[31m");
        let long = shown(&[b'a'; 1_000]);
        assert!(long.len() < 80 && long.ends_with('…'), "{long}");
    }
}
