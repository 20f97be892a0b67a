//! Words in a line, whatever their case. Letters beyond ASCII are found as they are written.

use std::ops::Range;

/// Where the words stand, from left to right; nowhere for no words.
pub fn places(text: &str, words: &str) -> Vec<Range<usize>> {
    let mut places = Vec::new();
    let mut from = 0;
    while let Some(place) = first(text, words, from) {
        from = place.end;
        places.push(place);
    }
    places
}

/// Whether they stand anywhere.
pub fn is_in(text: &str, words: &str) -> bool {
    first(text, words, 0).is_some()
}

fn first(text: &str, words: &str, from: usize) -> Option<Range<usize>> {
    let (text, words) = (text.as_bytes(), words.as_bytes());
    let head = words.first()?;
    let last = text.len().checked_sub(words.len())?;
    let (low, high) = (head.to_ascii_lowercase(), head.to_ascii_uppercase());
    let begins = |at: &usize| {
        let byte = text[*at];
        (byte == low || byte == high) && text[*at..*at + words.len()].eq_ignore_ascii_case(words)
    };
    (from..=last).find(begins).map(|at| at..at + words.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_any_case_and_do_not_overlap() {
        assert_eq!(places("Error: an ERROR", "error"), [0..5, 10..15]);
        assert_eq!(places("aaaa", "aa"), [0..2, 2..4]);
        assert_eq!(places("héllo É é", "é"), [1..3, 10..12]);
        assert!(places("x", "").is_empty() && places("", "x").is_empty());
        assert!(is_in("deep Inside", "INSIDE") && !is_in("short", "shorter"));
    }
}
