//! Repairs invalid characters, numbers and words in JSON.

use serde_json::Value;

/// Replaces values that serde_json rejects: half a surrogate pair, a control character, a number
/// out of range, an unknown word.
pub(super) fn repaired(text: &str) -> String {
    let mut repaired = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        match first {
            '"' => {
                repaired.push('"');
                rest = repair_string(&rest[1..], &mut repaired);
            }
            '{' | '}' | '[' | ']' | ':' | ',' => {
                repaired.push(first);
                rest = &rest[1..];
            }
            _ if first.is_whitespace() => rest = &rest[first.len_utf8()..],
            _ => {
                let end = rest.find(['{', '}', '[', ']', ':', ',', '"']).unwrap_or(rest.len());
                let word = rest[..end].trim();
                repaired.push_str(if serde_json::from_str::<Value>(word).is_ok() { word } else { "null" });
                rest = &rest[end..];
            }
        }
    }
    repaired
}

/// Writes the string that starts after its opening quote; returns the text after it.
fn repair_string<'a>(text: &'a str, repaired: &mut String) -> &'a str {
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        match first {
            '"' => {
                repaired.push('"');
                return &rest[1..];
            }
            '\\' => {
                let (written, length) = escape(rest);
                repaired.push_str(written);
                rest = &rest[length..];
            }
            control if control < ' ' => {
                repaired.push(' ');
                rest = &rest[1..];
            }
            other => {
                repaired.push(other);
                rest = &rest[other.len_utf8()..];
            }
        }
    }
    rest
}

/// The escape sequence at the start of `text`, or its replacement, and its length in `text`, in
/// bytes.
fn escape(text: &str) -> (&str, usize) {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    match text.as_bytes().get(1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => (&text[..2], 2),
        Some(b'u') => match (unit(0), unit(6)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => (&text[..12], 12),
            (Some(0xD800..=0xDFFF), _) => ("\u{fffd}", 6),
            (Some(_), _) => (&text[..6], 6),
            (None, _) => ("\u{fffd}", 2),
        },
        _ => ("\u{fffd}", 1),
    }
}
