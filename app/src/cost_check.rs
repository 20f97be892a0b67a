//! Checks that parsers run in linear time. Containers write whatever they like, so no parser may
//! take longer.
//!
//! In: a fuzz target and an input. Out: nothing; panics if the input, repeated to [`LONG_BYTES`],
//! takes too long.

use std::time::Duration;

/// Length of the longest log line, and of the longest value that is searched for secrets, in bytes;
/// a quarter in debug builds, which are ten times slower.
const LONG_BYTES: usize = if cfg!(debug_assertions) { 16 << 10 } else { 64 << 10 };
/// Time limit per byte in an optimized build on a busy machine: a linear parser takes 50 ns or
/// less, a quadratic one 64 µs or more at this length.
const MAX_NANOS_PER_BYTE: u64 = if cfg!(debug_assertions) { 30_000 } else { 2_000 };
/// Interval, in inputs, at which an input is also checked at full length, which takes a thousand
/// times as long.
const CHECK_INTERVAL: u64 = 64;

/// Runs a target on an input, and for some inputs [`check`].
pub fn checked(target: fn(&[u8]), bytes: &[u8]) {
    target(bytes);
    // Depends on the input only, so that a finding can be reproduced.
    let mix = |sum: u64, byte: &u8| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let sum = bytes.iter().fold(0xcbf2_9ce4_8422_2325, mix);
    if sum.is_multiple_of(CHECK_INTERVAL) {
        check(target, bytes);
    }
}

/// Checks that a target runs in linear time on a repeated input.
///
/// # Panics
/// Panics if three runs in a row exceed the limit; one slow run may be due to shared caches.
pub fn check(target: fn(&[u8]), bytes: &[u8]) {
    if bytes.is_empty() {
        return;
    }
    let long = bytes.repeat(LONG_BYTES.div_ceil(bytes.len()));
    let allowed = Duration::from_nanos(MAX_NANOS_PER_BYTE * long.len() as u64);
    let took = || {
        let began = cpu_time();
        target(&long);
        cpu_time() - began
    };
    let best = std::iter::repeat_with(took).take(3).find(|took| *took <= allowed);
    assert!(best.is_some(), "{} bytes take more than {allowed:?}: {:?}…", long.len(), bytes.escape_ascii().to_string());
}

/// CPU time used by this thread, which excludes other programs. If Linux does not report it, the
/// time since the first call.
pub fn cpu_time() -> Duration {
    static FIRST_CALL: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    let reported = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = reported.as_deref().and_then(|text| text.split_whitespace().next()?.parse().ok());
    nanos.map_or_else(|| FIRST_CALL.elapsed(), Duration::from_nanos)
}

/// Texts in which every byte starts a pattern of some parser.
pub const HOSTILE: [&str; 40] = [
    "a=",
    "://",
    "\u{1b}[",
    "\u{1b}]",
    "\u{1b}[38;",
    "{",
    "[",
    "}",
    "\"",
    "\\",
    "\\u",
    "=",
    "-",
    "-p",
    " ",
    "\n",
    "\r",
    "\t",
    "%",
    "%2",
    "@",
    ":",
    "a:",
    "a: ",
    "'",
    ",",
    "$",
    "a@",
    "level=",
    "{\"a\":",
    "\"a\":",
    "key=\"",
    "token=",
    "-----BEGIN ",
    "fold=&",
    "q=a+",
    "\u{202e}",
    "é",
    "0",
    "1970-01-01T00:00:00Z ",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "bytes take more than")]
    fn a_quadratic_parser_is_detected() {
        check(
            |bytes| {
                let sum = (0..bytes.len()).map(|at| bytes[at..].iter().map(|byte| usize::from(*byte)).sum::<usize>());
                assert!(std::hint::black_box(sum.sum::<usize>()) > 0);
            },
            b"ab",
        );
    }
}
