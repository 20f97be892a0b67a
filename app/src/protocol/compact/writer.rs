//! JSON without names, value after value.

/// Writes values into an array, commas between them.
#[derive(Debug, Default)]
pub(super) struct Writer {
    text: String,
}

impl Writer {
    pub(super) fn into_text(self) -> String {
        self.text
    }

    fn separate(&mut self) {
        if !matches!(self.text.as_bytes().last(), None | Some(b'[')) {
            self.text.push(',');
        }
    }

    /// An array, and in it what `write` writes.
    pub(super) fn list(&mut self, write: impl FnOnce(&mut Self)) {
        self.separate();
        self.text.push('[');
        write(self);
        self.text.push(']');
    }

    pub(super) fn null(&mut self) {
        self.separate();
        self.text.push_str("null");
    }

    pub(super) fn integer(&mut self, value: i64) {
        self.separate();
        self.text.push_str(&value.to_string());
    }

    /// What no file or memory will ever reach is written as the most that can be read.
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
        // A string always can be written.
        self.text.push_str(&serde_json::to_string(value).unwrap_or_default());
    }

    pub(super) fn maybe_text(&mut self, value: Option<&str>) {
        match value {
            Some(value) => self.text(value),
            None => self.null(),
        }
    }
}
