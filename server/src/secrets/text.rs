//! Secrets within a text: passwords in addresses, `name=value` with a secret's name, and what looks like a token.

mod address;

use super::{Writer, name::names_a_secret, shell_name};
use address::in_addresses;
use std::ops::Range;

/// A secret's place in a text, and what it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    place: Range<usize>,
    name: String,
}

/// How tokens begin, by those who hand them out.
const TOKENS: [&str; 23] = [
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "sk-",
    "sk_live_",
    "sk_test_",
    "rk_live_",
    "xoxb-",
    "xoxp-",
    "xapp-",
    "npm_",
    "dckr_pat_",
    "pypi-",
    "hf_",
    "hvs.",
    "dop_v1_",
    "AIza",
    "AKIA",
    "ASIA",
];
/// A shorter word that begins so is no token.
const SHORTEST_TOKEN: usize = 16;

/// The text with every secret in it replaced. `of` is what the text itself is called, for the secrets' names; it may be empty.
pub fn text(text: &str, of: &str, writer: Writer) -> String {
    let mut found = Vec::new();
    in_addresses(text, &mut found);
    in_pairs(text, &mut found);
    in_words(text, &mut found);
    in_private_keys(text, &mut found);
    found.sort_by_key(|found| (found.place.start, std::cmp::Reverse(found.place.end)));
    let (mut told, mut end) = (String::with_capacity(text.len()), 0);
    for Found { place, name } in found {
        if place.start >= end {
            told.push_str(&text[end..place.start]);
            told.push_str(&writer(&shell_name(&if of.is_empty() { name } else { format!("{of}_{name}") })));
        }
        // One that begins within another goes with it.
        end = end.max(place.end);
    }
    told + &text[end..]
}

/// `name=value`, `"name": "value"`, `Name: value` and `--name value`.
fn in_pairs(text: &str, found: &mut Vec<Found>) {
    for (at, separator) in text.char_indices().filter(|(_, letter)| matches!(letter, '=' | ':' | ' ')) {
        let Some((name, quoted)) = name_before(text, at) else { continue };
        let after = &text[at + 1..];
        let applies = match separator {
            '=' => true,
            // `host:port` is no pair.
            ':' => quoted || after.starts_with([' ', '"']),
            _ => name.starts_with("--"),
        };
        let blanks = if separator == '=' { 0 } else { after.len() - after.trim_start_matches(' ').len() };
        let place = value_at(text, at + 1 + blanks);
        let value = &text[place.clone()];
        if applies && !value.starts_with('-') && names_a_secret(name, value) {
            found.push(Found { place: with_scheme(text, place), name: name.to_owned() });
        }
    }
}

/// The name that ends at `end`, and whether it stands in quotes.
fn name_before(text: &str, end: usize) -> Option<(&str, bool)> {
    let before = &text[..end];
    let bare = before.strip_suffix(['"', '\'']).unwrap_or(before);
    let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.');
    let name = &bare[bare.rfind(|letter| !is_of_name(letter)).map_or(0, |at| at + last_width(bare, at))..];
    (!name.is_empty()).then_some((name, bare.len() < before.len()))
}

fn last_width(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(1, char::len_utf8)
}

/// The value that begins at `start`: to its closing quote, or to what usually stands between two pairs.
fn value_at(text: &str, start: usize) -> Range<usize> {
    match text[start..].chars().next() {
        Some(quote @ ('"' | '\'')) => start + 1..closing(text, start + 1, quote),
        _ => {
            start..until(text, start, |letter| {
                letter.is_whitespace() || matches!(letter, ';' | '&' | ',' | '"' | '\'' | '|' | ')' | '}')
            })
        }
    }
}

/// Where a quote is closed; one behind a backslash does not close it.
fn closing(text: &str, start: usize, quote: char) -> usize {
    let mut escaped = false;
    for (at, letter) in text[start..].char_indices() {
        if letter == quote && !escaped {
            return start + at;
        }
        escaped = letter == '\\' && !escaped;
    }
    text.len()
}

/// `Bearer …` and `Basic …` are two words and one value.
fn with_scheme(text: &str, place: Range<usize>) -> Range<usize> {
    match &text[place.clone()] {
        "Bearer" | "Basic" | "bearer" | "basic" | "token" => value_at(text, (place.end + 1).min(text.len())),
        _ => place,
    }
}

/// Tokens known by their beginnings, JSON web tokens, and whatever follows `Bearer`.
fn in_words(text: &str, found: &mut Vec<Found>) {
    let mut start = 0;
    let mut after_bearer = false;
    let is_of_word =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.' | '+' | '/' | '~');
    for word in text.split(|letter| !is_of_word(letter)) {
        let place = start..start + word.len();
        if word.len() >= SHORTEST_TOKEN && (after_bearer || is_token(word)) {
            found.push(Found { place: place.clone(), name: "TOKEN".to_owned() });
        }
        if !word.is_empty() {
            after_bearer = word.eq_ignore_ascii_case("bearer");
        }
        start = place.end + if place.end < text.len() { last_width(text, place.end) } else { 0 };
    }
}

fn is_token(word: &str) -> bool {
    let is_web_token = || word.starts_with("eyJ") && word.matches('.').count() == 2;
    TOKENS.iter().any(|beginning| word.starts_with(beginning)) || is_web_token()
}

fn in_private_keys(text: &str, found: &mut Vec<Found>) {
    let Some(begin) = text.find("-----BEGIN ") else { return };
    if text[begin..].contains("PRIVATE KEY-----") {
        let end = text.rfind("-----END ").map_or(text.len(), |end| until(text, end, |letter| letter == '\n'));
        found.push(Found { place: begin..end.max(begin), name: "PRIVATE_KEY".to_owned() });
    }
}

/// Where the first letter is for which `ends` holds, from `start` on; else the text's end.
fn until(text: &str, start: usize, ends: impl Fn(char) -> bool) -> usize {
    text.get(start..).and_then(|rest| rest.find(ends)).map_or(text.len(), |at| start + at)
}

#[cfg(test)]
mod tests;
