//! Maps keys to commands. Pure.

use super::places::Direction;

/// A pressed key and its context.
#[derive(Debug, Clone, Copy)]
pub struct Pressed<'a> {
    /// Value of `KeyboardEvent.key`.
    pub key: &'a str,
    /// True for Ctrl+K or Cmd+K.
    pub is_palette_shortcut: bool,
    /// True if pressed with Ctrl, Cmd or Alt.
    pub modified: bool,
    /// True if pressed with Shift. The values of letters and symbols already include it.
    pub shifted: bool,
    /// True if a field, a menu or a dialog handles the key.
    pub typed: bool,
    /// True if a container in the list has the focus.
    pub in_list: bool,
}

impl<'a> Pressed<'a> {
    /// A key without modifiers or context.
    pub const fn plain(key: &'a str) -> Self {
        Self { key, is_palette_shortcut: false, modified: false, shifted: false, typed: false, in_list: false }
    }
}

/// A command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Open the palette.
    Palette,
    /// Open the help.
    Help,
    /// Focus the page's search field.
    Search,
    /// Wait for the second key of a sequence.
    StartSequence,
    /// Navigate to a page.
    Go(&'static str),
    /// Open the log of the focused container.
    Log,
    /// Move the focus in the list.
    Move(Direction),
}

/// Pages by the key after `g`: key, path, name.
pub const PAGES: [(&str, &str, &str); 3] =
    [("c", "/containers", "Containers"), ("e", "/events", "Events"), ("t", "/realtime-test", "Real-time test")];

/// The command of a key. `in_sequence` is true after [`Command::StartSequence`].
pub fn command(pressed: Pressed<'_>, in_sequence: bool) -> Option<Command> {
    let Pressed { key, is_palette_shortcut, modified, shifted, typed, in_list } = pressed;
    if is_palette_shortcut {
        return Some(Command::Palette);
    }
    if typed || modified {
        return None;
    }
    if in_sequence && let Some((_, href, _)) = PAGES.iter().find(|(letter, ..)| *letter == key) {
        return Some(Command::Go(href));
    }
    match key {
        "?" => Some(Command::Help),
        "/" => Some(Command::Search),
        "g" => Some(Command::StartSequence),
        "l" => Some(Command::Log),
        "j" => Some(Command::Move(Direction::Next)),
        "k" => Some(Command::Move(Direction::Previous)),
        // Outside the list these scroll the page; with Shift they select.
        _ if !in_list || shifted => None,
        "ArrowDown" => Some(Command::Move(Direction::Down)),
        "ArrowUp" => Some(Command::Move(Direction::Up)),
        "ArrowRight" => Some(Command::Move(Direction::Right)),
        "ArrowLeft" => Some(Command::Move(Direction::Left)),
        "Home" => Some(Command::Move(Direction::First)),
        "End" => Some(Command::Move(Direction::Last)),
        "PageDown" => Some(Command::Move(Direction::PageDown)),
        "PageUp" => Some(Command::Move(Direction::PageUp)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_commands_only_outside_fields_and_without_modifiers() {
        let plain = Pressed::plain("j");
        assert_eq!(command(plain, false), Some(Command::Move(Direction::Next)));
        assert_eq!(command(Pressed { typed: true, ..plain }, false), None);
        assert_eq!(command(Pressed { modified: true, ..plain }, false), None);
    }

    #[test]
    fn the_palette_also_opens_from_a_field() {
        let pressed = Pressed { is_palette_shortcut: true, modified: true, typed: true, ..Pressed::plain("k") };
        assert_eq!(command(pressed, false), Some(Command::Palette));
    }

    #[test]
    fn arrows_move_only_in_the_list_and_without_shift() {
        let arrow = Pressed::plain("ArrowDown");
        assert_eq!(command(arrow, false), None, "they scroll");
        let in_list = Pressed { in_list: true, ..arrow };
        assert_eq!(command(in_list, false), Some(Command::Move(Direction::Down)));
        assert_eq!(command(Pressed { shifted: true, ..in_list }, false), None);
    }

    #[test]
    fn g_and_a_letter_open_a_page_but_the_letter_alone_does_not() {
        assert_eq!(command(Pressed::plain("g"), false), Some(Command::StartSequence));
        assert_eq!(command(Pressed::plain("t"), true), Some(Command::Go("/realtime-test")));
        assert_eq!(command(Pressed::plain("t"), false), None);
        assert_eq!(
            command(Pressed::plain("j"), true),
            Some(Command::Move(Direction::Next)),
            "not a page, so its own command"
        );
    }
}
