//! Writes JSON values into one buffer, without an allocation per value.

use super::id;
use crate::model::ContainerId;
use std::io::Write as _;

/// Writes values separated by commas.
#[derive(Debug, Default)]
pub(super) struct Writer {
    json: Vec<u8>,
}

impl Writer {
    pub(super) fn into_text(self) -> String {
        // Everything below writes whole characters.
        String::from_utf8(self.json).unwrap_or_default()
    }

    fn separate(&mut self) {
        if !matches!(self.json.last(), None | Some(b'[')) {
            self.json.push(b',');
        }
    }

    /// Writes an array with the values that `write` writes.
    pub(super) fn list(&mut self, write: impl FnOnce(&mut Self)) {
        self.separate();
        self.json.push(b'[');
        write(self);
        self.json.push(b']');
    }

    pub(super) fn null(&mut self) {
        self.separate();
        self.json.extend_from_slice(b"null");
    }

    pub(super) fn integer(&mut self, value: i64) {
        self.separate();
        // Writing to a vector cannot fail.
        let _ = write!(self.json, "{value}");
    }

    /// Writes an unsigned integer; values above `i64::MAX`, which no counter reaches, are limited
    /// to it.
    pub(super) fn natural(&mut self, value: u64) {
        self.integer(i64::try_from(value).unwrap_or(i64::MAX));
    }

    pub(super) fn maybe_integer(&mut self, value: Option<i64>) {
        match value {
            Some(value) => self.integer(value),
            None => self.null(),
        }
    }

    pub(super) fn maybe_natural(&mut self, value: Option<u64>) {
        match value {
            Some(value) => self.natural(value),
            None => self.null(),
        }
    }

    pub(super) fn text(&mut self, value: &str) {
        self.separate();
        let _ = serde_json::to_writer(&mut self.json, value);
    }

    /// Writes concatenated ids as one text.
    pub(super) fn ids(&mut self, ids: impl Iterator<Item = ContainerId>) {
        self.separate();
        self.json.push(b'"');
        ids.for_each(|id| id::write(id, &mut self.json));
        self.json.push(b'"');
    }

    pub(super) fn prefixes(&mut self, ids: impl Iterator<Item = ContainerId>) {
        self.separate();
        self.json.push(b'"');
        ids.for_each(|id| id::write_prefix(id, &mut self.json));
        self.json.push(b'"');
    }

    pub(super) fn maybe_text(&mut self, value: Option<&str>) {
        match value {
            Some(value) => self.text(value),
            None => self.null(),
        }
    }
}
