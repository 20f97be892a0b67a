//! Passwords in addresses.

use super::{Found, SHORTEST_TOKEN, until};
use std::ops::Range;

/// `scheme://user:password@host`, `scheme://token@host`.
pub(super) fn in_addresses(text: &str, found: &mut Vec<Found>) {
    for (scheme_end, separator) in text.match_indices("://") {
        let start = scheme_end + separator.len();
        let word =
            until(text, start, |letter| letter.is_whitespace() || matches!(letter, '"' | '\'' | '`' | '<' | '>'));
        let strict = until(text, start, |letter| matches!(letter, '/' | '?' | '#')).min(word);
        let (user, password) = match text[start..strict].rfind('@') {
            Some(at) => split(text, start..start + at),
            // A password with a slash in it, which nobody encoded; a port is no password.
            None => match text[start..word].rfind('@').map(|at| split(text, start..start + at)) {
                Some((user, Some(password))) if !begins_with_port(&text[password.clone()]) => (user, Some(password)),
                _ => continue,
            },
        };
        match password {
            Some(password) if !password.is_empty() => {
                found.push(Found { place: password, name: "PASSWORD".to_owned() });
            }
            None if user.len() >= SHORTEST_TOKEN => found.push(Found { place: user, name: "TOKEN".to_owned() }),
            _ => {}
        }
    }
}

/// User and password of what stands before the `@`.
fn split(text: &str, place: Range<usize>) -> (Range<usize>, Option<Range<usize>>) {
    match text[place.clone()].find(':') {
        Some(colon) => (place.start..place.start + colon, Some(place.start + colon + 1..place.end)),
        None => (place, None),
    }
}

fn begins_with_port(text: &str) -> bool {
    text.split(['/', '?', '#'])
        .next()
        .is_some_and(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()))
}
