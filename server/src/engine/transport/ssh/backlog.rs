//! Received data of a channel that is not read yet.
//!
//! A log that is followed is closed after 5 s without a reader, so this is for downloads that are
//! read slower than they arrive. After some megabytes, data waits in a temporary file without a
//! name.

use bytes::Bytes;
use std::{
    fs::File,
    io,
    os::unix::fs::FileExt as _,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
};
use tokio::{sync::mpsc, task::spawn_blocking};

/// Maximum bytes in memory. Beyond it, data goes to a file.
const MAX_MEMORY_BYTES: u64 = 4 << 20;
/// Maximum bytes in memory if there is no folder for temporary files.
const MAX_MEMORY_BYTES_WITHOUT_FILE: u64 = 32 << 20;
/// Maximum bytes in memory and in the file, so that a download cannot fill a disk.
const MAX_UNREAD_BYTES: u64 = 512 << 20;

enum Chunk {
    Memory(Bytes),
    /// Data in a part of the file.
    File {
        file: Arc<File>,
        at: u64,
        length: usize,
    },
}

/// Writing end of the backlog.
pub(super) struct Backlog {
    sender: mpsc::UnboundedSender<io::Result<Chunk>>,
    unread: Arc<AtomicU64>,
    /// The file, and the position in bytes at which its data ends.
    file: Option<(Arc<File>, u64)>,
}

/// Reading end of the backlog.
pub(super) struct BacklogReader {
    receiver: mpsc::UnboundedReceiver<io::Result<Chunk>>,
    unread: Arc<AtomicU64>,
}

impl Backlog {
    pub(super) fn new() -> (Self, BacklogReader) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let unread = Arc::<AtomicU64>::default();
        (Self { sender, unread: Arc::clone(&unread), file: None }, BacklogReader { receiver, unread })
    }

    /// Waits until the reader is dropped.
    pub(super) async fn closed(&self) {
        self.sender.closed().await;
    }

    /// Adds data.
    ///
    /// # Errors
    /// If there is more unread data than the limit, or the file cannot be written.
    pub(super) async fn push(&mut self, data: Bytes) -> io::Result<()> {
        let length = data.len() as u64;
        let unread = self.unread.fetch_add(length, Ordering::AcqRel);
        if unread == 0 {
            // Everything was read: the file starts again.
            self.file = None;
        }
        if unread + length > MAX_UNREAD_BYTES {
            return Err(too_slow());
        }
        let chunk = if unread < MAX_MEMORY_BYTES { Chunk::Memory(data) } else { self.store(data, unread).await? };
        // Without a reader, there is no use for it.
        let _ = self.sender.send(Ok(chunk));
        Ok(())
    }

    async fn store(&mut self, data: Bytes, unread: u64) -> io::Result<Chunk> {
        let (file, at) = match self.file.take() {
            Some(file) => file,
            None => match tempfile::tempfile() {
                Ok(file) => (Arc::new(file), 0),
                Err(_) if unread < MAX_MEMORY_BYTES_WITHOUT_FILE => return Ok(Chunk::Memory(data)),
                Err(_) => return Err(too_slow()),
            },
        };
        let (length, writer) = (data.len(), Arc::clone(&file));
        spawn_blocking(move || writer.write_all_at(&data, at)).await.map_err(io::Error::other)??;
        self.file = Some((Arc::clone(&file), at + length as u64));
        Ok(Chunk::File { file, at, length })
    }

    /// Marks the end of the data: complete, or cut off by an error.
    pub(super) fn finish(self, end: io::Result<()>) {
        if let Err(error) = end {
            let _ = self.sender.send(Err(error));
        }
    }
}

fn too_slow() -> io::Error {
    io::Error::other("the data is read slower than it arrives")
}

impl BacklogReader {
    /// Polls for the next data; `None` at the end.
    pub(super) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let chunk = match ready!(self.receiver.poll_recv(context)) {
            Some(Ok(chunk)) => chunk,
            Some(Err(error)) => return Poll::Ready(Some(Err(error))),
            None => return Poll::Ready(None),
        };
        let data = match chunk {
            Chunk::Memory(data) => data,
            Chunk::File { file, at, length } => {
                // Was written a moment ago, and is in the cache of the system.
                let mut data = vec![0; length];
                if let Err(error) = file.read_exact_at(&mut data, at) {
                    return Poll::Ready(Some(Err(error)));
                }
                data.into()
            }
        };
        self.unread.fetch_sub(data.len() as u64, Ordering::AcqRel);
        Poll::Ready(Some(Ok(data)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that gets no data has failed")]
    use super::*;
    use std::future::poll_fn;

    /// Pushes numbered chunks.
    async fn fill(backlog: &mut Backlog, count: u8) -> io::Result<()> {
        for number in 0..count {
            backlog.push(vec![number; 1 << 20].into()).await?;
        }
        Ok(())
    }

    #[tokio::test]
    async fn data_beyond_the_memory_comes_back_in_order() {
        let (mut backlog, mut reader) = Backlog::new();
        for _ in 0..2 {
            fill(&mut backlog, 40).await.unwrap();
            assert!(backlog.file.is_some());
            for number in 0..40 {
                let data = poll_fn(|context| reader.poll_next(context)).await.unwrap().unwrap();
                assert!(data.len() == 1 << 20 && data.iter().all(|byte| *byte == number), "{number}");
            }
        }
        // Read at once: in memory, and the file is gone.
        fill(&mut backlog, 2).await.unwrap();
        assert!(backlog.file.is_none());
        backlog.finish(Err(io::Error::other("the end")));
        for _ in 0..2 {
            assert!(poll_fn(|context| reader.poll_next(context)).await.unwrap().is_ok());
        }
        assert!(poll_fn(|context| reader.poll_next(context)).await.unwrap().is_err());
        assert!(poll_fn(|context| reader.poll_next(context)).await.is_none());
    }

    #[tokio::test]
    async fn there_is_a_limit() {
        let (mut backlog, _reader) = Backlog::new();
        backlog.unread.store(MAX_UNREAD_BYTES - 1, Ordering::Relaxed);
        assert!(fill(&mut backlog, 1).await.is_err());
    }
}
