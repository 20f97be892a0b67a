//! From the engine's bytes to lines, without holding more than a line of each stream.
//!
//! Without a terminal the engine sends frames: eight bytes of header, which name stream and length, then a stamp, a blank and what was
//! printed. A frame that does not end a line is one piece of it: Docker cuts at 16 KiB and stamps every piece as the first, so a
//! piece with another stamp is not its continuation but comes after a line that was never ended. With a terminal there are no
//! headers, and the stamps of pieces stand in the midst of the line.

use super::{Line, LogTime, line::cut, time::stamp};
use app::model::LogStream;
use bytes::{Buf as _, Bytes};
use std::collections::VecDeque;

/// Bytes of a line that are kept. Four of Docker's pieces: structured lines with a stack trace in them still fit.
pub const LONGEST_LINE: usize = 64 << 10;
/// What dockerd cuts lines into, so that a terminal's stamps stand at multiples of it.
const PIECE: usize = 16 << 10;
/// A stamp in full with an offset, and its blank.
const LONGEST_STAMP: usize = 36;
const HEADER: usize = 8;

/// How the engine tells lines apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// With headers.
    Frames,
    /// By line ends alone, as a terminal prints.
    Terminal,
}

/// Takes bytes in and gives lines out, one at a time.
#[derive(Debug)]
pub struct Decoder {
    framing: Framing,
    longest: usize,
    /// Not looked at yet.
    bytes: Bytes,
    header: Vec<u8>,
    /// What is left of the frame that is being read.
    left: usize,
    stream: LogStream,
    /// Of the frame, or of the terminal's line, that is being read.
    message: Vec<u8>,
    overflown: bool,
    /// Lines that are not ended yet, of standard output and of standard error.
    open: [Option<Open>; 2],
    ready: VecDeque<Line>,
    last: LogTime,
}

/// A line whose end has not come.
#[derive(Debug)]
struct Open {
    line: Line,
    /// It was given out already, cut; what follows is passed over.
    given: bool,
}

impl Decoder {
    /// For a log of this framing, keeping `longest` bytes of a line.
    pub fn new(framing: Framing, longest: usize) -> Self {
        Self {
            framing,
            longest,
            bytes: Bytes::new(),
            header: Vec::with_capacity(HEADER),
            left: 0,
            stream: LogStream::Stdout,
            message: Vec::new(),
            overflown: false,
            open: [None, None],
            ready: VecDeque::new(),
            last: LogTime::default(),
        }
    }

    /// As it was made.
    pub fn framing(&self) -> Framing {
        self.framing
    }

    /// Takes the next bytes in; only when [`Self::line`] had nothing more to give.
    pub fn take(&mut self, bytes: Bytes) {
        debug_assert!(self.bytes.is_empty());
        self.bytes = bytes;
    }

    /// The next line, if all of it has come.
    pub fn line(&mut self) -> Option<Line> {
        while self.ready.is_empty() && !self.bytes.is_empty() {
            match self.framing {
                Framing::Frames => self.read_frame(),
                Framing::Terminal => self.read_terminal(),
            }
        }
        self.ready.pop_front()
    }

    /// Nothing more comes: what was not ended is a line all the same. [`Self::line`] gives it.
    pub fn end(&mut self) {
        match self.framing {
            // A frame that broke off is told as far as it came.
            _ if self.message.is_empty() => {}
            Framing::Frames => self.end_message(),
            Framing::Terminal => self.end_terminal_line(),
        }
        for stream in [LogStream::Stdout, LogStream::Stderr] {
            self.close(stream);
        }
    }

    fn read_frame(&mut self) {
        if self.left == 0 {
            let missing = (HEADER - self.header.len()).min(self.bytes.len());
            self.header.extend_from_slice(&self.bytes.split_to(missing));
            let &[kind, _, _, _, a, b, c, d] = self.header.as_slice() else { return };
            self.stream = if kind == 2 { LogStream::Stderr } else { LogStream::Stdout };
            self.left = u32::from_be_bytes([a, b, c, d]) as usize;
            self.header.clear();
        }
        let part = self.bytes.split_to(self.left.min(self.bytes.len()));
        self.left -= part.len();
        self.keep(&part);
        if self.left == 0 && !self.message.is_empty() {
            self.end_message();
        }
    }

    fn read_terminal(&mut self) {
        let end = self.bytes.iter().position(|byte| *byte == b'\n');
        let part = self.bytes.split_to(end.unwrap_or(self.bytes.len()));
        self.keep(&part);
        if end.is_some() {
            self.bytes.advance(1);
            self.end_terminal_line();
        }
    }

    /// Stamps of pieces are taken out later, so there is room for them.
    fn keep(&mut self, part: &[u8]) {
        let room = (self.longest + LONGEST_STAMP * (1 + self.longest / PIECE)).saturating_sub(self.message.len());
        self.overflown |= part.len() > room;
        self.message.extend_from_slice(&part[..part.len().min(room)]);
    }

    /// A whole frame: a line, or a piece of one.
    fn end_message(&mut self) {
        let message = std::mem::take(&mut self.message);
        let overflown = std::mem::take(&mut self.overflown);
        let (time, text) = self.stamped(&message);
        let ended = !overflown && text.ends_with(b"\n");
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        let place = usize::from(self.stream == LogStream::Stderr);
        if self.open[place].as_ref().is_some_and(|open| open.line.time != time) {
            self.close(self.stream);
        }
        let line = Line { stream: self.stream, time, text: Vec::new(), truncated: false };
        let open = self.open[place].get_or_insert(Open { line, given: false });
        if !open.given {
            open.line.text.extend_from_slice(text);
            if overflown || open.line.text.len() > self.longest {
                // It may never end: told now, and what follows of it is passed over.
                cut(&mut open.line.text, self.longest);
                open.line.truncated = true;
                open.given = true;
                let text = std::mem::take(&mut open.line.text);
                self.ready.push_back(Line { text, ..open.line.clone() });
            }
        }
        // One frame that is longer than a line may be holds its end, too.
        if ended || overflown {
            self.close(self.stream);
        }
    }

    fn close(&mut self, stream: LogStream) {
        let open = self.open[usize::from(stream == LogStream::Stderr)].take();
        self.ready.extend(open.filter(|open| !open.given).map(|open| open.line));
    }

    fn end_terminal_line(&mut self) {
        let message = std::mem::take(&mut self.message);
        let overflown = std::mem::take(&mut self.overflown);
        let (time, text) = self.stamped(&message);
        let head = message.len() - text.len();
        let mut text = without_repeated(text, &message[..head]);
        if text.ends_with(b"\r") {
            text.pop();
        }
        let truncated = overflown || text.len() > self.longest;
        cut(&mut text, self.longest);
        self.ready.push_back(Line { stream: LogStream::Stdout, time, text, truncated });
    }

    /// Time and text; what has no stamp has the time of what came before it.
    fn stamped<'a>(&mut self, message: &'a [u8]) -> (LogTime, &'a [u8]) {
        let blank = message.iter().take(LONGEST_STAMP).position(|byte| *byte == b' ');
        match blank.and_then(|blank| Some((stamp(&message[..blank])?, &message[blank + 1..]))) {
            Some((time, text)) => {
                self.last = time;
                (time, text)
            }
            None => (self.last, message),
        }
    }
}

/// The text of a terminal's line without the stamps of its further pieces.
fn without_repeated(text: &[u8], stamp: &[u8]) -> Vec<u8> {
    let mut whole = Vec::with_capacity(text.len());
    let mut rest = text;
    while rest.len() > PIECE && !stamp.is_empty() {
        let (piece, after) = rest.split_at(PIECE);
        whole.extend_from_slice(piece);
        rest = after.strip_prefix(stamp).unwrap_or(after);
    }
    whole.extend_from_slice(rest);
    whole
}

#[cfg(test)]
mod tests;
