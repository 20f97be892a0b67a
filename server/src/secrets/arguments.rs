//! Masks secrets in command lines and variables. Pure.

use super::{
    MAX_VALUE_BYTES, Writer,
    name::names_a_secret,
    shell_name,
    text::{self, FoundSecret, text},
};

/// Replaces the secrets in the words of a command line, which starts with the program.
pub fn arguments<W: AsRef<str>>(words: &[W], writer: Writer) -> Vec<String> {
    let mut passwords = text::in_command(words.iter().map(|word| known(word.as_ref())), false).into_iter().peekable();
    let mut before = "";
    let mut masked = Vec::with_capacity(words.len());
    for (number, word) in words.iter().map(AsRef::as_ref).enumerate() {
        let range = passwords.next_if(|(of, _)| *of == number).map(|(_, range)| range);
        masked.push(match range {
            Some(range) if word.len() <= MAX_VALUE_BYTES => {
                let mut found = text::secrets_in(word);
                found.push(FoundSecret::new(range, "PASSWORD"));
                text::replaced(word, found, "", writer)
            }
            _ => argument(before, word, writer),
        });
        before = known(word);
    }
    masked
}

/// Returns a word, or nothing if the word is too long to be searched.
fn known(word: &str) -> &str {
    if word.len() <= MAX_VALUE_BYTES { word } else { "" }
}

/// Masks one word, considering the flag before it.
fn argument(flag: &str, word: &str, writer: Writer) -> String {
    if word.len() > MAX_VALUE_BYTES {
        return text(word, "", writer);
    }
    let is_value = flag.starts_with('-') && !flag.contains('=') && !word.starts_with('-');
    if is_value && names_a_secret(flag, word) {
        return writer(&shell_name(flag));
    }
    if let Some((name, value)) = word.split_once('=').filter(|(name, _)| is_name(name) && !is_script(flag)) {
        return format!("{name}={}", named(name, value, writer));
    }
    match word.split_once(':') {
        // `-u name:password`. A number is a group id, and the same word twice is a user and a
        // group.
        Some((user, password))
            if is_value
                && matches!(flag, "-u" | "--user")
                && !password.is_empty()
                && user != password
                && password.parse::<u32>().is_err() =>
        {
            format!("{user}:{}", writer("PASSWORD"))
        }
        _ => text(word, "", writer),
    }
}

/// True for the name of a variable or a flag.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}

/// True for flags such as those in `sh -c` and `bash -lc`: a script follows, in which a variable
/// ends at a space.
fn is_script(flag: &str) -> bool {
    flag == "CMD-SHELL" || flag.len() <= 6 && flag.starts_with('-') && !flag.starts_with("--") && flag.ends_with('c')
}

/// Replaces a secret value, or secrets within it, in `NAME=value`.
pub(super) fn variable(entry: &str, writer: Writer) -> String {
    match entry.split_once('=') {
        Some((name, value)) => format!("{}={}", super::truncated(name), named(name, value, writer)),
        None => text(entry, "", writer),
    }
}

/// Masks the value of a variable, a label or an option.
pub fn named(name: &str, value: &str, writer: Writer) -> String {
    if names_a_secret(name, value) { writer(&shell_name(name)) } else { text(value, name, writer) }
}

#[cfg(test)]
mod tests;
