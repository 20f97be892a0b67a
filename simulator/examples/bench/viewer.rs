//! A reader of the stream with almost no overhead: it counts bytes and separates frames by the
//! server's chunks, without parsing them.
//!
//! The arrival time of a frame is the kernel's timestamp of its last byte, so delays of this
//! process do not count.

use anyhow::{bail, ensure};
use nix::{
    errno::Errno,
    sys::{
        socket::{ControlMessageOwned, MsgFlags, recvmsg, setsockopt, sockopt::ReceiveTimestampns},
        time::{TimeSpec, TimeValLike as _},
    },
};
use std::{
    collections::VecDeque,
    io::{IoSliceMut, Write as _},
    net::{SocketAddr, TcpStream},
    os::fd::{AsFd, AsRawFd as _, BorrowedFd},
    time::{SystemTime, UNIX_EPOCH},
};

/// Request for a stream: for example `?format=compact`, and whether gzip is accepted, as by every
/// browser.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct StreamRequest<'a> {
    pub(crate) query: &'a str,
    pub(crate) gzip: bool,
}

impl StreamRequest<'_> {
    /// The request of Quaylight's own pages.
    pub(crate) const OF_PAGE: Self = Self { query: "?format=compact", gzip: true };
}

/// Frames differ in their first bytes: these contain the revision, and in compressed frames they
/// depend on the whole content.
const BEGINNING: usize = 64;

/// Identifies a frame: its length and its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct FrameKey {
    pub(crate) length: usize,
    beginning: [u8; BEGINNING],
}

/// A complete frame.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    pub(crate) key: FrameKey,
    /// Arrival time in nanoseconds since 1970.
    pub(crate) at: i64,
    /// Bytes on the connection, including HTTP's chunk headers.
    pub(crate) on_wire: usize,
    /// Content; empty unless kept.
    pub(crate) data: Vec<u8>,
}

/// An open stream.
#[derive(Debug)]
pub(crate) struct Viewer {
    socket: TcpStream,
    expected: Expected,
    on_wire: usize,
    length: usize,
    beginning: [u8; BEGINNING],
    data: Vec<u8>,
    keep: bool,
    frames: u64,
    /// Complete frames that have not been taken yet.
    ready: VecDeque<Frame>,
}

/// The part that the next byte belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    /// The response head; this many bytes of its end have arrived.
    Head(usize),
    /// A chunk's size, as far as it is read.
    Size(usize),
    /// A chunk; this many bytes are missing.
    Data(usize),
    /// The line end after a chunk.
    End,
}

const HEAD_ENDS: &[u8] = b"\r\n\r\n";

impl Viewer {
    pub(crate) fn open(address: SocketAddr, request: StreamRequest<'_>) -> anyhow::Result<Self> {
        let mut socket = TcpStream::connect(address)?;
        setsockopt(&socket, ReceiveTimestampns, &true)?;
        let coding = if request.gzip { "accept-encoding: gzip\r\n" } else { "" };
        let request =
            format!("GET /api/containers/stream{} HTTP/1.1\r\nhost: {address}\r\n{coding}\r\n", request.query);
        socket.write_all(request.as_bytes())?;
        Ok(Self {
            socket,
            expected: Expected::Head(0),
            on_wire: 0,
            length: 0,
            beginning: [0; BEGINNING],
            data: Vec::new(),
            keep: false,
            frames: 0,
            ready: VecDeque::new(),
        })
    }

    /// Keeps the content of frames.
    pub(crate) fn keeping(self) -> Self {
        Self { keep: true, ..self }
    }

    /// Number of frames so far, including the preamble.
    pub(crate) fn frames(&self) -> u64 {
        self.frames
    }

    /// Reads once; false if there was nothing to read. Waits for data only with `wait`.
    pub(crate) fn read(&mut self, buffer: &mut [u8], wait: bool) -> anyhow::Result<bool> {
        let mut stamps = nix::cmsg_space!(TimeSpec);
        let flags = if wait { MsgFlags::empty() } else { MsgFlags::MSG_DONTWAIT };
        let mut parts = [IoSliceMut::new(buffer)];
        let read = match recvmsg::<()>(self.socket.as_raw_fd(), &mut parts, Some(&mut stamps), flags) {
            Err(Errno::EAGAIN | Errno::EINTR) => return Ok(false),
            other => other?,
        };
        ensure!(read.bytes > 0, "the stream ended");
        let stamp = read.cmsgs()?.find_map(|message| match message {
            ControlMessageOwned::ScmTimestampns(at) => Some(at.num_nanoseconds()),
            _ => None,
        });
        // The kernel starts to add timestamps a moment after the request; earlier data gets the
        // current time.
        let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as i64);
        let (bytes, at) = (read.bytes, stamp.unwrap_or_else(now));
        self.take(&buffer[..bytes], at)?;
        Ok(true)
    }

    /// Frames completed since the last call.
    pub(crate) fn whole(&mut self) -> impl Iterator<Item = Frame> {
        self.ready.drain(..)
    }

    /// Waits for the next frame.
    pub(crate) fn next(&mut self, buffer: &mut [u8]) -> anyhow::Result<Frame> {
        loop {
            if let Some(frame) = self.ready.pop_front() {
                return Ok(frame);
            }
            self.read(buffer, true)?;
        }
    }

    fn take(&mut self, mut bytes: &[u8], at: i64) -> anyhow::Result<()> {
        while let Some((first, rest)) = bytes.split_first() {
            match self.expected {
                Expected::Head(come) => {
                    let come = if *first == HEAD_ENDS[come] { come + 1 } else { usize::from(*first == HEAD_ENDS[0]) };
                    self.expected = if come == HEAD_ENDS.len() { Expected::Size(0) } else { Expected::Head(come) };
                    bytes = rest;
                }
                Expected::Size(size) => {
                    self.on_wire += 1;
                    self.expected = match char::from(*first).to_digit(16) {
                        Some(digit) => Expected::Size(size * 16 + digit as usize),
                        None if *first == b'\n' => self.begin(size)?,
                        None => Expected::Size(size),
                    };
                    bytes = rest;
                }
                Expected::Data(missing) => {
                    let (part, rest) = bytes.split_at(missing.min(bytes.len()));
                    self.add(part);
                    self.expected =
                        if part.len() == missing { Expected::End } else { Expected::Data(missing - part.len()) };
                    bytes = rest;
                }
                Expected::End => {
                    self.on_wire += 1;
                    if *first == b'\n' {
                        self.expected = Expected::Size(0);
                        self.frames += 1;
                        self.finish(at);
                    }
                    bytes = rest;
                }
            }
        }
        Ok(())
    }

    fn begin(&mut self, size: usize) -> anyhow::Result<Expected> {
        if size == 0 {
            bail!("the stream ended");
        }
        (self.length, self.beginning) = (0, [0; BEGINNING]);
        Ok(Expected::Data(size))
    }

    fn add(&mut self, part: &[u8]) {
        if let Some(room) = self.beginning.get_mut(self.length..) {
            let fits = room.len().min(part.len());
            room[..fits].copy_from_slice(&part[..fits]);
        }
        self.length += part.len();
        self.on_wire += part.len();
        if self.keep {
            self.data.extend_from_slice(part);
        }
    }

    fn finish(&mut self, at: i64) {
        let key = FrameKey { length: self.length, beginning: self.beginning };
        let (on_wire, data) = (std::mem::take(&mut self.on_wire), std::mem::take(&mut self.data));
        self.ready.push_back(Frame { key, at, on_wire, data });
    }
}

impl AsFd for Viewer {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
