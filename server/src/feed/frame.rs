//! One frame's bytes, in both content codings; the second is made when the first viewer wants it, once for all of them.
//!
//! A gzip stream is a header, deflate blocks and a trailer. Here each frame is a run of blocks that refers to nothing before it and
//! ends on a byte boundary, so any frames one after another behind any viewer's header are one valid stream. The trailer is never
//! written: it would need the sum over one viewer's bytes, and the stream does not end before the connection does.

use bytes::Bytes;
use flate2::{Compress, Compression, FlushCompress};
use std::sync::OnceLock;

/// How a viewer takes its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// As they are.
    Identity,
    /// `Content-Encoding: gzip`.
    Gzip,
}

/// Method deflate, no flags, no time, unknown system (RFC 1952, 2.3).
const GZIP_HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
/// A stored block's length has 16 bits (RFC 1951, 3.2.4).
const STORED_AT_MOST: usize = 0xffff;

/// One frame, encoded.
#[derive(Debug)]
pub(super) struct Frame {
    plain: Bytes,
    deflated: OnceLock<Bytes>,
}

impl Frame {
    pub(super) fn new(plain: Bytes) -> Self {
        Self { plain, deflated: OnceLock::new() }
    }

    pub(super) fn bytes(&self, coding: Coding) -> Bytes {
        match coding {
            Coding::Identity => self.plain.clone(),
            Coding::Gzip => self.deflated.get_or_init(|| deflated(&self.plain)).clone(),
        }
    }
}

/// What goes before a viewer's first frame, `text` included.
pub(crate) fn opening(text: &'static str, coding: Coding) -> Bytes {
    match coding {
        Coding::Identity => Bytes::from_static(text.as_bytes()),
        Coding::Gzip => [&GZIP_HEADER[..], &stored(text.as_bytes())].concat().into(),
    }
}

/// A frame for one viewer alone and too short to be worth compressing.
pub(crate) fn short(plain: Bytes, coding: Coding) -> Bytes {
    match coding {
        Coding::Identity => plain,
        Coding::Gzip => stored(&plain).into(),
    }
}

/// Stored blocks, none of them the last.
fn stored(plain: &[u8]) -> Vec<u8> {
    let mut blocks = Vec::with_capacity(plain.len() + 5);
    for part in plain.chunks(STORED_AT_MOST) {
        let length = u16::try_from(part.len()).unwrap_or(u16::MAX);
        blocks.push(0);
        blocks.extend(length.to_le_bytes());
        blocks.extend((!length).to_le_bytes());
        blocks.extend_from_slice(part);
    }
    blocks
}

/// Blocks that begin with an empty window and end on a byte boundary, none of them the last.
fn deflated(plain: &[u8]) -> Bytes {
    let mut deflate = Compress::new(Compression::default(), false);
    // A sync flush is complete when room is left over.
    let mut blocks = Vec::with_capacity(plain.len() / 3 + 256);
    loop {
        let read = usize::try_from(deflate.total_in()).unwrap_or(usize::MAX);
        let rest = plain.get(read..).unwrap_or_default();
        if deflate.compress_vec(rest, &mut blocks, FlushCompress::Sync).is_err() {
            return stored(plain).into();
        }
        let whole = usize::try_from(deflate.total_in()).is_ok_and(|read| read >= plain.len());
        if whole && blocks.len() < blocks.capacity() {
            return blocks.into();
        }
        blocks.reserve(blocks.capacity());
    }
}

#[cfg(test)]
mod tests;
