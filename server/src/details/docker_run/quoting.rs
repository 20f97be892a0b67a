//! Quotes arguments for a shell, including commands that are pasted into a terminal.
//!
//! Terminals act on control characters before the shell sees the quotes, and a line break ends the
//! command in shells without bracketed paste. Such characters are escaped in `$'…'`, which bash,
//! zsh, ksh, busybox and POSIX 2024 support. So are marks that change the text direction, because
//! the command shown would differ from the one that runs.

use crate::text::printable::is_hidden;

/// Character around the name of a shell variable in an argument. Neither arguments nor environment
/// variables can contain NUL.
const MARK: char = '\0';

/// Replaces a secret with a shell variable.
pub(in crate::details) fn variable(name: &str) -> String {
    format!("{MARK}{name}{MARK}")
}

/// Quotes an argument, except for its variables.
pub(super) fn quoted(word: &str) -> String {
    quoted_with(word, |part| if part.contains(is_hidden) { in_escapes(part) } else { in_quotes(part) })
}

/// Quotes for the container's shell, which may not support `$'…'`; the result is quoted again.
pub(super) fn quoted_inside(word: &str) -> String {
    quoted_with(word, in_quotes)
}

fn quoted_with(word: &str, quotes: impl Fn(&str) -> String) -> String {
    if word.is_empty() {
        return "''".to_owned();
    }
    let mut quoted = String::new();
    for (index, part) in word.split(MARK).enumerate() {
        match part {
            "" => {}
            // Every second part is between two marks. Marks that were in the argument itself make
            // no variable.
            name if index % 2 == 1 && is_name(name) => quoted += &format!("\"${name}\""),
            plain if plain.chars().all(is_safe) => quoted += plain,
            other => quoted += &quotes(other),
        }
    }
    quoted
}

fn in_quotes(part: &str) -> String {
    format!("'{}'", part.replace('\'', r"'\''"))
}

/// Escapes hidden characters as bytes with three octal digits, so that following digits are not
/// included.
fn in_escapes(part: &str) -> String {
    let mut quoted = "$'".to_owned();
    for letter in part.chars() {
        match letter {
            '\n' => quoted += r"\n",
            '\r' => quoted += r"\r",
            '\t' => quoted += r"\t",
            '\'' => quoted += r"\'",
            '\\' => quoted += r"\\",
            letter if is_hidden(letter) => {
                for byte in letter.encode_utf8(&mut [0; 4]).bytes() {
                    quoted += &format!("\\{byte:03o}");
                }
            }
            letter => quoted.push(letter),
        }
    }
    quoted + "'"
}

fn is_name(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_uppercase())
        && text.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_')
}

fn is_safe(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.' | ',' | ':' | '/' | '@' | '%' | '+' | '=')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_so_that_a_shell_reads_them_back() {
        for (word, expected) in [
            ("", "''"),
            ("nginx:1.27-alpine", "nginx:1.27-alpine"),
            ("daemon off;", "'daemon off;'"),
            ("it's", r"'it'\''s'"),
            ("$HOME `id` \"x\"", "'$HOME `id` \"x\"'"),
            ("a\nb", r"$'a\nb'"),
            ("a\r\u{3}rm -rf ~\u{1b}[2J", r"$'a\r\003rm -rf ~\033[2J'"),
            ("it's\t\\1", r"$'it\'s\t\\1'"),
            ("\u{202e}gnp.sh", r"$'\342\200\256gnp.sh'"),
            ("\u{9b}1", r"$'\302\2331'"),
            ("*", "'*'"),
            ("~", "'~'"),
            ("é", "'é'"),
            ("\0TOKEN\0", "\"$TOKEN\""),
            ("URL=http://u:\0URL_PASSWORD\0@h/a b", "URL=http://u:\"$URL_PASSWORD\"'@h/a b'"),
        ] {
            assert_eq!(quoted(word), expected);
        }
    }

    #[test]
    fn control_characters_of_a_container_run_no_command() {
        assert_eq!(quoted("a\0$(id)\0b"), "a'$(id)'b");
        assert_eq!(quoted("\0X`id`"), "'X`id`'");
    }

    #[test]
    fn quoted_words_have_no_control_characters() {
        for number in (1..0x300).chain(0x2000..0x2100).chain(0xfe00..0xff00) {
            let Some(letter) = char::from_u32(number) else { continue };
            let quoted = quoted(&format!("a{letter}b"));
            assert!(!quoted.contains(is_hidden), "{number:x}: {quoted:?}");
        }
    }

    #[test]
    fn a_shell_reads_back_every_word() {
        let words = ["a\nb", "it's\r\u{1b}[31m", "\u{202e}x\\", "\u{1}7", "$(id)\u{7f}`id`", "\n"];
        let script = format!("printf '%s\\0' {}", words.map(quoted).join(" "));
        let read = std::process::Command::new("bash").arg("-c").arg(script).output();
        let Ok(read) = read else { return };
        assert_eq!(String::from_utf8_lossy(&read.stdout), words.map(|word| format!("{word}\0")).concat());
    }
}
