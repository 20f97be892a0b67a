//! Buffer for an unfinished line, with a maximum length.
//!
//! In: text. Out: completed or truncated lines. Pure.
//!
//! A carriage return restarts a line, and a terminal shows the last version. Progress bars print
//! megabytes that way without ending the line. If a line becomes too long, its last complete
//! version is emitted and the line continues. Without carriage returns, it is truncated and the
//! rest is skipped.

use super::line::truncate;

/// An unfinished line.
#[derive(Debug)]
pub(super) struct LineBuffer {
    max_bytes: usize,
    /// Text that was not emitted yet.
    text: Vec<u8>,
    /// True if a part of the line was emitted already.
    emitted: bool,
    /// True if the line was truncated; text up to the next carriage return is skipped.
    skipping: bool,
}

impl LineBuffer {
    pub(super) fn new(max_bytes: usize) -> Self {
        Self { max_bytes, text: Vec::new(), emitted: false, skipping: false }
    }

    /// Adds text. If the line becomes too long, calls `emit` with its text and with true if the
    /// text was truncated.
    pub(super) fn add(&mut self, text: &[u8], emit: &mut dyn FnMut(Vec<u8>, bool)) {
        let mut rest = text;
        while !rest.is_empty() {
            if self.skipping {
                let Some(start) = rest.iter().position(|byte| *byte == b'\r') else { return };
                self.skipping = false;
                rest = &rest[start + 1..];
            }
            // One byte more than the maximum shows that it is too long.
            let room = (self.max_bytes + 1).saturating_sub(self.text.len());
            let (part, after) = rest.split_at(room.min(rest.len()));
            self.text.extend_from_slice(part);
            rest = after;
            if self.text.len() > self.max_bytes {
                self.shorten(emit);
            }
        }
    }

    fn shorten(&mut self, emit: &mut dyn FnMut(Vec<u8>, bool)) {
        self.emitted = true;
        let Some(end) = self.text.iter().rposition(|byte| *byte == b'\r') else {
            let mut text = std::mem::take(&mut self.text);
            truncate(&mut text, self.max_bytes);
            self.skipping = true;
            emit(text, true);
            return;
        };
        if let Some(whole) = last_version(&self.text[..end]) {
            emit(whole.to_vec(), false);
        }
        self.text.drain(..=end);
    }

    /// The text that a terminal currently shows: the last complete version, or everything if there
    /// is only one.
    pub(super) fn newest(&self) -> Option<Vec<u8>> {
        if self.skipping {
            return None;
        }
        let whole = self.text.iter().rposition(|byte| *byte == b'\r').and_then(|end| last_version(&self.text[..end]));
        let newest = whole.unwrap_or(&self.text);
        (!newest.is_empty()).then(|| newest.to_vec())
    }

    pub(super) fn starts_with(&self, words: &str) -> bool {
        self.text.starts_with(words.as_bytes())
    }

    /// Ends the line. Returns the text that was not emitted yet, without the carriage return of a
    /// CRLF, and whether it was truncated, or `None`.
    pub(super) fn end(mut self) -> Option<(Vec<u8>, bool)> {
        let is_all_emitted = self.skipping || (self.emitted && self.text.iter().all(|byte| *byte == b'\r'));
        self.text.pop_if(|last| *last == b'\r');
        (!is_all_emitted).then_some((self.text, false))
    }
}

/// The last non-empty text between carriage returns.
fn last_version(text: &[u8]) -> Option<&[u8]> {
    text.rsplit(|byte| *byte == b'\r').find(|stretch| !stretch.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines that the buffer emits for `parts`, and those at the end.
    fn emitted(max_bytes: usize, parts: &[&str]) -> Vec<(String, bool)> {
        let mut emitted = Vec::new();
        let mut buffer = LineBuffer::new(max_bytes);
        for part in parts {
            buffer.add(part.as_bytes(), &mut |text, is_cut| emitted.push((text, is_cut)));
        }
        emitted.extend(buffer.end());
        emitted.into_iter().map(|(text, is_cut)| (String::from_utf8_lossy(&text).into_owned(), is_cut)).collect()
    }

    fn whole(text: &str) -> (String, bool) {
        (text.to_owned(), false)
    }

    #[test]
    fn an_overwritten_line_keeps_its_newest_text() {
        assert_eq!(emitted(10, &["10%\r20%\r30%\r40%"]), [whole("20%"), whole("30%\r40%")]);
        // With any chunking.
        assert_eq!(emitted(10, &["10%\r2", "0%\r", "30%\r4", "0%"]), [whole("20%"), whole("30%\r40%")]);
        // A carriage return before each text, as in many programs.
        assert_eq!(emitted(10, &["\r10%\r20%\r30%"]), [whole("20%"), whole("30%")]);
        assert_eq!(emitted(10, &["\r\r\r\r\r\r\r\r\r\r\r\r"]), []);
        assert_eq!(emitted(10, &["all fits\r"]), [whole("all fits")]);
    }

    #[test]
    fn a_long_line_is_truncated_once() {
        assert_eq!(emitted(4, &["abcdef", "ghi", "jkl"]), [("abcd".to_owned(), true)]);
        assert_eq!(emitted(4, &["abcdef", "ghi\rnew"]), [("abcd".to_owned(), true), whole("new")]);
        assert_eq!(emitted(4, &["abcd"]), [whole("abcd")]);
        assert_eq!(emitted(4, &["abcd\r"]), [whole("abcd")]);
        assert_eq!(emitted(4, &[""]), [whole("")]);
    }

    #[test]
    fn an_unfinished_line_shows_its_last_complete_text() {
        let newest = |text: &str| {
            let mut buffer = LineBuffer::new(100);
            buffer.add(text.as_bytes(), &mut |_, _| ());
            buffer.newest().map(|text| String::from_utf8_lossy(&text).into_owned())
        };
        for (text, shown) in
            [("10%\r20%\r3", Some("20%")), ("\r10%", Some("\r10%")), ("prompt> ", Some("prompt> ")), ("", None)]
        {
            assert_eq!(newest(text).as_deref(), shown, "{text:?}");
        }
    }
}
