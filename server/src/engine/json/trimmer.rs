//! Removes whitespace between values and truncates long strings, while the text arrives.

/// Marks the end of a truncated string.
const CUT: &str = "…";

/// Removes whitespace between values and truncates long strings.
#[derive(Debug)]
pub(super) struct Trimmer {
    max_string_bytes: usize,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Outside,
    /// Within a string of which `length` bytes were passed on.
    Text {
        length: usize,
        escaped: bool,
    },
    /// Within the dropped part of a string.
    Dropping {
        escaped: bool,
    },
}

/// Output of a [`Trimmer`].
pub(super) enum Part<'a> {
    /// A byte between strings.
    Between(u8),
    /// Bytes of a string, including its quotes.
    Text(&'a [u8]),
}

impl Trimmer {
    pub(super) fn new(max_string_bytes: usize) -> Self {
        Self { max_string_bytes, state: State::Outside }
    }

    /// Removes whitespace from a chunk and passes on the rest. With `ends_text`, a line feed ends a
    /// string; JSON does not allow line feeds in strings.
    pub(super) fn push(&mut self, chunk: &[u8], ends_text: bool, mut pass_on: impl FnMut(Part<'_>)) {
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
