//! Escapes untrusted text for log lines, terminals and commands to paste. Pure.
//!
//! Containers control their names, commands and output, and clients their headers. A line break
//! could fake a log line, an escape could control the terminal, and a direction mark could hide the
//! real text.

use std::fmt::Write as _;

/// True for control characters and invisible characters.
pub fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Escapes hidden characters, as in `\n` and `\u{202e}`; a tab becomes a space.
pub fn printable(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push(' '),
            letter if is_hidden(letter) => {
                // Writing to a string does not fail.
                let _ = write!(escaped, "\\u{{{:x}}}", u32::from(letter));
            }
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped() {
        for (given, escaped) in [
            ("web-1", "web-1"),
            ("a\nb\r\u{1b}[2J\u{7f}", "a\\nb\\r\\u{1b}[2J\\u{7f}"),
            ("\u{202e}txt.exe\u{200b}\u{9b}31m", "\\u{202e}txt.exe\\u{200b}\\u{9b}31m"),
            ("é 🚢 ü", "é 🚢 ü"),
        ] {
            assert_eq!(printable(given), escaped);
        }
    }
}
