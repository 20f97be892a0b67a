//! Maps keyboard events to the keys of shortcuts, for all layouts. Pure except for [`key`].
//!
//! In: `KeyboardEvent.key` and `.code`. Out: the key name used by shortcuts. Latin layouts use
//! `key`, so that letters on AZERTY and Dvorak are where they are printed. Other layouts (Cyrillic,
//! Greek, Hebrew, …) have no Latin letters and use the position of the key.

use leptos::ev::KeyboardEvent;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

/// Kinds of keyboard layout, known from the last letter: with Latin letters, or with others.
const LATIN: u8 = 1;
const OTHER: u8 = 2;

/// The current kind of layout; 0 until a letter was pressed. A page has one keyboard.
static LAYOUT: AtomicU8 = AtomicU8::new(0);

/// The pressed key as `KeyboardEvent.key` on a Latin layout; empty while an input method composes
/// text.
pub fn key(event: &KeyboardEvent) -> String {
    // Browsers report 229 for keys that an input method handles.
    if event.is_composing() || event.key_code() == 229 {
        return String::new();
    }
    let (key, code, shifted) = (event.key(), event.code(), event.shift_key());
    let layout = layout_of(&key, LAYOUT.load(Relaxed));
    LAYOUT.store(layout, Relaxed);
    resolve(key, &code, shifted, layout)
}

/// The kind of layout after a key: letters determine it, symbols keep the known kind.
fn layout_of(key: &str, known: u8) -> u8 {
    match single(key) {
        Some(letter) if is_other_script(letter) => OTHER,
        Some(letter) if letter.is_ascii_alphabetic() => LATIN,
        _ => known,
    }
}

fn resolve(key: String, code: &str, shifted: bool, layout: u8) -> String {
    let Some(character) = single(&key) else { return key };
    let meant = if is_other_script(character) {
        at_place(code, shifted)
    } else if character.is_ascii_alphabetic() {
        // Caps Lock does not count as Shift.
        Some(if shifted { character.to_ascii_uppercase() } else { character.to_ascii_lowercase() })
    } else if layout != LATIN {
        // Cyrillic and Hebrew layouts have a full stop and a comma on the US slash key.
        match (code, character) {
            ("Slash", '.') => Some('/'),
            ("Slash", ',') => Some('?'),
            _ => None,
        }
    } else {
        None
    };
    meant.map_or(key, String::from)
}

/// The character at a key position on the US layout.
fn at_place(code: &str, shifted: bool) -> Option<char> {
    if let Some(letter) = code.strip_prefix("Key").and_then(single) {
        return Some(if shifted { letter } else { letter.to_ascii_lowercase() });
    }
    (code == "Slash").then_some(if shifted { '?' } else { '/' })
}

/// The character of a key, if its name is a single one; named keys such as `Enter` have more.
fn single(key: &str) -> Option<char> {
    let mut letters = key.chars();
    letters.next().filter(|_| letters.next().is_none())
}

/// True for letters of other scripts. Accented letters are Latin; symbols such as `–` and `€`
/// belong to no script.
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
    fn other_layouts_use_the_position_of_the_key() {
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
        means("ж", "Semicolon", false, "ж"); // no shortcut
    }

    #[test]
    fn latin_layouts_use_the_letter() {
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
        means("/", "KeyQ", false, "/"); // Hebrew
    }

    #[test]
    fn cyrillic_layouts_have_a_full_stop_on_the_slash_key() {
        means(".", "Slash", false, "/");
        means(",", "Slash", true, "?");
        means(".", "Period", false, ".");
        // Turkish also has a full stop there; its letters distinguish the layouts.
        assert_eq!(resolve(".".to_owned(), "Slash", false, layout_of("a", 0)), ".");
        assert_eq!(resolve(".".to_owned(), "Slash", false, layout_of("ф", LATIN)), "/");
        assert_eq!(layout_of("Enter", OTHER), OTHER);
        assert_eq!(layout_of("/", LATIN), LATIN);
    }

    #[test]
    fn caps_lock_does_not_count_as_shift() {
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
