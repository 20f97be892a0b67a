//! From the engine's bytes to lines, without holding more than a line of each stream.
//!
//! Without a terminal the engine sends frames: eight bytes of header, which name stream and length, then a stamp, a blank and what was
//! printed. A frame that does not end a line is one piece of it: Docker cuts at 16 KiB and stamps every piece as the first, so a
//! piece with another stamp is not its continuation but comes after a line that was never ended. With a terminal there are no
//! headers, and the stamps of pieces stand in the midst of the line.
//!
//! The engine's own errors come in between: as frames of stream 3, and in a terminal's log as a line without a stamp. Where a line never
//! ends, [`Writing`] decides what is shown of it. Next: [`super::seeker`].

use super::{Line, visible, writing::Writing};
use crate::engine::{Framing, LogTime, stamp};
use app::model::LogStream;
use bytes::{Buf as _, Bytes};
use std::collections::VecDeque;

/// Bytes of a line that are kept. Four of Docker's pieces: structured lines with a stack trace in them still fit.
pub const LONGEST_LINE: usize = 64 << 10;
/// Size of the pieces that dockerd cuts a line into; in a terminal's log a stamp stands before each.
const PIECE: usize = 16 << 10;
/// A stamp in full with an offset, and its blank.
const MAX_STAMP_BYTES: usize = 36;
const HEADER: usize = 8;
/// Longer sentences of the engine are cut: they are shown in one row.
const MAX_ERROR_BYTES: usize = 4 << 10;
/// How dockerd begins its own errors within a log.
const ERROR_PREFIX: &str = "Error grabbing logs: ";

/// One entry of a log as the engine sends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A printed line.
    Line(Line),
    /// The engine could not read its own log; its sentence.
    Error(String),
}

/// The stream that a frame belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FrameStream {
    Printed(LogStream),
    /// The engine itself.
    Engine,
    /// None that the protocol knows; its frames are skipped, and an error says so.
    Unknown(u8),
}

/// Takes bytes in and gives entries out, one at a time.
#[derive(Debug)]
pub struct Decoder {
    framing: Framing,
    longest: usize,
    /// Not read yet.
    bytes: Bytes,
    header: Vec<u8>,
    /// Remaining bytes of the current frame.
    left: usize,
    stream: FrameStream,
    /// The stamp of the current frame or of the current line of a terminal, while it is being read, or the whole of an engine's error.
    head: Vec<u8>,
    /// The head is complete: what follows is text.
    is_in_text: bool,
    /// The current frame ends with a line end.
    ends_line: bool,
    /// Bytes of text in the current piece of a terminal's line.
    in_piece: usize,
    /// Bytes of a repeated stamp that have matched between two pieces.
    repeated: usize,
    /// Lines that have not ended yet, of standard output and of standard error.
    open: [Option<Open>; 2],
    ready: VecDeque<Entry>,
    last: LogTime,
}

/// A line whose end has not come.
#[derive(Debug)]
struct Open {
    time: LogTime,
    writing: Writing,
}

const STREAMS: [LogStream; 2] = [LogStream::Stdout, LogStream::Stderr];

const fn place_of(stream: LogStream) -> usize {
    match stream {
        LogStream::Stdout => 0,
        LogStream::Stderr => 1,
    }
}

impl FrameStream {
    /// From the first byte of a header. Standard input (0) is what was typed into a container, echoed as output.
    const fn of(kind: u8) -> Self {
        match kind {
            0 | 1 => Self::Printed(LogStream::Stdout),
            2 => Self::Printed(LogStream::Stderr),
            3 => Self::Engine,
            kind => Self::Unknown(kind),
        }
    }
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
            stream: FrameStream::Printed(LogStream::Stdout),
            head: Vec::new(),
            is_in_text: false,
            ends_line: false,
            in_piece: 0,
            repeated: 0,
            open: [None, None],
            ready: VecDeque::new(),
            last: LogTime::default(),
        }
    }

    /// As it was made.
    pub fn framing(&self) -> Framing {
        self.framing
    }

    /// Takes the next bytes in; only when [`Self::entry`] had nothing more to give.
    pub fn take(&mut self, bytes: Bytes) {
        debug_assert!(self.bytes.is_empty());
        self.bytes = bytes;
    }

    /// The next entry, if all of it has come.
    pub fn entry(&mut self) -> Option<Entry> {
        while self.ready.is_empty() && !self.bytes.is_empty() {
            match self.framing {
                Framing::Frames => self.read_frame(),
                Framing::Terminal => self.read_terminal(),
            }
        }
        self.ready.pop_front()
    }

    /// Nothing more comes: what has not ended is a line all the same. [`Self::entry`] gives it.
    pub fn end(&mut self) {
        match self.framing {
            // A frame that broke off counts as far as it came.
            Framing::Frames => self.end_frame(),
            Framing::Terminal if self.is_in_text || !self.head.is_empty() => self.end_terminal_line(),
            Framing::Terminal => {}
        }
        for stream in STREAMS {
            self.close(stream);
        }
    }

    /// The text so far of a line that has not ended: for a log that pauses within one.
    pub fn unfinished(&self) -> Option<Line> {
        STREAMS.into_iter().find_map(|stream| {
            let open = self.open[place_of(stream)].as_ref()?;
            Some(Line { stream, time: open.time, text: open.writing.newest()?, truncated: false })
        })
    }

    fn read_frame(&mut self) {
        if self.left == 0 {
            let missing = (HEADER - self.header.len()).min(self.bytes.len());
            self.header.extend_from_slice(&self.bytes.split_to(missing));
            let &[kind, _, _, _, a, b, c, d] = self.header.as_slice() else { return };
            self.stream = FrameStream::of(kind);
            self.left = u32::from_be_bytes([a, b, c, d]) as usize;
            self.header.clear();
            // Said at once: a length that is nonsense may have no end.
            if let FrameStream::Unknown(kind) = self.stream {
                self.ready.push_back(Entry::Error(format!("It sent a frame of an unknown stream ({kind}).")));
            }
        }
        let part = self.bytes.split_to(self.left.min(self.bytes.len()));
        self.left -= part.len();
        match self.stream {
            FrameStream::Printed(stream) => {
                self.ends_line = self.left == 0 && part.ends_with(b"\n");
                self.read_text(stream, part.strip_suffix(b"\n").filter(|_| self.ends_line).unwrap_or(&part));
            }
            FrameStream::Engine => {
                let room = MAX_ERROR_BYTES.saturating_sub(self.head.len());
                self.head.extend_from_slice(&part[..part.len().min(room)]);
            }
            FrameStream::Unknown(_) => {}
        }
        if self.left == 0 {
            self.end_frame();
        }
    }

    /// A part of a frame's stamp and text, without the line end.
    fn read_text(&mut self, stream: LogStream, part: &[u8]) {
        let text = if self.is_in_text { part } else { self.read_head(part) };
        if self.is_in_text {
            self.add(stream, text);
        }
    }

    /// Takes the stamp off a part; what is left of the part behind it.
    fn read_head<'a>(&mut self, part: &'a [u8]) -> &'a [u8] {
        let room = MAX_STAMP_BYTES.saturating_sub(self.head.len());
        let blank = part.iter().take(room).position(|byte| *byte == b' ');
        let taken = blank.map_or(part.len().min(room), |blank| blank + 1);
        self.head.extend_from_slice(&part[..taken]);
        if blank.is_some() || self.head.len() >= MAX_STAMP_BYTES {
            self.end_head();
        }
        &part[taken..]
    }

    /// The stamp is complete, or is none: then it is text, of the time of what came before.
    fn end_head(&mut self) {
        self.is_in_text = true;
        let time = self.head.strip_suffix(b" ").and_then(stamp);
        self.last = time.unwrap_or(self.last);
        if let (Framing::Frames, FrameStream::Printed(stream)) = (self.framing, self.stream) {
            // A piece with another stamp follows a line that was never ended.
            let is_other = |open: &Open| open.time != self.last;
            if self.open[place_of(stream)].as_ref().is_some_and(is_other) {
                self.close(stream);
            }
        }
        if time.is_none() {
            let text = std::mem::take(&mut self.head);
            let stream = if let FrameStream::Printed(stream) = self.stream { stream } else { LogStream::Stdout };
            self.in_piece += text.len();
            self.add(stream, &text);
        }
    }

    /// Adds text to the line of a stream.
    fn add(&mut self, stream: LogStream, text: &[u8]) {
        let (time, longest) = (self.last, self.longest);
        let open = self.open[place_of(stream)].get_or_insert_with(|| Open { time, writing: Writing::new(longest) });
        let (time, ready) = (open.time, &mut self.ready);
        open.writing.add(text, &mut |text, truncated| {
            ready.push_back(Entry::Line(Line { stream, time, text, truncated }));
        });
    }

    /// A whole frame: a line, a piece of one, or an error.
    fn end_frame(&mut self) {
        match self.stream {
            FrameStream::Printed(stream) => {
                // Shorter than a stamp: text of a frame that has none.
                if !self.is_in_text && (self.ends_line || !self.head.is_empty()) {
                    self.end_head();
                }
                if std::mem::take(&mut self.ends_line) {
                    self.close(stream);
                }
            }
            FrameStream::Engine => {
                let head = std::mem::take(&mut self.head);
                self.ready.extend(error(&head));
            }
            FrameStream::Unknown(_) => {}
        }
        self.stream = FrameStream::Printed(LogStream::Stdout);
        self.head.clear();
        self.is_in_text = false;
    }

    fn close(&mut self, stream: LogStream) {
        let Some(Open { time, writing }) = self.open[place_of(stream)].take() else { return };
        if let Some((text, truncated)) = writing.end() {
            self.ready.push_back(Entry::Line(Line { stream, time, text, truncated }));
        }
    }

    fn read_terminal(&mut self) {
        let end = self.bytes.iter().position(|byte| *byte == b'\n');
        let part = self.bytes.split_to(end.unwrap_or(self.bytes.len()));
        self.read_terminal_text(&part);
        if end.is_some() {
            self.bytes.advance(1);
            self.end_terminal_line();
        }
    }

    /// Text of a terminal, without the stamps of further pieces.
    fn read_terminal_text(&mut self, part: &[u8]) {
        let mut part = if self.is_in_text || part.is_empty() { part } else { self.read_head(part) };
        while self.is_in_text && !part.is_empty() {
            if self.in_piece == PIECE && !self.head.is_empty() {
                part = self.skip_repeated(part);
                continue;
            }
            let room = if self.head.is_empty() { part.len() } else { PIECE - self.in_piece };
            let (text, rest) = part.split_at(room.min(part.len()));
            self.in_piece += text.len();
            self.add(LogStream::Stdout, text);
            part = rest;
        }
    }

    /// Between two pieces: passes over the stamp that is repeated there, or gives back what only began like it.
    fn skip_repeated<'a>(&mut self, part: &'a [u8]) -> &'a [u8] {
        let wanted = &self.head[self.repeated..];
        let same = part.iter().zip(wanted).take_while(|(byte, wanted)| byte == wanted).count();
        self.repeated += same;
        let is_whole = self.repeated == self.head.len();
        if is_whole || same < part.len() {
            self.end_repeated(is_whole);
        }
        &part[same..]
    }

    fn end_repeated(&mut self, is_whole: bool) {
        let matched = std::mem::take(&mut self.repeated);
        self.in_piece = 0;
        if !is_whole {
            let text = self.head[..matched].to_vec();
            self.in_piece = text.len();
            self.add(LogStream::Stdout, &text);
        }
    }

    fn end_terminal_line(&mut self) {
        if !self.is_in_text {
            self.end_head();
        }
        if self.repeated > 0 {
            self.end_repeated(false);
        }
        // An empty line is one, too.
        self.add(LogStream::Stdout, b"");
        // Every line of a container has a stamp, because stamps were asked for.
        let is_error = self.head.is_empty()
            && self.open[place_of(LogStream::Stdout)]
                .as_ref()
                .is_some_and(|open| open.writing.starts_with(ERROR_PREFIX));
        self.close(LogStream::Stdout);
        match self.ready.back_mut() {
            Some(Entry::Line(line)) if is_error => {
                let error = error(&line.text);
                self.ready.pop_back();
                self.ready.extend(error);
            }
            // A terminal ends lines with both.
            Some(Entry::Line(line)) if line.text.ends_with(b"\r") => drop(line.text.pop()),
            _ => {}
        }
        (self.is_in_text, self.in_piece) = (false, 0);
        self.head.clear();
    }
}

/// The engine's sentence without what dockerd puts before it; none where it says nothing.
fn error(bytes: &[u8]) -> Option<Entry> {
    let text = visible(bytes.trim_ascii());
    let sentence = text.strip_prefix(ERROR_PREFIX.trim_ascii_end()).map_or(text.as_str(), str::trim);
    (!sentence.is_empty()).then(|| Entry::Error(sentence.to_owned()))
}

#[cfg(test)]
mod tests;
