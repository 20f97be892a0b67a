//! Finds secrets within a text: passwords in URLs and command lines, `name=value` pairs and tokens.
//! Pure.
//!
//! Each pass goes forward once. Look-ahead is limited or cached, so that any text takes linear
//! time.

mod address;
mod command;
mod pairs;
mod piped;
mod tokens;

pub(super) use command::in_words as in_command;

use super::{MAX_VALUE_BYTES, Writer, shell_name, too_long};
use std::ops::Range;

/// Range of a secret in a text, and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FoundSecret {
    pub(super) range: Range<usize>,
    pub(super) name: String,
}

impl FoundSecret {
    pub(super) fn new(range: Range<usize>, name: &str) -> Self {
        Self { range, name: name.to_owned() }
    }
}

/// Minimum length of a token in bytes.
const MIN_TOKEN: usize = 16;

/// Replaces all secrets in a text. `of` is the name of the text, which is used in the names of the
/// secrets; may be empty.
pub fn text(text: &str, of: &str, writer: Writer) -> String {
    if text.len() > MAX_VALUE_BYTES {
        return if is_one_word(text) { text.to_owned() } else { too_long(of, text.len(), writer) };
    }
    replaced(text, secrets_in(text), of, writer)
}

/// True for a text of letters and digits that is not a token; it cannot contain a pair, a URL or a
/// command line. Truncated responses end with `…`.
fn is_one_word(text: &str) -> bool {
    let text = text.strip_suffix('…').unwrap_or(text);
    text.bytes().all(|byte| byte.is_ascii_alphanumeric()) && !tokens::is_token(text)
}

/// Finds all secrets in a text of at most [`MAX_VALUE_BYTES`].
pub(super) fn secrets_in(text: &str) -> Vec<FoundSecret> {
    let mut found = Vec::new();
    address::in_addresses(text, &mut found);
    pairs::in_pairs(text, &mut found);
    tokens::in_words(text, &mut found);
    tokens::in_hashes(text, &mut found);
    tokens::in_private_keys(text, &mut found);
    command::in_text(text, &mut found);
    piped::in_text(text, &mut found);
    found
}

/// Replaces the found secrets; overlapping ones are merged.
pub(super) fn replaced(text: &str, mut found: Vec<FoundSecret>, of: &str, writer: Writer) -> String {
    found.sort_by_key(|found| (found.range.start, std::cmp::Reverse(found.range.end)));
    let (mut replaced_text, mut end) = (String::with_capacity(text.len()), 0);
    for FoundSecret { range, name } in found {
        if range.start >= end && !range.is_empty() {
            replaced_text.push_str(&text[end..range.start]);
            replaced_text.push_str(&writer(&shell_name(&if of.is_empty() { name } else { format!("{of}_{name}") })));
        }
        end = end.max(range.end);
    }
    replaced_text + &text[end..]
}

/// Caches the position of the next matching character in a forward scan, so that each part of the
/// text is searched once.
struct Next<'a, F> {
    text: &'a str,
    wanted: F,
    from: usize,
    at: usize,
}

impl<'a, F: Fn(char) -> bool> Next<'a, F> {
    fn new(text: &'a str, wanted: F) -> Self {
        // Nothing was searched yet.
        Self { text, wanted, from: usize::MAX, at: 0 }
    }

    /// Position of the first match from `start` on, or the end of the text.
    fn from(&mut self, start: usize) -> usize {
        if !(self.from <= start && start <= self.at) {
            let found = self.text.get(start..).and_then(|rest| rest.find(&self.wanted));
            (self.from, self.at) = (start, found.map_or(self.text.len(), |at| start + at));
        }
        self.at
    }
}

/// Length of the character at `at` in bytes.
fn width(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(1, char::len_utf8)
}

#[cfg(test)]
mod tests;
