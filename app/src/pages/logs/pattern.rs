//! What is searched for, ready to search with: words, or a regular expression by the browser's own engine.

use crate::format::{Folded, fold, holds};
use js_sys::{Array, Error, Function, Reflect, RegExp};
use leptos::wasm_bindgen::{JsCast, JsValue};
use std::ops::Range;

/// More matches in one line are not marked.
const MOST_MARKS: usize = 200;

/// In the browser only.
pub(super) enum Pattern {
    /// Nothing is searched for.
    Nothing,
    /// Words without their case.
    Words(String),
    /// A regular expression, in any case.
    Regex(RegExp),
    /// None, and what the browser says about it.
    Invalid(String),
}

impl Pattern {
    /// What was typed.
    pub(super) fn new(search: &str, is_regex: bool) -> Self {
        match (search.is_empty(), is_regex) {
            (true, _) => Self::Nothing,
            (false, false) => Self::Words(fold(search).into_owned()),
            (false, true) => compiled(search).map_or_else(Self::Invalid, Self::Regex),
        }
    }

    /// Whether it is something that can be found.
    pub(super) const fn searches(&self) -> bool {
        matches!(self, Self::Words(_) | Self::Regex(_))
    }

    /// Whether it stands in a text.
    pub(super) fn is_in(&self, text: &str) -> bool {
        match self {
            Self::Nothing | Self::Invalid(_) => false,
            Self::Words(words) => holds(text, words),
            Self::Regex(regex) => {
                regex.set_last_index(0);
                regex.test(text)
            }
        }
    }

    /// Where it stands in a text.
    pub(super) fn places(&self, text: &str) -> Vec<Range<usize>> {
        match self {
            Self::Nothing | Self::Invalid(_) => Vec::new(),
            Self::Words(words) => Folded::new(text).places(words),
            Self::Regex(regex) => places(regex, text),
        }
    }
}

/// Through the constructor as a value, because one that throws is caught only so.
fn compiled(search: &str) -> Result<RegExp, String> {
    let made = Reflect::get(&js_sys::global(), &JsValue::from_str("RegExp"))
        .and_then(JsCast::dyn_into::<Function>)
        .and_then(|constructor| Reflect::construct(&constructor, &Array::of2(&search.into(), &"gi".into())));
    match made {
        Ok(regex) => Ok(regex.unchecked_into()),
        Err(error) => Err(error.dyn_ref::<Error>().map_or_else(String::new, |error| error.message().into())),
    }
}

fn places(regex: &RegExp, text: &str) -> Vec<Range<usize>> {
    regex.set_last_index(0);
    let mut places = Vec::new();
    for _ in 0..MOST_MARKS {
        let Some(found) = regex.exec(text) else { break };
        let from = Reflect::get(&found, &JsValue::from_str("index")).ok().and_then(|index| index.as_f64());
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index into a line")]
        let from = from.unwrap_or_default() as u32;
        let to = regex.last_index();
        if to <= from {
            // Nothing was found here, which is everywhere.
            regex.set_last_index(to + 1);
            continue;
        }
        places.push(from..to);
    }
    in_bytes(text, &places)
}

/// The browser counts in units of UTF-16.
fn in_bytes(text: &str, places: &[Range<u32>]) -> Vec<Range<usize>> {
    let mut units = 0;
    let mut letters = text.char_indices();
    let mut byte_of = |unit: u32| {
        while units < unit {
            let Some((_, letter)) = letters.next() else { return text.len() };
            units += letter.len_utf16() as u32;
        }
        letters.clone().next().map_or(text.len(), |(at, _)| at)
    };
    places.iter().map(|place| byte_of(place.start)..byte_of(place.end)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_the_browser_become_bytes() {
        // é is one unit and two bytes, the ship two units and four bytes.
        assert_eq!(in_bytes("aé🚢b", &[0..1, 1..2, 2..4, 4..5]), [0..1, 1..3, 3..7, 7..8]);
        assert_eq!(in_bytes("ab", &[0..1, 1..9]), [0..1, 1..2]);
    }
}
