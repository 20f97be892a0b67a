//! Removes terminal sequences from texts of engines and containers.
//!
//! In: output of health checks, process arguments, engine messages. Out: the visible text. Pure, in
//! one pass. For log lines and terminals of this server, see [`crate::text::printable`].

const ESCAPE: char = '\u{1b}';
/// C1 control character that starts the same sequences as `ESC` with `[`.
const C1_CSI: char = '\u{9b}';
const C1_OSC: char = '\u{9d}';

/// Removes escape sequences and control characters. Line breaks are kept, and a carriage return
/// starts a new line.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            ESCAPE => match letters.next_if(|next| !next.is_control()) {
                Some('[') => skip_parameters(&mut letters),
                Some(']' | 'P' | '_' | '^' | 'X') => skip_string(&mut letters),
                // Character sets have one more character.
                Some('(' | ')' | '*' | '+' | '#' | '%' | ' ') => drop(letters.next_if(|next| !next.is_control())),
                Some(_) | None => {}
            },
            C1_CSI => skip_parameters(&mut letters),
            C1_OSC => skip_string(&mut letters),
            '\r' if letters.peek() == Some(&'\n') => {}
            '\r' => plain.push('\n'),
            '\n' | '\t' => plain.push(letter),
            letter if letter.is_control() => {}
            letter => plain.push(letter),
        }
    }
    plain
}

/// Like [`plain`], on one line.
pub fn plain_line(text: &str) -> String {
    plain(text).trim().replace(['\n', '\t'], " ")
}

type Letters<'a> = std::iter::Peekable<std::str::Chars<'a>>;

/// Skips to the end of a sequence; a truncated sequence ends with its line.
fn skip_parameters(letters: &mut Letters<'_>) {
    while letters.next_if(|letter| matches!(letter, ' '..='?')).is_some() {}
    letters.next_if(|letter| matches!(letter, '@'..='~'));
}

/// Skips titles and links, up to a bell or the sequence that ends them.
fn skip_string(letters: &mut Letters<'_>) {
    while letters.next_if(|letter| !matches!(*letter, '\u{7}' | ESCAPE | '\n' | '\u{9c}')).is_some() {}
    match letters.peek() {
        Some('\u{7}' | '\u{9c}') => drop(letters.next()),
        Some(&ESCAPE) => {
            letters.next();
            letters.next_if_eq(&'\\');
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminal_control_sequences_are_removed() {
        for (text, expected) in [
            ("\u{1b}[1;31mFATAL\u{1b}[0m no route", "FATAL no route"),
            ("\u{1b}[?25l\u{1b}[2Khi\u{1b}[38:2::1:2:3m!", "hi!"),
            ("\u{1b}]0;title\u{7}a\u{1b}]8;;http://h\u{1b}\\b\u{1b}(B", "ab"),
            ("\u{9b}31mred\u{9d}0;t\u{9c}.", "red."),
            ("10%\r20%\r\ndone\r\n", "10%\n20%\ndone\n"),
            ("a\u{0}\u{8}\u{7}\tb\u{7f}", "a\tb"),
            ("cut \u{1b}[3", "cut "),
            ("cut \u{1b}]0;no end\nnext", "cut \nnext"),
            ("\u{1b}", ""),
            ("Ошибка [x] ✓", "Ошибка [x] ✓"),
        ] {
            assert_eq!(plain(text), expected, "{text:?}");
        }
        assert_eq!(plain_line(" two\r\nlines\t\u{1b}[0m"), "two lines");
    }
}
