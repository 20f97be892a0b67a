//! Words as a POSIX shell takes them back.

/// Encloses the name of a variable within a word; no argument and no variable of a process can hold it.
const MARK: char = '\0';

/// Writes a secret as a variable of the shell.
pub(in crate::details) fn variable(name: &str) -> String {
    format!("{MARK}{name}{MARK}")
}

/// The word with what a shell would read otherwise in quotes, and its variables where they are read.
pub(super) fn quoted(word: &str) -> String {
    if word.is_empty() {
        return "''".to_owned();
    }
    let mut told = String::new();
    for (index, part) in word.split(MARK).enumerate() {
        match part {
            "" => {}
            // Every other part is between two marks. Another container's word may hold marks of its own: they make no variable.
            name if index % 2 == 1 && is_name(name) => told += &format!("\"${name}\""),
            plain if plain.chars().all(is_safe) => told += plain,
            other => told += &format!("'{}'", other.replace('\'', r"'\''")),
        }
    }
    told
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
        for (word, told) in [
            ("", "''"),
            ("nginx:1.27-alpine", "nginx:1.27-alpine"),
            ("daemon off;", "'daemon off;'"),
            ("it's", r"'it'\''s'"),
            ("$HOME `id` \"x\"", "'$HOME `id` \"x\"'"),
            ("a\nb", "'a\nb'"),
            ("*", "'*'"),
            ("~", "'~'"),
            ("é", "'é'"),
            ("\0TOKEN\0", "\"$TOKEN\""),
            ("URL=http://u:\0URL_PASSWORD\0@h/a b", "URL=http://u:\"$URL_PASSWORD\"'@h/a b'"),
        ] {
            assert_eq!(quoted(word), told);
        }
    }

    #[test]
    fn marks_that_somebody_else_set_run_nothing() {
        assert_eq!(quoted("a\0$(id)\0b"), "a'$(id)'b");
        assert_eq!(quoted("\0X`id`"), "'X`id`'");
    }
}
