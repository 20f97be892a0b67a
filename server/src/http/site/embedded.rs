//! Files of the pages embedded in the program, each in brotli and gzip, as built by `scripts/build`
//! in `target/site`.
//!
//! Files are decompressed on demand, for clients that accept neither. tower-http's `ServeDir` does
//! the rest (encodings, conditions, ranges), as for a folder. Nothing is copied: the system reads a
//! file's memory pages when they are sent.

use bytes::Bytes;
use flate2::bufread::GzDecoder;
use rust_embed::{Embed, EmbeddedFile};
use std::{
    borrow::Cow,
    future::{Ready, ready},
    io::{self, Cursor, Read as _, SeekFrom},
    path::{Path, PathBuf},
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, SystemTime},
};
use tokio::io::{AsyncRead, AsyncSeek, ReadBuf};
use tower_http::services::fs::{Backend, File, Metadata};

#[derive(Embed)]
#[folder = "../target/site"]
#[include = "*.br"]
#[include = "*.gz"]
struct Packed;

/// Serves the files that are embedded in the program.
#[derive(Debug, Clone, Copy)]
pub struct EmbeddedFolder;

/// An open file.
#[derive(Debug)]
pub struct OpenFile {
    bytes: Cursor<Bytes>,
    facts: Facts,
}

/// Metadata of a file.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    length_bytes: u64,
    built: SystemTime,
}

/// Names in a folder, without the extension of their compression, and the build time.
pub(super) fn names(folder: &str) -> Vec<(String, SystemTime)> {
    let unpacked = |path: Cow<'static, str>| {
        let name = path.strip_prefix(folder)?.strip_suffix(".gz")?;
        Some((name.to_owned(), built(&Packed::get(&path)?)))
    };
    Packed::iter().filter_map(unpacked).collect()
}

/// Content of a file, decompressed.
pub(super) fn read(name: &str) -> io::Result<Bytes> {
    find(Path::new(name))?.read()
}

/// A file as embedded.
enum Found {
    AsItIs(EmbeddedFile, Duration),
    /// Decompressed when it is read.
    Gzip(EmbeddedFile),
}

/// Offset of a file's time in its entity tag. Tags consist of time and length, and two encodings of
/// a small file may have the same length, so each encoding gets a different second.
fn etag_offset(name: &str) -> Duration {
    Duration::from_secs(if name.ends_with(".br") { 1 } else { 2 * u64::from(name.ends_with(".gz")) })
}

fn find(path: &Path) -> io::Result<Found> {
    let name = path.strip_prefix(".").unwrap_or(path).to_str().ok_or(io::ErrorKind::NotFound)?;
    let packed = || Packed::get(&format!("{name}.gz")).map(Found::Gzip);
    let as_it_is = |file| Found::AsItIs(file, etag_offset(name));
    Packed::get(name).map(as_it_is).or_else(packed).ok_or_else(|| io::ErrorKind::NotFound.into())
}

impl Found {
    fn facts(&self) -> Facts {
        match self {
            Self::AsItIs(file, etag_offset) => {
                Facts { length_bytes: file.data.len() as u64, built: built(file) + *etag_offset }
            }
            Self::Gzip(file) => Facts { length_bytes: unpacked_bytes(&file.data), built: built(file) },
        }
    }

    fn read(self) -> io::Result<Bytes> {
        match self {
            Self::AsItIs(file, _) => Ok(match file.data {
                Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                Cow::Owned(bytes) => bytes.into(),
            }),
            Self::Gzip(file) => {
                let mut unpacked = Vec::with_capacity(usize::try_from(unpacked_bytes(&file.data)).unwrap_or_default());
                GzDecoder::new(&*file.data).read_to_end(&mut unpacked)?;
                Ok(unpacked.into())
            }
        }
    }
}

/// Uncompressed length, from the last four bytes of gzip (RFC 1952, ISIZE).
fn unpacked_bytes(gzip: &[u8]) -> u64 {
    gzip.last_chunk().map_or(0, |length| u64::from(u32::from_le_bytes(*length)))
}

fn built(file: &EmbeddedFile) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(file.metadata.last_modified().unwrap_or_default())
}

impl Backend for EmbeddedFolder {
    type File = OpenFile;
    type Metadata = Facts;
    type OpenFuture = Ready<io::Result<OpenFile>>;
    type MetadataFuture = Ready<io::Result<Facts>>;

    fn open(&self, path: PathBuf) -> Self::OpenFuture {
        ready(find(&path).and_then(|found| {
            let facts = found.facts();
            Ok(OpenFile { bytes: Cursor::new(found.read()?), facts })
        }))
    }

    fn metadata(&self, path: PathBuf) -> Self::MetadataFuture {
        ready(find(&path).map(|found| found.facts()))
    }
}

impl File for OpenFile {
    type Metadata = Facts;
    type MetadataFuture<'a> = Ready<io::Result<Facts>>;

    fn metadata(&self) -> Self::MetadataFuture<'_> {
        ready(Ok(self.facts))
    }
}

impl Metadata for Facts {
    fn is_dir(&self) -> bool {
        false
    }

    fn modified(&self) -> io::Result<SystemTime> {
        Ok(self.built)
    }

    fn len(&self) -> u64 {
        self.length_bytes
    }
}

impl AsyncRead for OpenFile {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.bytes).poll_read(context, buffer)
    }
}

impl AsyncSeek for OpenFile {
    fn start_seek(mut self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        Pin::new(&mut self.bytes).start_seek(position)
    }

    fn poll_complete(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<u64>> {
        Pin::new(&mut self.bytes).poll_complete(context)
    }
}
