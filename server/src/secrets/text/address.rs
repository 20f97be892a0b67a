//! Finds passwords in URLs, and URLs that are secrets themselves. Pure.

use super::{FoundSecret, MIN_TOKEN, Next, width};
use std::ops::Range;

/// Hosts of webhooks, and the part of the path after which the secret starts.
const WEBHOOKS: [(&str, &str); 12] = [
    ("hooks.slack.com", "/"),
    ("discord.com", "/webhooks/"),
    ("discordapp.com", "/webhooks/"),
    ("webhook.office.com", "/"),
    ("outlook.office.com", "/webhook"),
    ("outlook.office365.com", "/webhook"),
    ("hooks.zapier.com", "/hooks/"),
    ("maker.ifttt.com", "/key/"),
    ("api.telegram.org", "/bot"),
    ("open.feishu.cn", "/hook/"),
    ("open.larksuite.com", "/hook/"),
    ("hc-ping.com", "/"),
];
/// Maximum length of the path before the secret.
const MAX_PATH_BEFORE: usize = 128;

/// Finds `scheme://user:password@host`, `scheme://token@host`, webhooks, and Go's
/// `user:password@tcp(host)`.
pub(super) fn in_addresses(text: &str, found: &mut Vec<FoundSecret>) {
    let mut word_ends =
        Next::new(text, |letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'' | '`' | '<' | '>'));
    let mut path_starts = Next::new(text, |letter| matches!(letter, '/' | '?' | '#'));
    // The last `@` of the word that ends at `seen_end`.
    let (mut seen_end, mut last_at) = (usize::MAX, None);
    for (scheme_end, separator) in text.match_indices("://") {
        let start = scheme_end + separator.len();
        let word = word_ends.from(start);
        if word != seen_end {
            (seen_end, last_at) = (word, text[start..word].rfind('@').map(|at| start + at));
        }
        // The next URL in the same word ends this part, so that parts do not overlap.
        let strict = path_starts.from(start).min(word);
        webhook(text, start..strict, word, found);
        let (user, password) = match text[start..strict].rfind('@') {
            Some(at) => split(text, start..start + at, strict),
            // A password with an unencoded slash; a port is not a password.
            None => match last_at.filter(|at| *at > start).map(|at| split(text, start..at, strict)) {
                Some((user, Some(password))) if !begins_with_port(text, &password) => (user, Some(password)),
                _ => continue,
            },
        };
        match password {
            Some(password) if !password.is_empty() => found.push(FoundSecret::new(password, "PASSWORD")),
            None if user.len() >= MIN_TOKEN => found.push(FoundSecret::new(user, "TOKEN")),
            _ => {}
        }
    }
    go_sources(text, found);
}

/// Splits the text before the `@` into user and password; the colon between them is before
/// `strict`.
fn split(text: &str, range: Range<usize>, strict: usize) -> (Range<usize>, Option<Range<usize>>) {
    match text[range.start..range.end.min(strict)].find(':') {
        Some(colon) => (range.start..range.start + colon, Some(range.start + colon + 1..range.end)),
        None => (range, None),
    }
}

/// True if the text starts with digits up to the path.
fn begins_with_port(text: &str, password: &Range<usize>) -> bool {
    const MAX_PORT: usize = 6;
    let port = text[password.clone()].bytes().take(MAX_PORT);
    let digits = port.take_while(u8::is_ascii_digit).count();
    let after = text.as_bytes().get(password.start + digits);
    digits > 0 && (password.start + digits >= password.end || matches!(after, Some(b'/' | b'?' | b'#')))
}

/// Finds the secret part of a webhook URL.
fn webhook(text: &str, host: Range<usize>, word: usize, found: &mut Vec<FoundSecret>) {
    const MAX_HOST: usize = 255;
    if host.len() > MAX_HOST {
        return;
    }
    let name = text[host.clone()].rsplit('@').next().unwrap_or_default().split(':').next().unwrap_or_default();
    let is_of = |known: &str| {
        name.len() >= known.len()
            && name.as_bytes()[name.len() - known.len()..].eq_ignore_ascii_case(known.as_bytes())
            && (name.len() == known.len() || name.as_bytes()[name.len() - known.len() - 1] == b'.')
    };
    let Some((_, before)) = WEBHOOKS.iter().find(|(known, _)| is_of(known)) else { return };
    let until = text.floor_char_boundary(word.min(host.end + MAX_PATH_BEFORE));
    if let Some(at) = text[host.end..until].find(before) {
        let start = host.end + at + before.len();
        if start < word {
            found.push(FoundSecret::new(start..word, "WEBHOOK"));
        }
    }
}

/// Finds `user:password@tcp(host:3306)/db`.
fn go_sources(text: &str, found: &mut Vec<FoundSecret>) {
    const MAX_USER_AND_PASSWORD: usize = 128;
    for protocol in ["@tcp(", "@tcp4(", "@tcp6(", "@unix(", "@udp("] {
        for (at, _) in text.match_indices(protocol) {
            let from = text.ceil_char_boundary(at.saturating_sub(MAX_USER_AND_PASSWORD));
            let word = text[from..at]
                .rfind(|letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'' | '`'))
                .map_or(from, |range| from + range + width(text, from + range));
            if let Some(colon) = text[word..at].find(':') {
                found.push(FoundSecret::new(word + colon + 1..at, "PASSWORD"));
            }
        }
    }
}
