//! A line as it is written on the page: pieces of text, each with its style, and whether the search found it.

use super::{
    Kind, Line,
    ansi::{self, Style},
    fold::{Folded, folded},
};
use std::ops::Range;

/// More of a line is drawn only where it is opened: sixty lines of 64 KiB would take the browser seconds.
const DRAWN_BYTES: usize = 4 << 10;

/// The letters of a line, and how they look.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Readable {
    /// All letters.
    pub text: String,
    /// Stretches of them, from the first to the last.
    pub runs: Vec<(Range<usize>, Style)>,
    /// Whether the line goes on.
    pub is_cut: bool,
}

/// Letters that look alike and were found together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The letters.
    pub text: String,
    /// How they look.
    pub style: Style,
    /// Whether the search found them.
    pub is_found: bool,
}

/// How a line is read: JSON folded, colours as styles.
pub fn readable(line: &Line) -> Readable {
    let is_json = matches!(line.kind, Kind::Printed { is_json: true, .. });
    let mut readable = match is_json.then(|| folded(&line.text)).flatten() {
        Some(folded) => of_json(&folded),
        None => of_text(&line.text),
    };
    readable.cut();
    readable
}

/// Whether a test finds something in what is read, or in what a folded line was before.
pub fn finds(line: &Line, is_in: &dyn Fn(&str) -> bool) -> bool {
    match line.kind {
        Kind::Divider | Kind::Gap { .. } => false,
        Kind::Printed { is_json: true, .. } => is_in(&line.text) || is_in(&readable(line).text),
        Kind::Printed { .. } => is_in(&ansi::plain(&line.text)),
    }
}

fn of_text(text: &str) -> Readable {
    let mut readable = Readable::default();
    for run in ansi::runs(ansi::last_writing(text)) {
        readable.add(run.text, run.style);
    }
    readable
}

fn of_json(folded: &Folded) -> Readable {
    let name_style = Style { faint: true, ..Style::default() };
    let mut readable = Readable::default();
    readable.add(&folded.message, Style::default());
    for (name, value) in &folded.rest {
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
        if self.text.len() <= DRAWN_BYTES {
            return;
        }
        let mut end = DRAWN_BYTES;
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

    /// Splits the runs where something that was found begins or ends.
    pub fn pieces(&self, found: &[Range<usize>]) -> Vec<Piece> {
        let mut pieces = Vec::new();
        // Both go from left to right.
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
        format::{Folded, fold, holds},
        logs::{Above, ansi::Color, event::Printed},
        model::{LogStream, Timestamp},
    };

    fn line(text: &str) -> Line {
        let (stream, at) = (LogStream::Stdout, Timestamp::from_millis(5));
        Line::printed(
            0,
            0,
            Printed { container: None, stream, at, text: text.into(), truncated: false },
            &mut Above::default(),
        )
    }

    #[test]
    fn what_is_found_is_found_across_colours() {
        let readable = readable(&line("ab\u{1b}[31mcd\u{1b}[0me"));
        assert_eq!(readable.text, "abcde");
        let pieces = readable.pieces(&Folded::new(&readable.text).places("bc"));
        let shown: Vec<_> = pieces.iter().map(|piece| (piece.text.as_str(), piece.is_found)).collect();
        assert_eq!(shown, [("a", false), ("b", true), ("c", true), ("d", false), ("e", false)]);
        assert_eq!(pieces[2].style.text, Some(Color::Named(1)));
    }

    #[test]
    fn json_is_found_as_it_is_read_and_as_it_was_printed() {
        let line = line(r#"{"level":"info","msg":"done","status":200}"#);
        assert_eq!(readable(&line).text, "done status=200");
        for words in ["status=200", r#""status":200"#, "info"] {
            assert!(finds(&line, &|text| holds(text, &fold(words))), "{words}");
        }
        assert!(!finds(&line, &|text| holds(text, "status: 200")));
    }

    #[test]
    fn an_endless_line_is_cut() {
        let readable = readable(&line(&"é".repeat(DRAWN_BYTES)));
        assert!(readable.is_cut && readable.text.len() <= DRAWN_BYTES);
        assert_eq!(readable.pieces(&[]).len(), 1);
    }
}
