//! Finds and ranks the entries that match the input. Pure.

use super::entries::Entry;
use crate::format::fold;

/// Points for a match: contiguous, at the start of a word, at the start of the label, scattered.
const CONTIGUOUS: u32 = 60;
const WORD_START: u32 = 40;
const LABEL_START: u32 = 20;
const SCATTERED: u32 = 10;

/// Up to `limit` entries that match every word, best first; the order of equal matches is kept.
/// Without words, the default entries.
pub fn best(entries: &[Entry], words: &str, limit: usize) -> Vec<Entry> {
    let words = fold(words);
    let words = words.split_whitespace().collect::<Vec<_>>();
    if words.is_empty() {
        return entries.iter().filter(|entry| entry.is_default).take(limit).cloned().collect();
    }
    let score_of = |entry: &Entry| Some(score(&words, &fold(&entry.label), &fold(&entry.hint))? + entry.weight);
    let mut scored = entries.iter().filter_map(|entry| Some((score_of(entry)?, entry))).collect::<Vec<_>>();
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    scored.into_iter().take(limit).map(|(_, entry)| entry.clone()).collect()
}

/// Score of an entry in which every word matches the label or is contained in the hint. Shorter
/// labels score higher.
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
        let worth = |at| CONTIGUOUS + if begins(at) { WORD_START } else { 0 } + if at == 0 { LABEL_START } else { 0 };
        return places.map(worth).max();
    }
    is_scattered(word, label).then_some(SCATTERED)
}

/// True for a character of a word. All characters outside ASCII count, to avoid the Unicode tables.
fn is_of_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || !character.is_ascii()
}

/// True if the characters occur in order, the first at the start of a word.
fn is_scattered(word: &str, label: &str) -> bool {
    let mut characters = word.chars();
    let Some(first) = characters.next() else { return true };
    let begins = |at: usize| label[..at].chars().next_back().is_none_or(|before| !is_of_word(before));
    label.match_indices(first).filter(|(at, _)| begins(*at)).any(|(at, _)| {
        let mut rest = label[at + first.len_utf8()..].chars();
        characters.clone().all(|character| rest.any(|other| other == character))
    })
}

#[cfg(test)]
mod tests {
    use super::{super::entries::EntryAction, *};

    fn entry(label: &str, hint: &str, weight: u32) -> Entry {
        Entry {
            label: label.to_owned(),
            hint: hint.to_owned(),
            kind: "",
            keys: "",
            weight,
            is_default: weight == 0,
            on_choose: EntryAction::Help,
            log_of: None,
        }
    }

    fn found(entries: &[Entry], words: &str) -> Vec<String> {
        best(entries, words, 10).into_iter().map(|entry| entry.label).collect()
    }

    #[test]
    fn starts_rank_before_middles_and_scattered_matches() {
        let entries = ["spider-web", "web-1", "wagon-eb", "elsewhere"].map(|label| entry(label, "", 0));
        assert_eq!(found(&entries, "web"), ["web-1", "spider-web", "wagon-eb"]);
        assert_eq!(found(&entries, "WEB 1"), ["web-1"]);
    }

    #[test]
    fn every_word_must_match() {
        let entries = [entry("Stop web-1", "nginx", 0), entry("Stop db", "postgres", 0), entry("web-1", "nginx", 5)];
        assert_eq!(found(&entries, "stop web"), ["Stop web-1"]);
        assert_eq!(found(&entries, "postgres"), ["Stop db"]);
        assert_eq!(found(&entries, "web"), ["web-1", "Stop web-1"], "the shorter label");
        assert!(found(&entries, "stop nothing").is_empty());
    }

    #[test]
    fn without_words_only_default_entries_match() {
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
