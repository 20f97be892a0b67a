//! Finds secret values in `name=value`, `"name": "value"`, `Name: value`, `--name value` and
//! `<name>value`. Pure.

use super::{super::name, FoundSecret, MIN_TOKEN, Next, command, width};
use std::ops::Range;

/// Maximum length of a name in bytes, backwards from its separator.
const MAX_NAME: usize = 128;
/// Maximum number of spaces between a name and its separator, as in configuration files.
const MAX_SPACES: usize = 16;
/// Words that are followed by a secret in settings and statements: `requirepass x`,
/// `IDENTIFIED BY 'x'`.
const BARE: [&str; 6] = ["requirepass", "masterauth", "PASSWORD", "PASSWD", "BY", "_authToken"];

/// A name and its surroundings.
struct Name<'a> {
    name: &'a str,
    start: usize,
    quoted: bool,
    spaces: bool,
}

pub(super) fn in_pairs(text: &str, found: &mut Vec<FoundSecret>) {
    let mut ends = Ends::new(text);
    let mut after = 0;
    let separators = text.bytes().enumerate().filter(|(_, byte)| matches!(byte, b'=' | b':' | b' ' | b'\t' | b'>'));
    for (at, separator) in separators {
        if at < after {
            continue;
        }
        let Some(name) = name_before(text, at) else { continue };
        if !applies(text, &name, at, separator) || !may_be_secret(&name) {
            continue;
        }
        let range = value(text, &name, at, separator, &mut ends);
        let value = &text[range.clone()];
        let is_flag = matches!(separator, b' ' | b'\t');
        if is_flag && value.starts_with('-') || command::is_reference(value) {
            continue;
        }
        let is_secret = name::names_a_secret(trimmed(name.name), value) || is_code(text, &name, value);
        if is_secret || is_bare(&name) && is_flag && !value.is_empty() {
            let range = with_scheme(text, range, &name, &mut ends);
            after = range.end;
            found.push(FoundSecret::new(range, trimmed(name.name)));
        }
    }
}

fn may_be_secret(name: &Name<'_>) -> bool {
    name::may_name_a_secret(trimmed(name.name)) || is_bare(name) || name.name == "code"
}

/// True for `?code=…` in the URL of a cloud function or a sign-in.
fn is_code(text: &str, name: &Name<'_>, value: &str) -> bool {
    let before = name.start.checked_sub(1).map(|before| text.as_bytes()[before]);
    name.name == "code" && matches!(before, Some(b'?' | b'&')) && value.len() >= MIN_TOKEN
}

/// Removes leading dashes and dots.
fn trimmed(name: &str) -> &str {
    name.trim_start_matches(['-', '.'])
}

fn is_bare(name: &Name<'_>) -> bool {
    BARE.contains(&name.name) || ["password", "passwd"].iter().any(|bare| name.name.eq_ignore_ascii_case(bare))
}

/// True if a name and this separator form a pair.
fn applies(text: &str, name: &Name<'_>, at: usize, separator: u8) -> bool {
    let after = &text.as_bytes()[at + 1..];
    let begins_word = name.start == 0 || text.as_bytes()[name.start - 1].is_ascii_whitespace() || {
        matches!(text.as_bytes()[name.start - 1], b'"' | b'\'' | b'(' | b'`')
    };
    match separator {
        b'=' => true,
        // `host:port` is not a pair.
        b':' => name.quoted || matches!(after.first(), Some(b' ' | b'"' | b'\'')) || after.starts_with(b"\\\""),
        b'>' => name.start > 0 && text.as_bytes()[name.start - 1] == b'<',
        _ if name.quoted || name.spaces => false,
        _ if name.name.starts_with("--") => true,
        // Go's flags: `-token x`.
        _ if name.name.starts_with('-') => begins_word && name.name.len() > 3,
        _ if matches!(name.name, "requirepass" | "masterauth") => begins_word,
        // `ALTER USER x PASSWORD 'y'`.
        _ => is_bare(name) && matches!(after.first(), Some(b'\'' | b'"')) && is_of_statement(text, name),
    }
}

/// True unless the name is a `BY` without `IDENTIFIED`.
fn is_of_statement(text: &str, name: &Name<'_>) -> bool {
    const BEFORE: &[u8] = b"identified";
    let before = text[..name.start].trim_end().as_bytes();
    let tail = &before[before.len().saturating_sub(BEFORE.len())..];
    !name.name.eq_ignore_ascii_case("by") || tail.eq_ignore_ascii_case(BEFORE)
}

/// Finds the name that ends at `end`.
fn name_before(text: &str, end: usize) -> Option<Name<'_>> {
    let bytes = &text.as_bytes()[..end];
    let spaces = bytes.iter().rev().take(MAX_SPACES).take_while(|byte| **byte == b' ').count();
    let mut bare = &bytes[..end - spaces];
    let quoted = matches!(bare.last(), Some(b'"' | b'\''));
    if quoted {
        bare = &bare[..bare.len() - 1];
        // Within a string of JSON.
        bare = bare.strip_suffix(b"\\").unwrap_or(bare);
    }
    let is_of_name = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let length = bare.iter().rev().take(MAX_NAME).take_while(is_of_name).count();
    let start = bare.len() - length;
    // All ASCII, so these are character boundaries.
    (length > 0).then(|| Name { name: &text[start..bare.len()], start, quoted, spaces: spaces > 0 })
}

/// Ends of values, by the context of their names.
struct Ends<'a> {
    text: &'a str,
    usual: Next<'a, fn(char) -> bool>,
    of_query: Next<'a, fn(char) -> bool>,
    of_list: Next<'a, fn(char) -> bool>,
    of_tag: Next<'a, fn(char) -> bool>,
    of_line: Next<'a, fn(char) -> bool>,
}

impl<'a> Ends<'a> {
    fn new(text: &'a str) -> Self {
        let next = |wanted: fn(char) -> bool| Next::new(text, wanted);
        Self {
            text,
            usual: next(|letter| {
                letter.is_whitespace() || matches!(letter, ';' | '&' | ',' | '"' | '\'' | '|' | ')' | '}')
            }),
            of_query: next(|letter| {
                letter.is_whitespace() || matches!(letter, '&' | '#' | '"' | '\'' | '<' | '>' | '`')
            }),
            of_list: next(|letter| matches!(letter, ';' | '"' | '\'' | '\n')),
            of_tag: next(|letter| matches!(letter, '<' | '\n')),
            of_line: next(|letter| matches!(letter, '"' | '\'' | '\n')),
        }
    }
}

/// Range of the value after the separator at `at`, up to its closing quote or the usual end of a
/// pair.
fn value(text: &str, name: &Name<'_>, at: usize, separator: u8, ends: &mut Ends<'_>) -> Range<usize> {
    let skips_spaces = separator != b'=' || name.spaces;
    let spaces = if skips_spaces {
        text.as_bytes()[at + 1..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
    } else {
        0
    };
    let start = at + 1 + spaces;
    let rest = &text.as_bytes()[start..];
    if rest.starts_with(b"\\\"") {
        let end = text[start + 2..].find("\\\"").map_or(text.len(), |end| start + 2 + end);
        return start + 2..end;
    }
    let before = name.start.checked_sub(1).map(|before| text.as_bytes()[before]);
    match rest.first() {
        Some(quote @ (b'"' | b'\'')) => start + 1..closing(text, start + 1, *quote),
        _ if separator == b'>' => start..ends.of_tag.from(start),
        _ if separator == b'=' && matches!(before, Some(b'?' | b'&' | b'#')) => start..ends.of_query.from(start),
        _ if separator == b'=' && before == Some(b';') => start..ends.of_list.from(start),
        _ if separator == b':' && name.name.eq_ignore_ascii_case("cookie") => start..ends.of_line.from(start),
        _ => start..ends.usual.from(start),
    }
}

/// Position of the closing quote; quotes after a backslash do not count.
fn closing(text: &str, start: usize, quote: u8) -> usize {
    let mut escaped = false;
    for (at, byte) in text.as_bytes()[start..].iter().enumerate() {
        if *byte == quote && !escaped {
            return start + at;
        }
        escaped = *byte == b'\\' && !escaped;
    }
    text.len()
}

/// Extends a value with a scheme to the next word (`Bearer …`, `Basic …`), or for a digest to the
/// end of the line.
fn with_scheme(text: &str, range: Range<usize>, name: &Name<'_>, ends: &mut Ends<'_>) -> Range<usize> {
    const SCHEMES: [&str; 6] = ["bearer", "basic", "token", "apikey", "negotiate", "key"];
    let value = &text[range.clone()];
    let is = |scheme: &str| value.eq_ignore_ascii_case(scheme);
    if text.as_bytes().get(range.end) != Some(&b' ') {
        return range;
    }
    let start = (range.end + width(text, range.end)).min(text.len());
    if SCHEMES.iter().any(|scheme| is(scheme)) {
        let end = ends.usual.from(start);
        return if end > start { start..end } else { range };
    }
    let is_authorization = trimmed(name.name).to_ascii_lowercase().ends_with("authorization");
    if is_authorization && (is("digest") || value.starts_with("AWS4-")) {
        let end = ends.text[start..].find('\n').map_or(text.len(), |end| start + end);
        return start..end;
    }
    range
}
