//! The key that an event means, for every shortcut of the product. Pure but for [`key`].
//!
//! In: `KeyboardEvent.key` and `.code`. Out: the key by which shortcuts are named. Layouts with Latin letters go by `key`, so that AZERTY
//! and Dvorak have each letter where it is printed. A layout without them (Cyrillic, Greek, Hebrew, …) has none of those letters, and
//! goes by the place of the key.

use leptos::ev::KeyboardEvent;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

/// The last letter came from a layout with Latin letters, or from one without.
const LATIN: u8 = 1;
const OTHER: u8 = 2;

/// The kind of the layout; 0 until a letter was pressed. A page has one keyboard.
static LAYOUT: AtomicU8 = AtomicU8::new(0);

/// The key that was pressed, as `KeyboardEvent.key` names it on a Latin layout; empty while an input method composes text.
pub fn key(event: &KeyboardEvent) -> String {
    // 229 is what browsers report for a key that the input method takes.
    if event.is_composing() || event.key_code() == 229 {
        return String::new();
    }
    let (key, code, shifted) = (event.key(), event.code(), event.shift_key());
    let layout = layout_of(&key, LAYOUT.load(Relaxed));
    LAYOUT.store(layout, Relaxed);
    resolve(key, &code, shifted, layout)
}

/// The kind of layout, from a key and what is known so far: letters show it, signs do not.
fn layout_of(key: &str, known: u8) -> u8 {
    match single(key) {
        Some(letter) if is_other_script(letter) => OTHER,
        Some(letter) if letter.is_ascii_alphabetic() => LATIN,
        _ => known,
    }
}

fn resolve(key: String, code: &str, shifted: bool, layout: u8) -> String {
    let Some(sign) = single(&key) else { return key };
    let meant = if is_other_script(sign) {
        at_place(code, shifted)
    } else if sign.is_ascii_alphabetic() {
        // Caps Lock is no Shift.
        Some(if shifted { sign.to_ascii_uppercase() } else { sign.to_ascii_lowercase() })
    } else if layout != LATIN {
        // Cyrillic and Hebrew layouts have a full stop and a comma on the key that is a slash elsewhere.
        match (code, sign) {
            ("Slash", '.') => Some('/'),
            ("Slash", ',') => Some('?'),
            _ => None,
        }
    } else {
        None
    };
    meant.map_or(key, String::from)
}

/// The letter or sign at a place of the keyboard, as the US layout has it.
fn at_place(code: &str, shifted: bool) -> Option<char> {
    if let Some(letter) = code.strip_prefix("Key").and_then(single) {
        return Some(if shifted { letter } else { letter.to_ascii_lowercase() });
    }
    (code == "Slash").then_some(if shifted { '?' } else { '/' })
}

/// The one character of a key that writes one; named keys such as `Enter` have more.
fn single(key: &str) -> Option<char> {
    let mut letters = key.chars();
    letters.next().filter(|_| letters.next().is_none())
}

/// Whether a letter is of a script that has no Latin letters. Accented letters are Latin; signs such as `–` and `€` are of no script.
const fn is_other_script(letter: char) -> bool {
    matches!(letter, '\u{370}'..='\u{1dff}' | '\u{1f00}'..='\u{1fff}' | '\u{2c00}'..='\u{2c5f}' | '\u{2c80}'..='\u{d7ff}' | '\u{f900}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn means(key: &str, code: &str, shifted: bool, expected: &str) {
        assert_eq!(resolve(key.to_owned(), code, shifted, layout_of(key, 0)), expected, "{key} {code} {shifted}");
    }

    #[test]
    fn a_layout_without_latin_letters_goes_by_the_place_of_the_key() {
        means("л", "KeyK", false, "k"); // Russian
        means("Л", "KeyK", true, "K");
        means("п", "KeyG", false, "g");
        means("ч", "KeyX", false, "x");
        means("κ", "KeyK", false, "k"); // Greek
        means("ל", "KeyK", false, "k"); // Hebrew
        means("ن", "KeyK", false, "k"); // Arabic
        means("ㅏ", "KeyK", false, "k"); // Korean
        means("б", "Slash", false, "/"); // Bulgarian
        means("Б", "Slash", true, "?");
        means("ж", "Semicolon", false, "ж"); // nothing of ours
    }

    #[test]
    fn a_latin_layout_goes_by_the_letter_wherever_it_is() {
        means("a", "KeyQ", false, "a"); // AZERTY
        means("q", "KeyA", false, "q");
        means("k", "KeyV", false, "k"); // Dvorak
        means("t", "KeyK", false, "t");
        means("z", "Slash", false, "z");
        means("/", "Digit7", true, "/"); // German
        means("?", "Minus", true, "?");
        means("-", "Slash", false, "-");
        means("!", "Slash", false, "!"); // AZERTY
        means("é", "Slash", false, "é"); // Canadian French
        means("ğ", "BracketLeft", false, "ğ"); // Turkish
        means("/", "KeyQ", false, "/"); // Hebrew has it there
    }

    #[test]
    fn the_slash_key_of_cyrillic_layouts_is_known_by_its_full_stop() {
        means(".", "Slash", false, "/");
        means(",", "Slash", true, "?");
        means(".", "Period", false, ".");
        // Turkish has a full stop there, too; its letters tell the two apart.
        assert_eq!(resolve(".".to_owned(), "Slash", false, layout_of("a", 0)), ".");
        assert_eq!(resolve(".".to_owned(), "Slash", false, layout_of("ф", LATIN)), "/");
        assert_eq!(layout_of("Enter", OTHER), OTHER);
        assert_eq!(layout_of("/", LATIN), LATIN);
    }

    #[test]
    fn caps_lock_is_no_shift() {
        means("J", "KeyJ", false, "j");
        means("J", "KeyJ", true, "J");
        means("j", "KeyJ", true, "J");
    }

    #[test]
    fn named_keys_keep_their_names() {
        for key in ["Enter", "Escape", "ArrowDown", "Tab", "Dead", "Process", "Unidentified", "F1", ""] {
            means(key, "KeyK", false, key);
        }
    }
}
