//! A log line, and its conversion to visible text. Pure.

use crate::engine::LogTime;
use app::model::LogStream;

/// A printed line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Output stream of the line.
    pub stream: LogStream,
    /// Time of the line.
    pub time: LogTime,
    /// Text without the line end; may be any bytes.
    pub text: Vec<u8>,
    /// True if the line was truncated.
    pub truncated: bool,
}

/// Converts bytes to text. Invalid UTF-8 becomes replacement characters, and control characters
/// become their Unicode pictures, except for tab, escape (colors) and carriage return.
pub fn visible(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    if !text.chars().any(is_hidden) {
        return text.into_owned();
    }
    text.chars().map(|letter| if is_hidden(letter) { picture(letter) } else { letter }).collect()
}

fn is_hidden(letter: char) -> bool {
    letter.is_ascii_control() && !matches!(letter, '\t' | '\r' | '\u{1b}')
}

/// Unicode picture of a control character; pictures and characters have the same order.
fn picture(control: char) -> char {
    match control {
        '\u{7f}' => '\u{2421}',
        control => char::from_u32(0x2400 + u32::from(control)).unwrap_or(char::REPLACEMENT_CHARACTER),
    }
}

/// Truncates to `max_bytes` bytes without splitting a character.
pub(super) fn truncate(bytes: &mut Vec<u8>, max_bytes: usize) {
    let mut end = bytes.len().min(max_bytes);
    // A character has at most four bytes, and all but the first start with the bits 10.
    let is_rest = |at: usize| bytes.get(at).is_some_and(|byte| byte & 0b1100_0000 == 0b1000_0000);
    for _ in 0..3 {
        if end > 0 && is_rest(end) {
            end -= 1;
        }
    }
    bytes.truncate(end);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_bytes_are_made_visible() {
        for (bytes, text) in [
            (&b"plain \t text"[..], "plain \t text"),
            (b"\x1b[31mred\x1b[0m 10%\r20%", "\u{1b}[31mred\u{1b}[0m 10%\r20%"),
            (b"nul \0 bell \x07 delete \x7f", "nul \u{2400} bell \u{2407} delete \u{2421}"),
            (b"bad \xff\xfe", "bad \u{fffd}\u{fffd}"),
            ("é🚢".as_bytes(), "é🚢"),
            (b"", ""),
        ] {
            assert_eq!(visible(bytes), text);
        }
    }

    #[test]
    fn a_line_is_cut_between_two_characters() {
        // é has two bytes, 🚢 four.
        for (max_bytes, text) in [(0, ""), (1, ""), (2, "é"), (3, "é"), (5, "é"), (6, "é🚢"), (9, "é🚢")] {
            let mut bytes = "é🚢".as_bytes().to_vec();
            truncate(&mut bytes, max_bytes);
            assert_eq!(String::from_utf8_lossy(&bytes), text, "{max_bytes}");
        }
    }
}
