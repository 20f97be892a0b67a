//! ANSI escape sequences: SGR codes become styles, all others are dropped.

use std::borrow::Cow;

/// A color.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    /// One of the sixteen named colors, defined by the theme.
    Named(u8),
    /// Red, green and blue.
    Rgb(u8, u8, u8),
}

/// Style of a run of text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are self-explanatory")]
pub struct Style {
    pub text: Option<Color>,
    pub background: Option<Color>,
    pub bold: bool,
    pub faint: bool,
    pub italic: bool,
    pub underlined: bool,
    pub reversed: bool,
    pub strikethrough: bool,
}

/// Text of one style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run<'a> {
    /// Text of the run.
    pub text: &'a str,
    /// Style of the text.
    pub style: Style,
}

const ESCAPE: char = '\u{1b}';

/// The visible part of a line with carriage returns: progress bars overwrite themselves.
pub fn visible_part(text: &str) -> &str {
    let text = text.trim_end_matches('\r');
    text.rsplit_once('\r').map_or(text, |(_, last)| last)
}

/// Splits a line into runs.
pub fn runs(text: &str) -> Vec<Run<'_>> {
    let mut runs = Vec::new();
    let mut style = Style::default();
    let mut rest = text;
    loop {
        let (before, after) = match rest.split_once(ESCAPE) {
            Some((before, after)) => (before, Some(after)),
            None => (rest, None),
        };
        if !before.is_empty() {
            runs.push(Run { text: before, style });
        }
        let Some(after) = after else { return runs };
        let (sgr, behind) = sequence(after);
        if let Some(parameters) = sgr {
            style.apply(parameters);
        }
        rest = behind;
    }
}

/// The text without escape sequences.
pub fn plain(text: &str) -> Cow<'_, str> {
    let text = visible_part(text);
    if text.contains(ESCAPE) {
        Cow::Owned(runs(text).iter().map(|run| run.text).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// Parses the text after an escape character. Returns the parameters of an SGR sequence, and the
/// rest of the text.
fn sequence(after: &str) -> (Option<&str>, &str) {
    let mut letters = after.chars();
    match letters.next() {
        Some('[') => {
            let body = letters.as_str();
            match body.find(|letter: char| ('\u{40}'..='\u{7e}').contains(&letter)) {
                Some(end) => {
                    let is_sgr = body.as_bytes().get(end) == Some(&b'm');
                    (is_sgr.then(|| &body[..end]), &body[end + 1..])
                }
                // An incomplete sequence is dropped.
                None => (None, ""),
            }
        }
        // Titles and links, up to a bell (which the server replaces with a picture) or an escape
        // and a backslash.
        Some(']' | 'P' | '_' | '^' | 'X') => {
            let body = letters.as_str();
            let end = body.find(['\u{7}', '\u{2407}', ESCAPE]);
            let behind = end.and_then(|end| body.get(end..)).unwrap_or_default();
            let behind =
                behind.strip_prefix("\u{1b}\\").unwrap_or_else(|| behind.trim_start_matches(['\u{7}', '\u{2407}']));
            (None, behind)
        }
        // Character sets: one more character.
        Some('(' | ')' | '*' | '+' | '#' | '%' | ' ') => {
            letters.next();
            (None, letters.as_str())
        }
        _ => (None, letters.as_str()),
    }
}

impl Style {
    fn apply(&mut self, parameters: &str) {
        // `38:2::r:g:b` equals `38;2;r;g;b`, with a color space in between.
        let by_colons = parameters.contains(':');
        let mut codes =
            parameters.split([';', ':']).map(|code| if code.is_empty() { Some(0) } else { code.parse::<u16>().ok() });
        while let Some(code) = codes.next() {
            let Some(code) = code else { continue };
            match code {
                0 => *self = Self::default(),
                1 => self.bold = true,
                2 => self.faint = true,
                3 => self.italic = true,
                4 | 21 => self.underlined = true,
                7 => self.reversed = true,
                9 => self.strikethrough = true,
                22 => (self.bold, self.faint) = (false, false),
                23 => self.italic = false,
                24 => self.underlined = false,
                27 => self.reversed = false,
                29 => self.strikethrough = false,
                30..=37 => self.text = named(code - 30),
                38 => self.text = extended(&mut codes, by_colons),
                39 => self.text = None,
                40..=47 => self.background = named(code - 40),
                48 => self.background = extended(&mut codes, by_colons),
                49 => self.background = None,
                90..=97 => self.text = named(code - 90 + 8),
                100..=107 => self.background = named(code - 100 + 8),
                _ => {}
            }
        }
    }
}

fn named(number: u16) -> Option<Color> {
    u8::try_from(number).ok().map(Color::Named)
}

/// Parses an extended color: `5;n` or `2;r;g;b`.
fn extended(codes: &mut impl Iterator<Item = Option<u16>>, by_colons: bool) -> Option<Color> {
    let mut next = || codes.next().flatten().and_then(|code| u8::try_from(code).ok());
    match next()? {
        5 => Some(of_palette(next()?)),
        2 => {
            let first = next()?;
            let (second, third) = (next()?, next()?);
            // With colons, the first value may be the color space, even if empty.
            match by_colons.then(&mut next).flatten() {
                Some(fourth) => Some(Color::Rgb(second, third, fourth)),
                None => Some(Color::Rgb(first, second, third)),
            }
        }
        _ => None,
    }
}

/// A color of the 256-color palette: 16 named colors, a cube of 6 × 6 × 6, and 24 grays.
fn of_palette(number: u8) -> Color {
    let step = |level: u8| if level == 0 { 0 } else { 55 + level * 40 };
    match number {
        0..16 => Color::Named(number),
        16..232 => {
            let place = number - 16;
            Color::Rgb(step(place / 36), step(place / 6 % 6), step(place % 6))
        }
        232.. => {
            let gray = 8 + (number - 232) * 10;
            Color::Rgb(gray, gray, gray)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn styles(text: &str) -> Vec<(&str, Style)> {
        runs(text).into_iter().map(|run| (run.text, run.style)).collect()
    }

    #[test]
    fn styles_apply_until_they_are_reset() {
        let red = Style { text: Some(Color::Named(1)), bold: true, ..Style::default() };
        let underlined = Style { underlined: true, ..red };
        assert_eq!(
            styles("a\u{1b}[1;31mb\u{1b}[4mc\u{1b}[mz"),
            [("a", Style::default()), ("b", red), ("c", underlined), ("z", Style::default())]
        );
    }

    #[test]
    fn all_kinds_of_colors_are_parsed() {
        for (code, color) in [
            ("97", Color::Named(15)),
            ("38;5;9", Color::Named(9)),
            ("38;5;208", Color::Rgb(255, 135, 0)),
            ("38;5;232", Color::Rgb(8, 8, 8)),
            ("38;5;255", Color::Rgb(238, 238, 238)),
            ("38;2;1;2;3", Color::Rgb(1, 2, 3)),
            ("38:2::1:2:3", Color::Rgb(1, 2, 3)),
            ("38:2:1:2:3", Color::Rgb(1, 2, 3)),
        ] {
            let text = format!("\u{1b}[{code}mx");
            assert_eq!(styles(&text)[0].1.text, Some(color), "{code}");
        }
        assert_eq!(
            styles("\u{1b}[48;5;1;1mx")[0].1,
            Style { background: Some(Color::Named(1)), bold: true, ..Style::default() }
        );
        assert_eq!(styles("\u{1b}[31m\u{1b}[39mx")[0].1, Style::default());
    }

    #[test]
    fn other_escape_sequences_are_dropped() {
        for (text, letters) in [
            ("\u{1b}[2K\u{1b}[1Gdone", "done"),
            ("\u{1b}]0;title\u{7}x", "x"),
            ("\u{1b}]0;title\u{2407}x", "x"),
            ("\u{1b}]8;;http://x\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link"),
            ("\u{1b}(Bx", "x"),
            ("\u{1b}7x\u{1b}8", "x"),
            ("x\u{1b}[31", "x"),
            ("x\u{1b}", "x"),
            ("10%\r20%\r\r", "20%"),
            ("windows\r", "windows"),
        ] {
            assert_eq!(plain(text), letters, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics_and_no_escape_is_left(text in "(\u{1b}[\\[\\](]?|[0-9;:mKé🚢]){0,30}") {
            prop_assert!(!plain(&text).contains(ESCAPE));
        }
    }
}
