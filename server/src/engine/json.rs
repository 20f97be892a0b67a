//! Bounded, tolerant parsing of the engine's JSON: truncated while it arrives, repaired where
//! invalid.
//!
//! In: bytes in chunks. Out: one document ([`Document`]), the rows of an array ([`Rows`]) or lines
//! ([`Lines`]), and values ([`read`]). Strings and rows are truncated, so that a container with a
//! label of 30 MB loses only that label. An unreadable row or line affects no other. Pure.

use bytes::Bytes;
use serde::de::{DeserializeSeed, MapAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

/// Marks the end of a truncated string.
const CUT: &str = "…";
/// Bytes kept of a row that is too long. The id comes first, and most of the rest are labels.
const MAX_ROW_BYTES: usize = 512 << 10;
/// Maximum length of a line; an event includes the labels of its container.
const MAX_LINE_BYTES: usize = 4 << 20;

/// Removes whitespace between values and truncates long strings.
#[derive(Debug)]
struct Trimmer {
    max_string_bytes: usize,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Outside,
    /// In a string, of which `length` bytes were passed on.
    Text {
        length: usize,
        escaped: bool,
    },
    /// In the dropped part of a string.
    Dropping {
        escaped: bool,
    },
}

/// Output of a [`Trimmer`].
enum Part<'a> {
    /// A byte between strings.
    Between(u8),
    /// Bytes of a string, including its quotes.
    Text(&'a [u8]),
}

impl Trimmer {
    fn new(max_string_bytes: usize) -> Self {
        Self { max_string_bytes, state: State::Outside }
    }

    /// With `ends_text`, a line feed ends a string; JSON does not allow line feeds in strings.
    fn push(&mut self, chunk: &[u8], ends_text: bool, mut pass_on: impl FnMut(Part<'_>)) {
        let mut rest = chunk;
        while let Some(&byte) = rest.first() {
            if ends_text && byte == b'\n' {
                self.state = State::Outside;
            }
            let taken = match self.state {
                State::Outside => match byte {
                    b' ' | b'\t' | b'\r' => {
                        rest.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'\r')).unwrap_or(rest.len())
                    }
                    b'"' => {
                        self.state = State::Text { length: 0, escaped: false };
                        pass_on(Part::Text(&rest[..1]));
                        1
                    }
                    byte => {
                        pass_on(Part::Between(byte));
                        1
                    }
                },
                State::Text { length, escaped: true } => {
                    self.state = State::Text { length: length + 1, escaped: false };
                    pass_on(Part::Text(&rest[..1]));
                    1
                }
                State::Text { length, escaped: false } => match byte {
                    b'"' => {
                        self.state = State::Outside;
                        pass_on(Part::Text(&rest[..1]));
                        1
                    }
                    // Only at a character boundary.
                    byte if length >= self.max_string_bytes && byte & 0xC0 != 0x80 => {
                        self.state = State::Dropping { escaped: false };
                        pass_on(Part::Text(CUT.as_bytes()));
                        0
                    }
                    b'\\' => {
                        self.state = State::Text { length: length + 1, escaped: true };
                        pass_on(Part::Text(&rest[..1]));
                        1
                    }
                    _ => {
                        let room = self.max_string_bytes.saturating_sub(length).max(1);
                        let span = plain(rest, ends_text).min(room).max(1);
                        self.state = State::Text { length: length + span, escaped: false };
                        pass_on(Part::Text(&rest[..span]));
                        span
                    }
                },
                State::Dropping { escaped: true } => {
                    self.state = State::Dropping { escaped: false };
                    1
                }
                State::Dropping { escaped: false } => match byte {
                    b'"' => {
                        self.state = State::Outside;
                        pass_on(Part::Text(&rest[..1]));
                        1
                    }
                    b'\\' => {
                        self.state = State::Dropping { escaped: true };
                        1
                    }
                    _ => plain(rest, ends_text).max(1),
                },
            };
            rest = &rest[taken..];
        }
    }
}

/// Number of bytes before the next quote, backslash or line feed.
fn plain(text: &[u8], ends_text: bool) -> usize {
    let means = |byte: &u8| matches!(*byte, b'"' | b'\\') || (ends_text && *byte == b'\n');
    text.iter().position(means).unwrap_or(text.len())
}

/// A JSON document, trimmed while it arrives.
#[derive(Debug)]
pub(super) struct Document {
    trimmer: Trimmer,
    bytes: Vec<u8>,
}

impl Document {
    pub(super) fn new(max_string_bytes: usize) -> Self {
        Self { trimmer: Trimmer::new(max_string_bytes), bytes: Vec::new() }
    }

    pub(super) fn push(&mut self, chunk: &[u8]) {
        let bytes = &mut self.bytes;
        self.trimmer.push(chunk, false, |part| match part {
            Part::Between(b'\n') => {}
            Part::Between(byte) => bytes.push(byte),
            Part::Text(text) => bytes.extend_from_slice(text),
        });
    }

    /// The bytes kept so far.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// The rows of a JSON array, split and trimmed while they arrive.
#[derive(Debug)]
pub(super) struct Rows {
    trimmer: Trimmer,
    depth: usize,
    row: Vec<u8>,
    rows: Vec<Bytes>,
    kept_bytes: usize,
    state: ListState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ListState {
    Expected,
    Open,
    Closed,
    /// The document is not an array.
    NotAList,
}

impl Rows {
    pub(super) fn new(max_string_bytes: usize) -> Self {
        Self {
            trimmer: Trimmer::new(max_string_bytes),
            depth: 0,
            row: Vec::new(),
            rows: Vec::new(),
            kept_bytes: 0,
            state: ListState::Expected,
        }
    }

    pub(super) fn push(&mut self, chunk: &[u8]) {
        // Borrowed apart from the rest of self.
        let mut trimmer = std::mem::replace(&mut self.trimmer, Trimmer::new(0));
        trimmer.push(chunk, false, |part| match part {
            Part::Between(byte) => self.between(byte),
            Part::Text(text) => self.keep(text),
        });
        self.trimmer = trimmer;
    }

    /// Bytes kept so far.
    pub(super) fn kept_bytes(&self) -> usize {
        self.kept_bytes
    }

    /// Returns each row as JSON, possibly truncated, or `None` if the array is incomplete or is
    /// none.
    pub(super) fn finish(self) -> Option<Vec<Bytes>> {
        (self.state == ListState::Closed).then_some(self.rows)
    }

    fn between(&mut self, byte: u8) {
        match (self.state, byte) {
            (_, b'\n') => {}
            (ListState::Expected, b'[') => self.state = ListState::Open,
            (ListState::Open, b']') if self.depth == 0 => {
                self.end_row();
                self.state = ListState::Closed;
            }
            (ListState::Open, b',') if self.depth == 0 => self.end_row(),
            (ListState::Open, byte) => {
                match byte {
                    b'[' | b'{' => self.depth += 1,
                    b']' | b'}' => self.depth = self.depth.saturating_sub(1),
                    _ => {}
                }
                self.keep(&[byte]);
            }
            _ => self.state = ListState::NotAList,
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.state != ListState::Open {
            self.state = ListState::NotAList;
        } else if self.row.len() < MAX_ROW_BYTES {
            self.row.extend_from_slice(bytes);
        }
    }

    fn end_row(&mut self) {
        if !self.row.is_empty() {
            self.kept_bytes += self.row.len();
            self.rows.push(std::mem::take(&mut self.row).into());
        }
    }
}

/// Error for a line longer than `MAX_LINE_BYTES`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooLong;

/// JSON lines, split and trimmed while they arrive.
#[derive(Debug)]
pub(super) struct Lines {
    trimmer: Trimmer,
    line: Vec<u8>,
    ready: std::collections::VecDeque<Result<Vec<u8>, TooLong>>,
}

impl Lines {
    pub(super) fn new(max_string_bytes: usize) -> Self {
        Self { trimmer: Trimmer::new(max_string_bytes), line: Vec::new(), ready: std::collections::VecDeque::new() }
    }

    pub(super) fn push(&mut self, chunk: &[u8]) {
        let (line, ready) = (&mut self.line, &mut self.ready);
        let keep = |line: &mut Vec<u8>, bytes: &[u8]| {
            if line.len() <= MAX_LINE_BYTES {
                line.extend_from_slice(bytes);
            }
        };
        self.trimmer.push(chunk, true, |part| match part {
            Part::Between(b'\n') => {
                let line = std::mem::take(line);
                if line.len() > MAX_LINE_BYTES {
                    ready.push_back(Err(TooLong));
                } else if !line.is_empty() {
                    ready.push_back(Ok(line));
                }
            }
            Part::Between(byte) => keep(line, &[byte]),
            Part::Text(text) => keep(line, text),
        });
    }

    /// Returns the next complete, non-empty line.
    pub(super) fn next(&mut self) -> Option<Result<Vec<u8>, TooLong>> {
        self.ready.pop_front()
    }
}

/// Parses a document, after repairing invalid characters and numbers if necessary.
///
/// # Errors
/// If it is not JSON even after that.
pub(super) fn read(bytes: &[u8]) -> Result<Value, serde_json::Error> {
    serde_json::from_slice(bytes).or_else(|error| {
        // Engines send objects and arrays only; repairing anything else could turn garbage into
        // JSON.
        if !bytes.trim_ascii_start().starts_with(b"{") && !bytes.trim_ascii_start().starts_with(b"[") {
            return Err(error);
        }
        let repaired = repaired(&String::from_utf8_lossy(bytes));
        serde_json::from_str(&repaired).map_err(|_| error)
    })
}

/// Parses as many fields of an object as possible, from its start.
pub(super) fn read_prefix(bytes: &[u8]) -> Value {
    if let Ok(value) = read(bytes) {
        return value;
    }
    let repaired = repaired(&String::from_utf8_lossy(bytes));
    let mut fields = Map::new();
    // An error means that the object ends here.
    let _ = Fields(&mut fields).deserialize(&mut serde_json::Deserializer::from_str(&repaired));
    Value::Object(fields)
}

struct Fields<'a>(&'a mut Map<String, Value>);

impl<'de> DeserializeSeed<'de> for Fields<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Fields<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((name, value)) = map.next_entry()? {
            self.0.insert(name, value);
        }
        Ok(())
    }
}

/// Replaces what serde_json rejects within a value: half a surrogate pair, a control character, a
/// number out of range, an unknown word.
fn repaired(text: &str) -> String {
    let mut repaired = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        match first {
            '"' => {
                repaired.push('"');
                rest = repair_string(&rest[1..], &mut repaired);
            }
            '{' | '}' | '[' | ']' | ':' | ',' => {
                repaired.push(first);
                rest = &rest[1..];
            }
            _ if first.is_whitespace() => rest = &rest[first.len_utf8()..],
            _ => {
                let end = rest.find(['{', '}', '[', ']', ':', ',', '"']).unwrap_or(rest.len());
                let word = rest[..end].trim();
                repaired.push_str(if serde_json::from_str::<Value>(word).is_ok() { word } else { "null" });
                rest = &rest[end..];
            }
        }
    }
    repaired
}

/// Writes the string that starts after its opening quote, and returns the text after it.
fn repair_string<'a>(text: &'a str, repaired: &mut String) -> &'a str {
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        match first {
            '"' => {
                repaired.push('"');
                return &rest[1..];
            }
            '\\' => {
                let (written, length) = escape(rest);
                repaired.push_str(written);
                rest = &rest[length..];
            }
            control if control < ' ' => {
                repaired.push(' ');
                rest = &rest[1..];
            }
            other => {
                repaired.push(other);
                rest = &rest[other.len_utf8()..];
            }
        }
    }
    rest
}

/// The escape sequence at the start of `text`, or its replacement, and its length in `text`.
fn escape(text: &str) -> (&str, usize) {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    match text.as_bytes().get(1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => (&text[..2], 2),
        Some(b'u') => match (unit(0), unit(6)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => (&text[..12], 12),
            (Some(0xD800..=0xDFFF), _) => ("\u{fffd}", 6),
            (Some(_), _) => (&text[..6], 6),
            (None, _) => ("\u{fffd}", 2),
        },
        _ => ("\u{fffd}", 1),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn document(json: &[u8], max_string_bytes: usize, step: usize) -> Vec<u8> {
        let mut document = Document::new(max_string_bytes);
        json.chunks(step).for_each(|chunk| document.push(chunk));
        document.bytes().to_vec()
    }

    fn rows(json: &[u8], step: usize) -> Option<Vec<Value>> {
        let mut rows = Rows::new(64);
        json.chunks(step).for_each(|chunk| rows.push(chunk));
        rows.finish().map(|rows| rows.iter().map(|row| read_prefix(row)).collect())
    }

    fn lines(json: &[u8], step: usize) -> Vec<Result<String, TooLong>> {
        let mut lines = Lines::new(64);
        json.chunks(step).for_each(|chunk| lines.push(chunk));
        std::iter::from_fn(|| lines.next())
            .map(|line| line.map(|line| String::from_utf8_lossy(&line).into_owned()))
            .collect()
    }

    #[test]
    fn a_text_that_is_too_long_is_cut_between_characters_and_its_siblings_stay() {
        let long = json!({"a": "é".repeat(100), "b": "\"\\".repeat(100), "c": "short"}).to_string();
        for step in [1, 7, 1_000] {
            let read = read(&document(long.as_bytes(), 11, step)).unwrap();
            assert_eq!(read["a"], format!("{}…", "é".repeat(6)), "{step}"); // 12 bytes: a character is not cut
            assert_eq!(read["c"], "short");
            assert!(read["b"].as_str().unwrap().starts_with("\"\\\"") && read["b"].as_str().unwrap().ends_with('…'));
        }
    }

    #[test]
    fn blanks_between_values_are_not_kept() {
        let blanks = format!("{}{}{{\"a\" :\t1 }}", " ".repeat(1_000), "\n".repeat(1_000));
        assert_eq!(document(blanks.as_bytes(), 64, 100), b"{\"a\":1}");
    }

    #[test]
    fn a_row_that_cannot_be_read_costs_itself() {
        let list = br#"[{"Id":"a","N":1},{"Id":"b","N":1e999,"Bad":"\ud800","x":[1,{"y":"]},"}]}, {"Id":"c" "broken"}, 7, {"Id":"d"}]"#;
        for step in [1, 5, 1_000] {
            let rows = rows(list, step).unwrap();
            assert_eq!(rows.len(), 5);
            let ids: Vec<_> = rows.iter().map(|row| row["Id"].as_str()).collect();
            assert_eq!(ids, [Some("a"), Some("b"), Some("c"), None, Some("d")]);
            assert_eq!((&rows[1]["N"], rows[1]["Bad"].as_str()), (&Value::Null, Some("\u{fffd}")));
        }
    }

    #[test]
    fn half_a_list_and_no_list_are_none() {
        for text in ["", "[", "[{\"Id\":\"a\"}", "{}", "null", "<html>", "\"[]\"", "[{}] x", "[{}][{}]"] {
            assert_eq!(rows(text.as_bytes(), 3), None, "{text}");
        }
        assert_eq!(rows(b" [ ] \n", 1), Some(vec![]));
    }

    #[test]
    fn the_beginning_of_a_row_that_is_too_long_is_kept() {
        let labels: Map<String, Value> = (0..40_000).map(|n| (format!("label-{n}"), json!("x".repeat(20)))).collect();
        let list = format!("[{{\"Id\":\"a\",\"Labels\":{},\"State\":\"running\"}},{{\"Id\":\"b\"}}]", json!(labels));
        let rows = rows(list.as_bytes(), 4_096).unwrap();
        assert_eq!((rows[0]["Id"].as_str(), rows[1]["Id"].as_str(), rows.len()), (Some("a"), Some("b"), 2));
    }

    #[test]
    fn lines_come_whole_however_they_were_cut_and_a_bad_one_costs_itself() {
        let text = b"{\"a\": 1}\n\n{\"half\":\"text\n{\"b\":2}\r\n\xff\xfe\n{\"c\":3}\n{\"rest\":";
        for step in [1, 4, 1_000] {
            let lines: Vec<_> = lines(text, step).into_iter().map(Result::unwrap).collect();
            assert_eq!(
                lines,
                ["{\"a\":1}", "{\"half\":\"text", "{\"b\":2}", "\u{fffd}\u{fffd}", "{\"c\":3}"],
                "{step}"
            );
        }
    }

    #[test]
    fn a_line_that_is_too_long_costs_itself() {
        let many = "[1],".repeat(MAX_LINE_BYTES / 2);
        let read = lines(format!("{{}}\n{many}\n{{}}\n").as_bytes(), 4_096);
        assert_eq!(read, [Ok("{}".to_owned()), Err(TooLong), Ok("{}".to_owned())]);
    }

    proptest! {
        #[test]
        fn what_fits_is_unchanged(text in ".{0,40}", number in any::<i64>(), step in 1_usize..9) {
            let value = json!([{"a": text, "b": [number, null, {"c": [text, true]}]}, text]);
            prop_assert_eq!(&read(&document(value.to_string().as_bytes(), 1_000, step)).unwrap(), &value);
            prop_assert_eq!(&repaired(&value.to_string()), &value.to_string());
        }

        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..300), step in 1_usize..9) {
            let _ = read(&document(&bytes, 8, step));
            let _ = (rows(&bytes, step), lines(&bytes, step), read_prefix(&bytes));
        }

        #[test]
        fn json_with_any_byte_changed_is_survived(place in 0_usize..200, byte in any::<u8>()) {
            let list = json!([{"Id": "a", "Names": ["/x"], "Labels": {"k": "\u{1F600}\n"}}, {"Id": "b", "Ports": [{"PrivatePort": 80}]}]);
            let mut list = list.to_string().into_bytes();
            let place = place % list.len();
            list[place] = byte;
            let _ = (rows(&list, 7), read(&list), read_prefix(&list));
        }
    }
}
