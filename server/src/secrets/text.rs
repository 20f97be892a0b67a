//! Secrets within a text: passwords in addresses and command lines, `name=value` with a secret's name, and what looks like a token.
//!
//! Each pass goes forward once. A pass that looks ahead remembers where it got to, or looks at a bounded part, so that a text in
//! which every letter begins something takes time in proportion to its length.

mod address;
mod command;
mod pairs;
mod tokens;

pub(super) use command::in_words as in_command;

use super::{MAX_VALUE_BYTES, Writer, shell_name, too_long};
use std::ops::Range;

/// A secret's place in a text, and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) place: Range<usize>,
    pub(super) name: String,
}

impl Found {
    pub(super) fn new(place: Range<usize>, name: &str) -> Self {
        Self { place, name: name.to_owned() }
    }
}

/// A user without a password, or a word, that is shorter than this is no token.
const MIN_TOKEN: usize = 16;

/// The text with every secret in it replaced. `of` is the name of the text itself, for the secrets' names; it may be empty.
pub fn text(text: &str, of: &str, writer: Writer) -> String {
    if text.len() > MAX_VALUE_BYTES {
        return if is_one_word(text) { text.to_owned() } else { too_long(of, text.len(), writer) };
    }
    replaced(text, secrets_in(text), of, writer)
}

/// Letters and digits alone hold no pair, no address and no command line; and this is no token. The reader of responses ends a text
/// that it cuts with `…`.
fn is_one_word(text: &str) -> bool {
    let text = text.strip_suffix('…').unwrap_or(text);
    text.bytes().all(|byte| byte.is_ascii_alphanumeric()) && !tokens::is_token(text)
}

/// All that is found in a text of at most [`MAX_VALUE_BYTES`].
pub(super) fn secrets_in(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    address::in_addresses(text, &mut found);
    pairs::in_pairs(text, &mut found);
    tokens::in_words(text, &mut found);
    tokens::in_hashes(text, &mut found);
    tokens::in_private_keys(text, &mut found);
    command::in_text(text, &mut found);
    found
}

/// The text with the secrets at these places replaced; one that begins within another goes with it.
pub(super) fn replaced(text: &str, mut found: Vec<Found>, of: &str, writer: Writer) -> String {
    found.sort_by_key(|found| (found.place.start, std::cmp::Reverse(found.place.end)));
    let (mut told, mut end) = (String::with_capacity(text.len()), 0);
    for Found { place, name } in found {
        if place.start >= end && !place.is_empty() {
            told.push_str(&text[end..place.start]);
            told.push_str(&writer(&shell_name(&if of.is_empty() { name } else { format!("{of}_{name}") })));
        }
        end = end.max(place.end);
    }
    told + &text[end..]
}

/// Positions of the next letter of some kind, in a scan that goes forward: a position is looked for once, however often it is
/// asked for from before it.
struct Next<'a, F> {
    text: &'a str,
    wanted: F,
    from: usize,
    at: usize,
}

impl<'a, F: Fn(char) -> bool> Next<'a, F> {
    fn new(text: &'a str, wanted: F) -> Self {
        // Nothing has been looked at yet.
        Self { text, wanted, from: usize::MAX, at: 0 }
    }

    /// The first such letter from `start` on; else the text's end.
    fn from(&mut self, start: usize) -> usize {
        if !(self.from <= start && start <= self.at) {
            let found = self.text.get(start..).and_then(|rest| rest.find(&self.wanted));
            (self.from, self.at) = (start, found.map_or(self.text.len(), |at| start + at));
        }
        self.at
    }
}

/// Width of the letter at `at`.
fn width(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(1, char::len_utf8)
}

#[cfg(test)]
mod tests;
