//! Texts of others, as they may stand in a log line, on a terminal or in a command that is pasted into one.
//!
//! A container chooses its name, its command and its output, and a client its headers: a line break in them would be a log line of
//! its own, an escape would steer the terminal, and a mark that turns the direction of writing would show something else than is
//! there.

use std::fmt::Write as _;

/// Whether a letter steers whoever shows it, or cannot be seen.
pub fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The text with such letters written out: `\\n`, `\\u{202e}`.
pub fn printable(text: &str) -> String {
    let mut told = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\n' => told.push_str("\\n"),
            '\r' => told.push_str("\\r"),
            '\t' => told.push(' '),
            letter if is_hidden(letter) => {
                // Writing to a string does not fail.
                let _ = write!(told, "\\u{{{:x}}}", u32::from(letter));
            }
            letter => told.push(letter),
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_written_out() {
        for (given, told) in [
            ("web-1", "web-1"),
            ("a\nb\r\u{1b}[2J\u{7f}", "a\\nb\\r\\u{1b}[2J\\u{7f}"),
            ("\u{202e}txt.exe\u{200b}\u{9b}31m", "\\u{202e}txt.exe\\u{200b}\\u{9b}31m"),
            ("é 🚢 ü", "é 🚢 ü"),
        ] {
            assert_eq!(printable(given), told);
        }
    }
}
