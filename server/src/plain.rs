//! Texts of engines and containers as they may be shown: without what a terminal would act on.
//!
//! Enter: what a health check printed, the arguments of a process, an engine's sentence. Leaves: the same letters. Pure, and one pass.

const ESCAPE: char = '\u{1b}';
/// The same sequences begin with one letter of the C1 set, too.
const C1_CSI: char = '\u{9b}';
const C1_OSC: char = '\u{9d}';

/// Without escape sequences and control characters; lines stay lines, and a line that was written over becomes the next one.
pub fn plain(text: &str) -> String {
    let mut told = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            ESCAPE => match letters.next_if(|next| !next.is_control()) {
                Some('[') => skip_parameters(&mut letters),
                Some(']' | 'P' | '_' | '^' | 'X') => skip_string(&mut letters),
                // Character sets: one more letter.
                Some('(' | ')' | '*' | '+' | '#' | '%' | ' ') => drop(letters.next_if(|next| !next.is_control())),
                Some(_) | None => {}
            },
            C1_CSI => skip_parameters(&mut letters),
            C1_OSC => skip_string(&mut letters),
            '\r' if letters.peek() == Some(&'\n') => {}
            '\r' => told.push('\n'),
            '\n' | '\t' => told.push(letter),
            letter if letter.is_control() => {}
            letter => told.push(letter),
        }
    }
    told
}

/// The same in one line.
pub fn plain_line(text: &str) -> String {
    plain(text).trim().replace(['\n', '\t'], " ")
}

type Letters<'a> = std::iter::Peekable<std::str::Chars<'a>>;

/// Up to the letter that ends a sequence; one that was cut off ends with its line.
fn skip_parameters(letters: &mut Letters<'_>) {
    while letters.next_if(|letter| matches!(letter, ' '..='?')).is_some() {}
    letters.next_if(|letter| matches!(letter, '@'..='~'));
}

/// Titles and links, up to a bell or the sequence that ends them.
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
    fn what_a_terminal_would_act_on_is_left_out() {
        for (text, told) in [
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
            assert_eq!(plain(text), told, "{text:?}");
        }
        assert_eq!(plain_line(" two\r\nlines\t\u{1b}[0m"), "two lines");
    }
}
