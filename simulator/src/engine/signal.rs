//! Signals by name and number.

use super::error::EngineError;

/// The signals of Linux, by number.
const NAMES: [(&str, i32); 34] = [
    ("HUP", 1),
    ("INT", 2),
    ("QUIT", 3),
    ("ILL", 4),
    ("TRAP", 5),
    ("ABRT", 6),
    ("IOT", 6),
    ("BUS", 7),
    ("FPE", 8),
    ("KILL", 9),
    ("USR1", 10),
    ("SEGV", 11),
    ("USR2", 12),
    ("PIPE", 13),
    ("ALRM", 14),
    ("TERM", 15),
    ("STKFLT", 16),
    ("CHLD", 17),
    ("CLD", 17),
    ("CONT", 18),
    ("STOP", 19),
    ("TSTP", 20),
    ("TTIN", 21),
    ("TTOU", 22),
    ("URG", 23),
    ("XCPU", 24),
    ("XFSZ", 25),
    ("VTALRM", 26),
    ("PROF", 27),
    ("WINCH", 28),
    ("IO", 29),
    ("POLL", 29),
    ("PWR", 30),
    ("SYS", 31),
];

/// Number of SIGKILL.
pub const KILL: i32 = 9;

/// Parses `KILL`, `SIGKILL`, `sigkill` or `9`.
///
/// # Errors
/// `Invalid` with the engine's message.
pub fn parse(text: &str) -> Result<i32, EngineError> {
    let upper = text.to_ascii_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    let by_name = NAMES.iter().find(|(known, _)| *known == name).map(|(_, number)| *number);
    by_name
        .or_else(|| real_time(name))
        .or_else(|| text.parse().ok().filter(|number| (1..=64).contains(number)))
        .ok_or_else(|| EngineError::Invalid(format!("Invalid signal: {text}")))
}

/// Number of a real-time signal: `RTMIN+3` and so on.
fn real_time(name: &str) -> Option<i32> {
    let offset = |rest: &str, sign| match rest.strip_prefix(sign) {
        Some(digits) => digits.parse().ok(),
        None => rest.is_empty().then_some(0),
    };
    match name.strip_prefix("RTMIN") {
        Some(rest) => offset(rest, '+').map(|offset: i32| 34 + offset),
        None => offset(name.strip_prefix("RTMAX")?, '-').map(|offset| 64 - offset),
    }
}

/// Number of SIGTERM.
pub const TERM: i32 = 15;

/// True if a service exits on this signal. Other signals that it does not handle have no effect,
/// because it is process 1.
#[must_use]
pub fn ends_a_service(signal: i32) -> bool {
    matches!(signal, 2 | 3 | TERM)
}
