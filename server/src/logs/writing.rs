//! The text of one line while it comes, of which no more than a certain length is kept.
//!
//! A carriage return begins a line again: a terminal shows what was written last. Progress bars print megabytes that way without ever
//! ending a line. So of a line that grows too long the last whole writing is given out, and the line goes on behind it; only where nothing
//! begins it again is it cut, and the rest passed over.

use super::line::cut;

/// A line that has not ended.
#[derive(Debug)]
pub(super) struct Writing {
    longest: usize,
    /// Not given out.
    text: Vec<u8>,
    /// Something was given out already.
    given: bool,
    /// It was cut: everything up to the next carriage return is passed over.
    skipping: bool,
}

impl Writing {
    pub(super) fn new(longest: usize) -> Self {
        Self { longest, text: Vec::new(), given: false, skipping: false }
    }

    /// Adds text; `give` takes what has become too long to be kept, and whether it was cut.
    pub(super) fn add(&mut self, text: &[u8], give: &mut dyn FnMut(Vec<u8>, bool)) {
        let mut rest = text;
        while !rest.is_empty() {
            if self.skipping {
                let Some(start) = rest.iter().position(|byte| *byte == b'\r') else { return };
                self.skipping = false;
                rest = &rest[start + 1..];
            }
            // One more than is kept shows that it is too long.
            let room = (self.longest + 1).saturating_sub(self.text.len());
            let (part, after) = rest.split_at(room.min(rest.len()));
            self.text.extend_from_slice(part);
            rest = after;
            if self.text.len() > self.longest {
                self.give_up(give);
            }
        }
    }

    fn give_up(&mut self, give: &mut dyn FnMut(Vec<u8>, bool)) {
        self.given = true;
        let Some(end) = self.text.iter().rposition(|byte| *byte == b'\r') else {
            let mut text = std::mem::take(&mut self.text);
            cut(&mut text, self.longest);
            self.skipping = true;
            give(text, true);
            return;
        };
        if let Some(whole) = last_written(&self.text[..end]) {
            give(whole.to_vec(), false);
        }
        self.text.drain(..=end);
    }

    /// What a terminal shows of it now: the last whole writing, or all there is where nothing was written over.
    pub(super) fn newest(&self) -> Option<Vec<u8>> {
        if self.skipping {
            return None;
        }
        let whole = self.text.iter().rposition(|byte| *byte == b'\r').and_then(|end| last_written(&self.text[..end]));
        let newest = whole.unwrap_or(&self.text);
        (!newest.is_empty()).then(|| newest.to_vec())
    }

    pub(super) fn starts_with(&self, words: &str) -> bool {
        self.text.starts_with(words.as_bytes())
    }

    /// The line has ended: what was not given out, without the carriage return of a CRLF, and whether it was cut. `None` where all of it was.
    pub(super) fn end(mut self) -> Option<(Vec<u8>, bool)> {
        let is_all_given = self.skipping || (self.given && self.text.iter().all(|byte| *byte == b'\r'));
        self.text.pop_if(|last| *last == b'\r');
        (!is_all_given).then_some((self.text, false))
    }
}

/// The last stretch between carriage returns that is not empty.
fn last_written(text: &[u8]) -> Option<&[u8]> {
    text.rsplit(|byte| *byte == b'\r').find(|stretch| !stretch.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is given out of `parts`, and at the end.
    fn given(longest: usize, parts: &[&str]) -> Vec<(String, bool)> {
        let mut given = Vec::new();
        let mut writing = Writing::new(longest);
        for part in parts {
            writing.add(part.as_bytes(), &mut |text, is_cut| given.push((text, is_cut)));
        }
        given.extend(writing.end());
        given.into_iter().map(|(text, is_cut)| (String::from_utf8_lossy(&text).into_owned(), is_cut)).collect()
    }

    fn whole(text: &str) -> (String, bool) {
        (text.to_owned(), false)
    }

    #[test]
    fn of_a_line_that_is_written_over_the_newest_writing_is_given() {
        assert_eq!(given(10, &["10%\r20%\r30%\r40%"]), [whole("20%"), whole("30%\r40%")]);
        // However it comes.
        assert_eq!(given(10, &["10%\r2", "0%\r", "30%\r4", "0%"]), [whole("20%"), whole("30%\r40%")]);
        // A return before each writing, as many programs print them.
        assert_eq!(given(10, &["\r10%\r20%\r30%"]), [whole("20%"), whole("30%")]);
        assert_eq!(given(10, &["\r\r\r\r\r\r\r\r\r\r\r\r"]), []);
        assert_eq!(given(10, &["all fits\r"]), [whole("all fits")]);
    }

    #[test]
    fn a_line_that_nothing_begins_again_is_cut_once() {
        assert_eq!(given(4, &["abcdef", "ghi", "jkl"]), [("abcd".to_owned(), true)]);
        assert_eq!(given(4, &["abcdef", "ghi\rnew"]), [("abcd".to_owned(), true), whole("new")]);
        assert_eq!(given(4, &["abcd"]), [whole("abcd")]);
        assert_eq!(given(4, &["abcd\r"]), [whole("abcd")]);
        assert_eq!(given(4, &[""]), [whole("")]);
    }

    #[test]
    fn what_stands_so_far_is_the_last_whole_writing() {
        let newest = |text: &str| {
            let mut writing = Writing::new(100);
            writing.add(text.as_bytes(), &mut |_, _| ());
            writing.newest().map(|text| String::from_utf8_lossy(&text).into_owned())
        };
        for (text, shown) in
            [("10%\r20%\r3", Some("20%")), ("\r10%", Some("\r10%")), ("prompt> ", Some("prompt> ")), ("", None)]
        {
            assert_eq!(newest(text).as_deref(), shown, "{text:?}");
        }
    }
}
