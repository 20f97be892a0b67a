//! Bounded, tolerant parsing of the engine's JSON: truncated while it arrives, repaired where
//! invalid.
//!
//! In: bytes in chunks. Out: one document ([`Document`]), the rows of an array ([`Rows`]) or lines
//! ([`Lines`]), and values ([`read`]). Strings and rows are truncated, so that a container with a
//! label of 30 MB loses only that label. An unreadable row or line affects no other. Pure.

mod repair;
#[cfg(test)]
mod tests;
mod trimmer;

use bytes::Bytes;
use repair::repaired;
use serde::de::{DeserializeSeed, MapAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;
use trimmer::{Part, Trimmer};

/// Bytes kept of a row that is too long. The id comes first, and most of the rest are labels.
const MAX_ROW_BYTES: usize = 512 << 10;
/// Maximum length of a line; an event includes the labels of its container.
const MAX_LINE_BYTES: usize = 4 << 20;

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

    /// Returns each row as JSON, possibly truncated; `None` if the document is not a complete
    /// array.
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
