//! Signals by name and number.

use super::error::EngineError;

/// The signals people send, by number.
const NAMES: [(&str, i32); 14] = [
    ("HUP", 1),
    ("INT", 2),
    ("QUIT", 3),
    ("ABRT", 6),
    ("KILL", 9),
    ("USR1", 10),
    ("SEGV", 11),
    ("USR2", 12),
    ("PIPE", 13),
    ("ALRM", 14),
    ("TERM", 15),
    ("CONT", 18),
    ("STOP", 19),
    ("WINCH", 28),
];

/// SIGKILL.
pub const KILL: i32 = 9;

/// Reads `KILL`, `SIGKILL`, `sigkill` or `9`.
///
/// # Errors
/// `Invalid` with the engine's sentence.
pub fn parse(text: &str) -> Result<i32, EngineError> {
    let upper = text.to_ascii_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    let by_name = NAMES.iter().find(|(known, _)| *known == name).map(|(_, number)| *number);
    by_name
        .or_else(|| text.parse().ok().filter(|number| (1..=64).contains(number)))
        .ok_or_else(|| EngineError::Invalid(format!("Invalid signal: {text}")))
}

/// SIGTERM.
pub const TERM: i32 = 15;

/// Whether a service takes this signal as the word to leave. Any other that it does not handle is lost: it is process 1.
#[must_use]
pub fn ends_a_service(signal: i32) -> bool {
    matches!(signal, 2 | 3 | TERM)
}
