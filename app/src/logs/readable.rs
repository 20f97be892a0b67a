//! Formats a line for the page: pieces of text with their style, and whether the search matched
//! them.

use super::{
    Kind, Line,
    ansi::{self, Style},
    condensed::{Condensed, condense},
};
use std::ops::Range;

/// Maximum length of an unexpanded line that is rendered, in bytes: sixty lines of 64 KiB would
/// take the browser seconds.
const MAX_RENDERED_BYTES: usize = 4 << 10;

/// Text of a line with its styles.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Readable {
    /// The whole text.
    pub text: String,
    /// Ranges of the text and their styles, in order.
    pub runs: Vec<(Range<usize>, Style)>,
    /// True if the line was truncated.
    pub is_cut: bool,
}

/// A piece of text of one style that is either a match or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Text of the piece.
    pub text: String,
    /// Style of the text.
    pub style: Style,
    /// True if the search matched the text.
    pub is_found: bool,
}

/// Formats a line: JSON condensed, colors as styles.
pub fn readable(line: &Line) -> Readable {
    let is_json = matches!(line.kind, Kind::Printed { is_json: true, .. });
    let mut readable = match is_json.then(|| condense(&line.text)).flatten() {
        Some(condensed) => of_json(&condensed),
        None => of_text(&line.text),
    };
    readable.cut();
    readable
}

/// True if the predicate `is_in` matches the formatted line or, for JSON, the original text.
pub fn finds(line: &Line, is_in: &dyn Fn(&str) -> bool) -> bool {
    match line.kind {
        Kind::Divider | Kind::Gap { .. } => false,
        Kind::Printed { is_json: true, .. } => is_in(&line.text) || is_in(&readable(line).text),
        Kind::Printed { .. } => is_in(&ansi::plain(&line.text)),
    }
}

fn of_text(text: &str) -> Readable {
    let mut readable = Readable::default();
    for run in ansi::runs(ansi::visible_part(text)) {
        readable.add(run.text, run.style);
    }
    readable
}

fn of_json(condensed: &Condensed) -> Readable {
    let name_style = Style { faint: true, ..Style::default() };
    let mut readable = Readable::default();
    readable.add(&condensed.message, Style::default());
    for (name, value) in &condensed.rest {
        if !readable.text.is_empty() {
            readable.add(" ", Style::default());
        }
        readable.add(name, name_style);
        readable.add("=", name_style);
        readable.add(value, Style::default());
    }
    readable
}

impl Readable {
    fn add(&mut self, text: &str, style: Style) {
        let from = self.text.len();
        self.text.push_str(text);
        match self.runs.last_mut() {
            Some((range, last)) if *last == style => range.end = self.text.len(),
            _ if !text.is_empty() => self.runs.push((from..self.text.len(), style)),
            _ => {}
        }
    }

    fn cut(&mut self) {
        if self.text.len() <= MAX_RENDERED_BYTES {
            return;
        }
        let mut end = MAX_RENDERED_BYTES;
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        self.text.truncate(end);
        self.runs.retain_mut(|(range, _)| {
            range.end = range.end.min(end);
            range.start < range.end
        });
        self.is_cut = true;
    }

    /// Splits the runs at the start and end of each match.
    pub fn pieces(&self, found: &[Range<usize>]) -> Vec<Piece> {
        let mut pieces = Vec::new();
        // Both are in order.
        let mut found = found.iter().peekable();
        for (range, style) in &self.runs {
            let mut at = range.start;
            while at < range.end {
                while found.next_if(|found| found.end <= at).is_some() {}
                let here = found.peek().filter(|found| found.start < range.end);
                let (end, is_found) = match here {
                    Some(found) if found.start <= at => (found.end.min(range.end), true),
                    Some(found) => (found.start, false),
                    None => (range.end, false),
                };
                let text = self.text.get(at..end).unwrap_or_default().to_owned();
                pieces.push(Piece { text, style: *style, is_found });
                at = end;
            }
        }
        pieces
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        format::{Folded, contains, fold},
        logs::{LineContext, ansi::Color, event::Printed},
        model::{LogStream, Timestamp},
    };

    fn line(text: &str) -> Line {
        let (stream, at) = (LogStream::Stdout, Timestamp::from_millis(5));
        Line::printed(
            0,
            0,
            Printed { container: None, stream, at, text: text.into(), truncated: false },
            &mut LineContext::default(),
        )
    }

    #[test]
    fn matches_span_colors() {
        let readable = readable(&line("ab\u{1b}[31mcd\u{1b}[0me"));
        assert_eq!(readable.text, "abcde");
        let pieces = readable.pieces(&Folded::new(&readable.text).places("bc"));
        let shown: Vec<_> = pieces.iter().map(|piece| (piece.text.as_str(), piece.is_found)).collect();
        assert_eq!(shown, [("a", false), ("b", true), ("c", true), ("d", false), ("e", false)]);
        assert_eq!(pieces[2].style.text, Some(Color::Named(1)));
    }

    #[test]
    fn json_matches_as_formatted_and_as_printed() {
        let line = line(r#"{"level":"info","msg":"done","status":200}"#);
        assert_eq!(readable(&line).text, "done status=200");
        for words in ["status=200", r#""status":200"#, "info"] {
            assert!(finds(&line, &|text| contains(text, &fold(words))), "{words}");
        }
        assert!(!finds(&line, &|text| contains(text, "status: 200")));
    }

    #[test]
    fn a_long_line_is_cut() {
        let readable = readable(&line(&"é".repeat(MAX_RENDERED_BYTES)));
        assert!(readable.is_cut && readable.text.len() <= MAX_RENDERED_BYTES);
        assert_eq!(readable.pieces(&[]).len(), 1);
    }
}
