//! Which entries a few typed letters mean, best first. Pure.

use super::entries::Entry;
use crate::format::fold;

/// Two letters that stand together at the beginning of a word are worth more than two that lie apart.
const WHOLE: u32 = 60;
const AT_WORD: u32 = 40;
const AT_START: u32 = 20;
const SCATTERED: u32 = 10;

/// At most `most` entries that every word of `words` is found in, best first; of equals, the earlier. Without words, those that are offered unasked.
pub fn best(entries: &[Entry], words: &str, most: usize) -> Vec<Entry> {
    let words = fold(words);
    let words = words.split_whitespace().collect::<Vec<_>>();
    if words.is_empty() {
        return entries.iter().filter(|entry| entry.unasked).take(most).cloned().collect();
    }
    let score_of = |entry: &Entry| Some(score(&words, &fold(&entry.label), &fold(&entry.hint))? + entry.weight);
    let mut scored = entries.iter().filter_map(|entry| Some((score_of(entry)?, entry))).collect::<Vec<_>>();
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    scored.into_iter().take(most).map(|(_, entry)| entry.clone()).collect()
}

/// How well every word is found in a label, or plainly in its hint; the shorter label wins.
fn score(words: &[&str], label: &str, hint: &str) -> Option<u32> {
    let each = |word: &&str| word_in(word, label).or_else(|| hint.contains(*word).then_some(SCATTERED));
    let sum = words.iter().map(each).sum::<Option<u32>>()?;
    let length = u32::try_from(label.chars().count()).unwrap_or(u32::MAX);
    Some(sum * 4 + 40_u32.saturating_sub(length.min(40)))
}

fn word_in(word: &str, label: &str) -> Option<u32> {
    let begins = |at: usize| label[..at].chars().next_back().is_none_or(|before| !is_of_word(before));
    let mut places = label.match_indices(word).map(|(at, _)| at).peekable();
    if places.peek().is_some() {
        let worth = |at| WHOLE + if begins(at) { AT_WORD } else { 0 } + if at == 0 { AT_START } else { 0 };
        return places.map(worth).max();
    }
    is_scattered(word, label).then_some(SCATTERED)
}

/// Letters of any script, without the tables that would tell them from other signs.
fn is_of_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || !character.is_ascii()
}

/// The letters in order, the first of them at the beginning of a word.
fn is_scattered(word: &str, label: &str) -> bool {
    let mut letters = word.chars();
    let Some(first) = letters.next() else { return true };
    let begins = |at: usize| label[..at].chars().next_back().is_none_or(|before| !is_of_word(before));
    label.match_indices(first).filter(|(at, _)| begins(*at)).any(|(at, _)| {
        let mut rest = label[at + first.len_utf8()..].chars();
        letters.clone().all(|letter| rest.any(|other| other == letter))
    })
}

#[cfg(test)]
mod tests {
    use super::{super::entries::Deed, *};

    fn entry(label: &str, hint: &str, weight: u32) -> Entry {
        Entry {
            label: label.to_owned(),
            hint: hint.to_owned(),
            kind: "",
            keys: "",
            weight,
            unasked: weight == 0,
            deed: Deed::Help,
        }
    }

    fn found(entries: &[Entry], words: &str) -> Vec<String> {
        best(entries, words, 10).into_iter().map(|entry| entry.label).collect()
    }

    #[test]
    fn beginnings_win_over_middles_and_those_over_scattered_letters() {
        let entries = ["spider-web", "web-1", "wagon-eb", "elsewhere"].map(|label| entry(label, "", 0));
        assert_eq!(found(&entries, "web"), ["web-1", "spider-web", "wagon-eb"]);
        assert_eq!(found(&entries, "WEB 1"), ["web-1"]);
    }

    #[test]
    fn every_word_has_to_be_found_somewhere() {
        let entries = [entry("Stop web-1", "nginx", 0), entry("Stop db", "postgres", 0), entry("web-1", "nginx", 5)];
        assert_eq!(found(&entries, "stop web"), ["Stop web-1"]);
        assert_eq!(found(&entries, "postgres"), ["Stop db"]);
        assert_eq!(found(&entries, "web"), ["web-1", "Stop web-1"], "the shorter");
        assert!(found(&entries, "stop nothing").is_empty());
    }

    #[test]
    fn without_words_only_what_is_offered_unasked() {
        let entries = [entry("Theme: dark", "", 0), entry("web-1", "", 1)];
        assert_eq!(found(&entries, "  "), ["Theme: dark"]);
    }

    #[test]
    fn letters_of_any_alphabet_are_cut_between_letters() {
        let entries = [entry("маяк-1", "", 0), entry("ümlaut", "", 0)];
        assert_eq!(found(&entries, "мк1"), ["маяк-1"]);
        assert_eq!(found(&entries, "üt"), ["ümlaut"]);
        assert_eq!(found(&entries, "МАЯК"), ["маяк-1"]);
        assert_eq!(found(&[entry("Straße", "", 0)], "STRASSE"), ["Straße"]);
    }
}
