//! How long a reader takes for its input: a container writes what it likes, so that no reader may take more than time in proportion.
//!
//! In: a target and an input. Out: nothing; an input that is read too slowly, repeated to [`LONG_BYTES`], is the finding.

use std::time::Duration;

/// As long as the longest line of a log, and the longest value that is searched for secrets; a debug build takes ten times as long.
const LONG_BYTES: usize = if cfg!(debug_assertions) { 16 << 10 } else { 64 << 10 };
/// What a byte may take in an optimised build, on a machine that does something else besides: a reader takes 50 ns or less, and one
/// whose time is the square of its input 64 µs and more at this length.
const MAX_NANOS_PER_BYTE: u64 = if cfg!(debug_assertions) { 30_000 } else { 2_000 };
/// One input of so many is read once more, at length: that takes a thousand times as long.
const ONE_IN: u64 = 64;

/// Runs a target on an input, and on some inputs its [`check`].
pub fn checked(target: fn(&[u8]), bytes: &[u8]) {
    target(bytes);
    // Which ones depends on the input alone, so that a finding is found again.
    let mix = |sum: u64, byte: &u8| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let sum = bytes.iter().fold(0xcbf2_9ce4_8422_2325, mix);
    if sum.is_multiple_of(ONE_IN) {
        check(target, bytes);
    }
}

/// Checks that a target takes no longer for an input, repeated, than its length allows.
///
/// # Panics
/// Where it does, three times in a row: other programs run on the machine, too.
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

/// Processor time that this thread has used, so that other programs on the machine do not count. Where Linux does not report it, the
/// time since the first call.
pub fn cpu_time() -> Duration {
    static FIRST_CALL: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    let reported = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = reported.as_deref().and_then(|text| text.split_whitespace().next()?.parse().ok());
    nanos.map_or_else(|| FIRST_CALL.elapsed(), Duration::from_nanos)
}

/// Texts in which every byte begins something that some reader looks for.
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
    fn a_reader_whose_time_is_the_square_of_its_input_is_found() {
        check(
            |bytes| {
                let sum = (0..bytes.len()).map(|at| bytes[at..].iter().map(|byte| usize::from(*byte)).sum::<usize>());
                assert!(std::hint::black_box(sum.sum::<usize>()) > 0);
            },
            b"ab",
        );
    }
}
