//! What a key means. Pure.

use super::places::Way;

/// A key as it was pressed.
#[derive(Debug, Clone, Copy)]
pub struct Pressed<'a> {
    /// As `KeyboardEvent.key` has it.
    pub key: &'a str,
    /// Ctrl-K or Cmd-K.
    pub asks_for_palette: bool,
    /// With Ctrl, Cmd or Alt.
    pub modified: bool,
    /// With Shift; letters and signs carry that themselves.
    pub shifted: bool,
    /// Whether it goes to a field, a menu or a dialog.
    pub typed: bool,
    /// Whether the focus is on a container of a list.
    pub in_list: bool,
}

impl<'a> Pressed<'a> {
    /// A key alone, with the focus nowhere in particular.
    pub const fn plain(key: &'a str) -> Self {
        Self { key, asks_for_palette: false, modified: false, shifted: false, typed: false, in_list: false }
    }
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Open the palette.
    Palette,
    /// Open the help.
    Help,
    /// Go to the page's search field.
    Search,
    /// Wait for the second key of two.
    Lead,
    /// Go to a page.
    Go(&'static str),
    /// Open the log of the container that has the focus.
    Log,
    /// Move about in the list.
    Step(Way),
}

/// Pages by the key after `g`, with what they are called.
pub const PAGES: [(&str, &str, &str); 3] =
    [("c", "/containers", "Containers"), ("e", "/events", "Events"), ("t", "/realtime-test", "Realtime test")];

/// The command of a key; `leads` after a [`Command::Lead`].
pub fn command(pressed: Pressed<'_>, leads: bool) -> Option<Command> {
    let Pressed { key, asks_for_palette, modified, shifted, typed, in_list } = pressed;
    if asks_for_palette {
        return Some(Command::Palette);
    }
    if typed || modified {
        return None;
    }
    if leads && let Some((_, href, _)) = PAGES.iter().find(|(letter, ..)| *letter == key) {
        return Some(Command::Go(href));
    }
    match key {
        "?" => Some(Command::Help),
        "/" => Some(Command::Search),
        "g" => Some(Command::Lead),
        "l" => Some(Command::Log),
        "j" => Some(Command::Step(Way::Next)),
        "k" => Some(Command::Step(Way::Previous)),
        // Elsewhere these scroll the page; with Shift they select.
        _ if !in_list || shifted => None,
        "ArrowDown" => Some(Command::Step(Way::Down)),
        "ArrowUp" => Some(Command::Step(Way::Up)),
        "ArrowRight" => Some(Command::Step(Way::Right)),
        "ArrowLeft" => Some(Command::Step(Way::Left)),
        "Home" => Some(Command::Step(Way::First)),
        "End" => Some(Command::Step(Way::Last)),
        "PageDown" => Some(Command::Step(Way::PageDown)),
        "PageUp" => Some(Command::Step(Way::PageUp)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_commands_only_where_nothing_is_typed_and_alone() {
        let plain = Pressed::plain("j");
        assert_eq!(command(plain, false), Some(Command::Step(Way::Next)));
        assert_eq!(command(Pressed { typed: true, ..plain }, false), None);
        assert_eq!(command(Pressed { modified: true, ..plain }, false), None);
    }

    #[test]
    fn the_palette_opens_from_a_field_too() {
        let pressed = Pressed { asks_for_palette: true, modified: true, typed: true, ..Pressed::plain("k") };
        assert_eq!(command(pressed, false), Some(Command::Palette));
    }

    #[test]
    fn arrows_move_only_in_a_list_and_leave_shift_to_selecting() {
        let arrow = Pressed::plain("ArrowDown");
        assert_eq!(command(arrow, false), None, "they scroll");
        let in_list = Pressed { in_list: true, ..arrow };
        assert_eq!(command(in_list, false), Some(Command::Step(Way::Down)));
        assert_eq!(command(Pressed { shifted: true, ..in_list }, false), None);
    }

    #[test]
    fn g_and_a_letter_lead_to_a_page_and_the_letter_alone_does_not() {
        assert_eq!(command(Pressed::plain("g"), false), Some(Command::Lead));
        assert_eq!(command(Pressed::plain("t"), true), Some(Command::Go("/realtime-test")));
        assert_eq!(command(Pressed::plain("t"), false), None);
        assert_eq!(
            command(Pressed::plain("j"), true),
            Some(Command::Step(Way::Next)),
            "no page: the key's own meaning"
        );
    }
}
