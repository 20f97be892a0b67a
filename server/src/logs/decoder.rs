//! Decodes the engine's log format into lines.
//!
//! In: bytes in chunks. Out: [`Entry`]s. Holds at most one line per stream. Pure.
//!
//! - Without a terminal, the engine sends frames: a header of eight bytes with stream and length,
//!   then a timestamp, a space and the text. A frame without a line end is a part of a line: Docker
//!   splits lines at 16 KiB, and all parts have the timestamp of the first. A part with another
//!   timestamp therefore follows a line that was never ended.
//! - With a terminal, there are no headers, and the timestamps of parts are within the line.
//! - Errors from the engine are frames of stream 3, or with a terminal, lines without a timestamp.
//! - [`LineBuffer`] limits lines that never end.
//!
//! Read next: [`super::seeker`].

use super::{Line, line_buffer::LineBuffer, visible};
use crate::engine::{Framing, LogTime, parse_timestamp};
use app::model::LogStream;
use bytes::{Buf as _, Bytes};
use std::collections::VecDeque;

/// Maximum length of a line: four of Docker's parts, enough for structured lines with a stack
/// trace.
pub const MAX_LINE_BYTES: usize = 64 << 10;
/// Size of the parts into which dockerd splits lines; with a terminal, each has a timestamp.
const PART_BYTES: usize = 16 << 10;
/// Length of a complete timestamp with offset and space.
const MAX_TIMESTAMP_BYTES: usize = 36;
const HEADER_BYTES: usize = 8;
/// Maximum length of an engine error, which is shown in one row.
const MAX_ERROR_BYTES: usize = 4 << 10;
/// Start of dockerd's errors in a log.
const ERROR_PREFIX: &str = "Error grabbing logs: ";

/// An entry of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A printed line.
    Line(Line),
    /// An engine error: the log could not be read. With the engine's message.
    Error(String),
}

/// Stream of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FrameStream {
    Printed(LogStream),
    /// Errors from the engine.
    Engine,
    /// A stream that the protocol does not define; its frames are skipped and reported as an error.
    Unknown(u8),
}

/// Decodes bytes into entries.
#[derive(Debug)]
pub struct Decoder {
    framing: Framing,
    max_line_bytes: usize,
    /// Unread bytes.
    bytes: Bytes,
    header: Vec<u8>,
    /// Remaining bytes of the current frame.
    frame_bytes_left: usize,
    stream: FrameStream,
    /// Timestamp of the current frame or terminal line, or an engine error, as far as received.
    head: Vec<u8>,
    /// True if the head is complete, and text follows.
    is_in_text: bool,
    /// True if the current frame ends with a line end.
    ends_line: bool,
    /// Number of bytes of text in the current part of a terminal line.
    part_bytes: usize,
    /// Number of matched bytes of a repeated timestamp between two parts.
    repeated: usize,
    /// Unfinished lines of stdout and stderr.
    open: [Option<Open>; 2],
    ready: VecDeque<Entry>,
    last: LogTime,
    /// Number of complete frames with text.
    records: u32,
}

/// An unfinished line.
#[derive(Debug)]
struct Open {
    time: LogTime,
    buffer: LineBuffer,
}

const STREAMS: [LogStream; 2] = [LogStream::Stdout, LogStream::Stderr];

const fn stream_index(stream: LogStream) -> usize {
    match stream {
        LogStream::Stdout => 0,
        LogStream::Stderr => 1,
    }
}

impl FrameStream {
    /// Reads the first byte of a header. Standard input (0) is echoed input, which is shown as
    /// output.
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
    /// Creates a decoder that keeps at most `max_line_bytes` bytes per line.
    pub fn new(framing: Framing, max_line_bytes: usize) -> Self {
        Self {
            framing,
            max_line_bytes,
            bytes: Bytes::new(),
            header: Vec::with_capacity(HEADER_BYTES),
            frame_bytes_left: 0,
            stream: FrameStream::Printed(LogStream::Stdout),
            head: Vec::new(),
            is_in_text: false,
            ends_line: false,
            part_bytes: 0,
            repeated: 0,
            open: [None, None],
            ready: VecDeque::new(),
            last: LogTime::default(),
            records: 0,
        }
    }

    /// The format of the log.
    pub fn framing(&self) -> Framing {
        self.framing
    }

    /// Number of frames with text so far: the records of the log, of which a long line has several.
    pub fn records(&self) -> u32 {
        self.records
    }

    /// Adds bytes. Must only be called after [`Self::entry`] has returned `None`.
    pub fn take(&mut self, bytes: Bytes) {
        debug_assert!(self.bytes.is_empty());
        self.bytes = bytes;
    }

    /// Returns the next complete entry.
    pub fn entry(&mut self) -> Option<Entry> {
        while self.ready.is_empty() && !self.bytes.is_empty() {
            match self.framing {
                Framing::Frames => self.read_frame(),
                Framing::Terminal => self.read_terminal(),
            }
        }
        self.ready.pop_front()
    }

    /// Ends the log. [`Self::entry`] then also returns unfinished lines.
    pub fn end(&mut self) {
        match self.framing {
            // An incomplete frame is used as far as it was received.
            Framing::Frames => self.end_frame(),
            Framing::Terminal if self.is_in_text || !self.head.is_empty() => self.end_terminal_line(),
            Framing::Terminal => {}
        }
        for stream in STREAMS {
            self.close(stream);
        }
    }

    /// The text so far of an unfinished line, for a log that pauses within a line.
    pub fn unfinished(&self) -> Option<Line> {
        STREAMS.into_iter().find_map(|stream| {
            let open = self.open[stream_index(stream)].as_ref()?;
            Some(Line { stream, time: open.time, text: open.buffer.newest()?, truncated: false })
        })
    }

    fn read_frame(&mut self) {
        if self.frame_bytes_left == 0 {
            let missing = (HEADER_BYTES - self.header.len()).min(self.bytes.len());
            self.header.extend_from_slice(&self.bytes.split_to(missing));
            let &[kind, _, _, _, a, b, c, d] = self.header.as_slice() else { return };
            self.stream = FrameStream::of(kind);
            self.frame_bytes_left = u32::from_be_bytes([a, b, c, d]) as usize;
            self.header.clear();
            // Reported immediately, because the length may be invalid and the frame never end.
            if let FrameStream::Unknown(kind) = self.stream {
                self.ready.push_back(Entry::Error(format!("It sent a frame of an unknown stream ({kind}).")));
            }
        }
        let part = self.bytes.split_to(self.frame_bytes_left.min(self.bytes.len()));
        self.frame_bytes_left -= part.len();
        match self.stream {
            FrameStream::Printed(stream) => {
                self.ends_line = self.frame_bytes_left == 0 && part.ends_with(b"\n");
                self.read_text(stream, part.strip_suffix(b"\n").filter(|_| self.ends_line).unwrap_or(&part));
            }
            FrameStream::Engine => {
                let room = MAX_ERROR_BYTES.saturating_sub(self.head.len());
                self.head.extend_from_slice(&part[..part.len().min(room)]);
            }
            FrameStream::Unknown(_) => {}
        }
        if self.frame_bytes_left == 0 {
            self.end_frame();
        }
    }

    /// Reads a part of a frame, without the line end.
    fn read_text(&mut self, stream: LogStream, part: &[u8]) {
        let text = if self.is_in_text { part } else { self.read_head(part) };
        if self.is_in_text {
            self.add(stream, text);
        }
    }

    /// Reads the timestamp from a part, and returns the rest.
    fn read_head<'a>(&mut self, part: &'a [u8]) -> &'a [u8] {
        let room = MAX_TIMESTAMP_BYTES.saturating_sub(self.head.len());
        let space = part.iter().take(room).position(|byte| *byte == b' ');
        let taken = space.map_or(part.len().min(room), |space| space + 1);
        self.head.extend_from_slice(&part[..taken]);
        if space.is_some() || self.head.len() >= MAX_TIMESTAMP_BYTES {
            self.end_head();
        }
        &part[taken..]
    }

    /// Ends the timestamp. If it is not valid, it is text with the previous time.
    fn end_head(&mut self) {
        self.is_in_text = true;
        let time = self.head.strip_suffix(b" ").and_then(parse_timestamp);
        self.last = time.unwrap_or(self.last);
        if let (Framing::Frames, FrameStream::Printed(stream)) = (self.framing, self.stream) {
            // A part with another timestamp follows a line that was never ended.
            let is_other = |open: &Open| open.time != self.last;
            if self.open[stream_index(stream)].as_ref().is_some_and(is_other) {
                self.close(stream);
            }
        }
        if time.is_none() {
            let text = std::mem::take(&mut self.head);
            let stream = if let FrameStream::Printed(stream) = self.stream { stream } else { LogStream::Stdout };
            self.part_bytes += text.len();
            self.add(stream, &text);
        }
    }

    /// Adds text to the line of a stream.
    fn add(&mut self, stream: LogStream, text: &[u8]) {
        let (time, max_line_bytes) = (self.last, self.max_line_bytes);
        let open = self.open[stream_index(stream)]
            .get_or_insert_with(|| Open { time, buffer: LineBuffer::new(max_line_bytes) });
        let (time, ready) = (open.time, &mut self.ready);
        open.buffer.add(text, &mut |text, truncated| {
            ready.push_back(Entry::Line(Line { stream, time, text, truncated }));
        });
    }

    /// Ends a frame: a line, a part of one, or an error.
    fn end_frame(&mut self) {
        match self.stream {
            FrameStream::Printed(stream) => {
                self.records = self.records.saturating_add(1);
                // Shorter than a timestamp, so it is text.
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
        let Some(Open { time, buffer }) = self.open[stream_index(stream)].take() else { return };
        if let Some((text, truncated)) = buffer.end() {
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

    /// Reads text of a terminal, without the timestamps of further parts.
    fn read_terminal_text(&mut self, part: &[u8]) {
        let mut part = if self.is_in_text || part.is_empty() { part } else { self.read_head(part) };
        while self.is_in_text && !part.is_empty() {
            if self.part_bytes == PART_BYTES && !self.head.is_empty() {
                part = self.skip_repeated(part);
                continue;
            }
            let room = if self.head.is_empty() { part.len() } else { PART_BYTES - self.part_bytes };
            let (text, rest) = part.split_at(room.min(part.len()));
            self.part_bytes += text.len();
            self.add(LogStream::Stdout, text);
            part = rest;
        }
    }

    /// Skips the repeated timestamp between two parts. Text that only starts like a timestamp is
    /// kept.
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
        self.part_bytes = 0;
        if !is_whole {
            let text = self.head[..matched].to_vec();
            self.part_bytes = text.len();
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
        // Empty lines count.
        self.add(LogStream::Stdout, b"");
        // All lines of the container have a timestamp, because they were requested.
        let is_error = self.head.is_empty()
            && self.open[stream_index(LogStream::Stdout)]
                .as_ref()
                .is_some_and(|open| open.buffer.starts_with(ERROR_PREFIX));
        self.close(LogStream::Stdout);
        match self.ready.back_mut() {
            Some(Entry::Line(line)) if is_error => {
                let error = error(&line.text);
                self.ready.pop_back();
                self.ready.extend(error);
            }
            // Terminals end lines with CR LF.
            Some(Entry::Line(line)) if line.text.ends_with(b"\r") => drop(line.text.pop()),
            _ => {}
        }
        (self.is_in_text, self.part_bytes) = (false, 0);
        self.head.clear();
    }
}

/// An engine error without dockerd's prefix; `None` if it is empty.
fn error(bytes: &[u8]) -> Option<Entry> {
    let text = visible(bytes.trim_ascii());
    let sentence = text.strip_prefix(ERROR_PREFIX.trim_ascii_end()).map_or(text.as_str(), str::trim);
    (!sentence.is_empty()).then(|| Entry::Error(sentence.to_owned()))
}

#[cfg(test)]
mod tests;
