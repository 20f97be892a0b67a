//! Bytes of one frame in both content encodings. Gzip is computed on first use, once for all
//! viewers.
//!
//! A gzip stream has a header, deflate blocks and a trailer. Here, each frame is a sequence of
//! blocks that refers to no earlier data and ends on a byte boundary, so any sequence of frames
//! after a header is a valid stream. The trailer is never written: it needs a checksum per viewer,
//! and the stream only ends with the connection.

use bytes::Bytes;
use flate2::{Compress, Compression, FlushCompress};
use std::sync::OnceLock;

/// Content encoding of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentEncoding {
    /// Uncompressed.
    Identity,
    /// `Content-Encoding: gzip`.
    Gzip,
}

/// Method deflate, no flags, no time, unknown system (RFC 1952, 2.3).
const GZIP_HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
/// Maximum length of a stored block, which has 16 bits (RFC 1951, 3.2.4).
const MAX_STORED_BLOCK_BYTES: usize = 0xffff;

/// An encoded frame.
#[derive(Debug)]
pub(super) struct Frame {
    plain: Bytes,
    deflated: OnceLock<Bytes>,
}

impl Frame {
    pub(super) fn new(plain: Bytes) -> Self {
        Self { plain, deflated: OnceLock::new() }
    }

    pub(super) fn bytes(&self, encoding: ContentEncoding) -> Bytes {
        match encoding {
            ContentEncoding::Identity => self.plain.clone(),
            ContentEncoding::Gzip => self.deflated.get_or_init(|| deflated(&self.plain)).clone(),
        }
    }
}

/// Bytes before the first frame: the gzip header, if any, and `text`.
pub(crate) fn preamble(text: &'static str, encoding: ContentEncoding) -> Bytes {
    match encoding {
        ContentEncoding::Identity => Bytes::from_static(text.as_bytes()),
        ContentEncoding::Gzip => [&GZIP_HEADER[..], &stored(text.as_bytes())].concat().into(),
    }
}

/// A frame for one viewer, too short for compression.
pub(crate) fn short_frame(plain: Bytes, encoding: ContentEncoding) -> Bytes {
    match encoding {
        ContentEncoding::Identity => plain,
        ContentEncoding::Gzip => stored(&plain).into(),
    }
}

/// Encodes as stored blocks, without a final block.
fn stored(plain: &[u8]) -> Vec<u8> {
    let mut blocks = Vec::with_capacity(plain.len() + 5);
    for part in plain.chunks(MAX_STORED_BLOCK_BYTES) {
        let length = u16::try_from(part.len()).unwrap_or(u16::MAX);
        blocks.push(0);
        blocks.extend(length.to_le_bytes());
        blocks.extend((!length).to_le_bytes());
        blocks.extend_from_slice(part);
    }
    blocks
}

/// Compresses to blocks that start with an empty window and end on a byte boundary, without a final
/// block.
fn deflated(plain: &[u8]) -> Bytes {
    let mut deflate = Compress::new(Compression::default(), false);
    // A sync flush is complete if the buffer is not full.
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
