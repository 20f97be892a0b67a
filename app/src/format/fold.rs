//! Case-insensitive text matching; every search of the app uses it.
//!
//! Unicode case folding is upper case made lower case, except for a few letters: `ß` becomes `ss`,
//! a final `ς` becomes `σ`, and the four Turkish i (`i`, `ı`, `I`, `İ`) become one, since users
//! cannot know which of them a log contains. Folding letter by letter equals folding the whole
//! text, which [`Folded`] needs to map positions back to the text.

use std::{borrow::Cow, ops::Range};

/// The dot that `İ` leaves in lower case.
const DOT_ABOVE: char = '\u{307}';

/// Folds the case of characters outside ASCII. Uses the browser's functions, because Rust's tables
/// would add 12 kB to the browser's first module.
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(text.to_ascii_lowercase())
        } else {
            Cow::Borrowed(text)
        };
    }
    let mut folded = without_case(text).replace('ς', "σ").replace('ß', "ss");
    folded.retain(|letter| letter != DOT_ABOVE);
    Cow::Owned(folded)
}

/// Uses the browser's functions: Rust's tables would add 12 kB to the browser's first module.
fn without_case(text: &str) -> String {
    #[cfg(target_arch = "wasm32")]
    return js_sys::JsString::from(text).to_upper_case().to_lower_case().into();
    #[cfg(not(target_arch = "wasm32"))]
    text.to_uppercase().to_lowercase()
}

/// True if a text contains the folded words, in any case.
pub fn contains(text: &str, folded: &str) -> bool {
    if !text.is_ascii() {
        return fold(text).contains(folded);
    }
    let (text, words) = (text.as_bytes(), folded.as_bytes());
    let Some(head) = words.first() else { return true };
    let high = head.to_ascii_uppercase();
    let last = text.len().checked_sub(words.len());
    last.is_some_and(|last| {
        (0..=last).any(|at| {
            let byte = text[at];
            (byte == *head || byte == high) && text[at..at + words.len()].eq_ignore_ascii_case(words)
        })
    })
}

/// A folded text with the positions of its letters in the original.
#[derive(Debug)]
pub struct Folded<'a> {
    text: Cow<'a, str>,
    /// For each letter, its start in the original and in the folded text; empty if both are ASCII
    /// and have equal positions.
    letters: Vec<(usize, usize)>,
    original_len: usize,
}

impl<'a> Folded<'a> {
    /// Folds a text.
    pub fn new(original: &'a str) -> Self {
        let text = fold(original);
        let original_len = original.len();
        if original.is_ascii() {
            return Self { text, letters: Vec::new(), original_len };
        }
        // Usually each letter becomes one letter; only the combining dot becomes none.
        let is_one_by_one = !original.contains(DOT_ABOVE) && original.chars().count() == text.chars().count();
        let mut letters = Vec::new();
        if is_one_by_one {
            let here = text.char_indices().map(|(at, _)| at);
            letters.extend(original.char_indices().map(|(at, _)| at).zip(here));
        } else {
            let mut here = 0;
            for (at, letter) in original.char_indices() {
                letters.push((at, here));
                here += fold(letter.encode_utf8(&mut [0; 4])).len();
            }
        }
        Self { text, letters, original_len }
    }

    /// Ranges of folded words in the original, from left to right, without overlaps; empty for
    /// empty words.
    pub fn places(&self, words: &str) -> Vec<Range<usize>> {
        if words.is_empty() {
            return Vec::new();
        }
        let mut places: Vec<Range<usize>> = Vec::new();
        for (at, found) in self.text.match_indices(words) {
            let place = self.original(at, at + found.len());
            // Both halves of a letter that folds to two are found in the same place.
            if places.last().is_none_or(|last| last.end <= place.start) {
                places.push(place);
            }
        }
        places
    }

    /// Range of the original letters that a folded range is made of.
    fn original(&self, from: usize, to: usize) -> Range<usize> {
        if self.letters.is_empty() {
            return from..to;
        }
        let first = self.letters.partition_point(|(_, here)| *here <= from).saturating_sub(1);
        let end = self.letters.partition_point(|(_, here)| *here < to);
        let start = self.letters.get(first).map_or(0, |(at, _)| *at);
        start..self.letters.get(end).map_or(self.original_len, |(at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn case_is_ignored_in_any_alphabet() {
        for (typed, written) in [
            ("error", "ERROR"),
            ("ошибка", "Ошибка"),
            ("ОШИБКА", "ошибка"),
            ("straße", "STRASSE"),
            ("STRASSE", "straße"),
            ("STRAẞE", "strasse"),
            ("σίσυφος", "ΣΊΣΥΦΟΣ"),
            ("ΟΔΟΣ", "οδος"),
            ("istanbul", "İSTANBUL"),
            ("İstanbul", "ISTANBUL"),
            ("ışık", "IŞIK"),
            ("éclair", "ÉCLAIR"),
            ("ǆ", "Ǆ"),
            ("ﬁn", "FIN"),
            ("kelvin", "\u{212a}ELVIN"),
            ("日本", "日本"),
        ] {
            assert_eq!(fold(typed), fold(written), "{typed} {written}");
            assert!(contains(&format!("an {written}!"), &fold(typed)), "{typed} {written}");
        }
        assert_ne!(fold("e"), fold("é"));
        assert!(!contains("short", "shorter") && contains("anything", "") && !contains("ab", "é"));
    }

    fn marked(text: &str, words: &str) -> Vec<String> {
        Folded::new(text).places(&fold(words)).into_iter().map(|place| text[place].to_owned()).collect()
    }

    #[test]
    fn matches_are_marked_in_the_original_text() {
        assert_eq!(marked("Error: an ERROR", "error"), ["Error", "ERROR"]);
        assert_eq!(marked("Новая Ошибка, ошибка", "ОШИБКА"), ["Ошибка", "ошибка"]);
        assert_eq!(marked("die STRASSE, die Straße!", "straße"), ["STRASSE", "Straße"]);
        // Letters that fold to more or fewer letters come before the match.
        assert_eq!(marked("ßßß Ende", "ende"), ["Ende"]);
        assert_eq!(marked("i\u{307}\u{307} İİ end", "END"), ["end"]);
        // Half of a letter matches the whole letter.
        assert_eq!(marked("aßb", "s"), ["ß"]);
        assert_eq!(marked("aßb", "sb"), ["ßb"]);
        assert_eq!(marked("aaaa", "aa"), ["aa", "aa"]);
        assert_eq!(marked("İstanbul istanbul", "ISTANBUL"), ["İstanbul", "istanbul"]);
        assert!(marked("x", "").is_empty() && marked("", "x").is_empty());
    }

    proptest! {
        #[test]
        fn folding_letters_equals_folding_the_text(text in "[a-zA-ZßẞİıIiΣσςǰﬁé\u{307}Жж🚢]{0,12}|\\PC{0,12}") {
            let alone: String = text.chars().map(|letter| fold(&letter.to_string()).into_owned()).collect();
            prop_assert_eq!(&*fold(&text), alone);
        }

        #[test]
        fn a_part_of_a_text_is_found_and_marked_within_bounds(text in "\\PC{1,20}", part in any::<prop::sample::Index>()) {
            let letters: Vec<char> = text.chars().collect();
            let word: String = letters[part.index(letters.len())..].iter().take(3).collect();
            let folded = fold(&word);
            prop_assert!(contains(&text, &folded));
            let places = Folded::new(&text).places(&folded);
            prop_assert!(folded.is_empty() || !places.is_empty());
            for place in places {
                prop_assert!(text.get(place).is_some_and(|found| contains(found, &folded)));
            }
        }
    }
}
