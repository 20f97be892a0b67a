//! The compiled search pattern: plain text, or a regular expression of the browser's own engine.

use crate::format::{Folded, contains, fold};
use js_sys::{Array, Error, Function, Reflect, RegExp};
use leptos::wasm_bindgen::{JsCast, JsValue};
use std::ops::Range;

/// Maximum number of highlighted matches in one line.
const MAX_HIGHLIGHTS: usize = 200;

/// A search pattern. Used only in the browser.
pub(super) enum Pattern {
    /// No search.
    Nothing,
    /// Case-folded text.
    Words(String),
    /// A case-insensitive regular expression.
    Regex(RegExp),
    /// An invalid expression, with the browser's error message.
    Invalid(String),
}

impl Pattern {
    /// Compiles the search text.
    pub(super) fn new(search: &str, is_regex: bool) -> Self {
        match (search.is_empty(), is_regex) {
            (true, _) => Self::Nothing,
            (false, false) => Self::Words(fold(search).into_owned()),
            (false, true) => compiled(search).map_or_else(Self::Invalid, Self::Regex),
        }
    }

    /// True if there is a valid pattern.
    pub(super) const fn searches(&self) -> bool {
        matches!(self, Self::Words(_) | Self::Regex(_))
    }

    /// True if the text contains a match.
    pub(super) fn is_in(&self, text: &str) -> bool {
        match self {
            Self::Nothing | Self::Invalid(_) => false,
            Self::Words(words) => contains(text, words),
            Self::Regex(regex) => {
                regex.set_last_index(0);
                regex.test(text)
            }
        }
    }

    /// The ranges of all matches in a text.
    pub(super) fn places(&self, text: &str) -> Vec<Range<usize>> {
        match self {
            Self::Nothing | Self::Invalid(_) => Vec::new(),
            Self::Words(words) => Folded::new(text).places(words),
            Self::Regex(regex) => places(regex, text),
        }
    }
}

/// Calls the constructor through `Reflect`, which is the only way to catch its exception.
fn compiled(search: &str) -> Result<RegExp, String> {
    let result = Reflect::get(&js_sys::global(), &JsValue::from_str("RegExp"))
        .and_then(JsCast::dyn_into::<Function>)
        .and_then(|constructor| Reflect::construct(&constructor, &Array::of2(&search.into(), &"gi".into())));
    match result {
        Ok(regex) => Ok(regex.unchecked_into()),
        Err(error) => Err(error.dyn_ref::<Error>().map_or_else(String::new, |error| error.message().into())),
    }
}

fn places(regex: &RegExp, text: &str) -> Vec<Range<usize>> {
    regex.set_last_index(0);
    let mut places = Vec::new();
    for _ in 0..MAX_HIGHLIGHTS {
        let Some(found) = regex.exec(text) else { break };
        let from = Reflect::get(&found, &JsValue::from_str("index")).ok().and_then(|index| index.as_f64());
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index into a line")]
        let from = from.unwrap_or_default() as u32;
        let to = regex.last_index();
        if to <= from {
            // Skip an empty match, which would be found everywhere.
            regex.set_last_index(to + 1);
            continue;
        }
        places.push(from..to);
    }
    in_bytes(text, &places)
}

/// Converts the browser's UTF-16 offsets to bytes.
fn in_bytes(text: &str, places: &[Range<u32>]) -> Vec<Range<usize>> {
    let mut units = 0;
    let mut characters = text.char_indices();
    let mut byte_of = |unit: u32| {
        while units < unit {
            let Some((_, character)) = characters.next() else { return text.len() };
            units += character.len_utf16() as u32;
        }
        characters.clone().next().map_or(text.len(), |(at, _)| at)
    };
    places.iter().map(|place| byte_of(place.start)..byte_of(place.end)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf16_offsets_become_byte_offsets() {
        // é is one unit and two bytes, the ship two units and four bytes.
        assert_eq!(in_bytes("aé🚢b", &[0..1, 1..2, 2..4, 4..5]), [0..1, 1..3, 3..7, 7..8]);
        assert_eq!(in_bytes("ab", &[0..1, 1..9]), [0..1, 1..2]);
    }
}
