//! Closes the engine's connection while a reader is idle.
//!
//! In: chunks of a followed log from the engine's connection. Out: the same bytes in chunks of
//! [`CHUNK_BYTES`], on demand. If the reader is idle for [`IDLE_TIMEOUT`], the connection is closed
//! to free the megabyte that hyper has read ahead. The reader gets [`EngineError::NotRead`], and
//! later opens the log again after its last line.

use crate::engine::EngineError;
use bytes::Bytes;
use futures::{Stream, StreamExt as _, stream};
use std::time::Duration;
use tokio::{
    sync::mpsc,
    time::{self, timeout},
};

/// Chunk size in bytes: the buffer of an idle reader, and again in its decoder.
const CHUNK_BYTES: usize = 16 << 10;
/// Time after which a reader is idle; a page that renders thousands of lines takes less.
const IDLE_TIMEOUT: Duration = Duration::from_secs(5);

/// Passes bytes on while the reader is active.
pub fn with_idle_timeout(
    chunks: impl Stream<Item = Result<Bytes, EngineError>> + Send + Unpin + 'static,
) -> impl Stream<Item = Result<Bytes, EngineError>> + Send {
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(pump(chunks, sender));
    stream::unfold(receiver, |mut receiver| async move { Some((receiver.recv().await?, receiver)) })
}

/// Passes bytes on until the log ends or the reader is dropped, or with [`EngineError::NotRead`] if
/// the reader is idle.
async fn pump(
    mut chunks: impl Stream<Item = Result<Bytes, EngineError>> + Send + Unpin,
    sender: mpsc::Sender<Result<Bytes, EngineError>>,
) {
    loop {
        let chunk = tokio::select! {
            () = sender.closed() => return,
            chunk = chunks.next() => chunk,
        };
        let Some(chunk) = chunk else { return };
        let mut parts = match chunk {
            // Copied, so that the connection's buffer can be freed.
            Ok(bytes) => bytes.chunks(CHUNK_BYTES).map(|part| Ok(Bytes::copy_from_slice(part))).collect::<Vec<_>>(),
            Err(error) => vec![Err(error)],
        }
        .into_iter();
        while let Some(part) = parts.next() {
            let sent = timeout(IDLE_TIMEOUT, sender.reserve()).await;
            match sent {
                Ok(Ok(room)) => room.send(part),
                Ok(Err(_)) => return,
                Err(time::error::Elapsed { .. }) => {
                    drop((chunks, parts, part));
                    // Waits until the previous chunk was read.
                    let _ = sender.send(Err(EngineError::NotRead)).await;
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that gets no piece has failed")]
    use super::*;
    use std::{pin::pin, sync::Arc};

    #[tokio::test(start_paused = true)]
    async fn a_reader_gets_everything_and_an_unread_stream_is_closed() {
        let connection = Arc::new(());
        let held = Arc::clone(&connection);
        let chunks = stream::repeat_with(move || {
            let _held = &held;
            Ok(Bytes::from(vec![7_u8; 100_000]))
        });
        let mut read = pin!(with_idle_timeout(chunks.boxed()));
        let mut bytes = 0;
        while bytes < 1_000_000 {
            bytes += read.next().await.unwrap().unwrap().len();
        }
        assert_eq!(Arc::strong_count(&connection), 2);
        time::sleep(IDLE_TIMEOUT * 2).await;
        assert_eq!(Arc::strong_count(&connection), 1, "the connection is held on to");
        // The existing lines, and the end.
        assert!(read.next().await.unwrap().is_ok());
        assert!(matches!(read.next().await, Some(Err(EngineError::NotRead))));
        assert!(read.next().await.is_none());
    }

    #[tokio::test]
    async fn the_stream_ends_with_the_log() {
        let read: Vec<_> = with_idle_timeout(stream::iter([Ok(Bytes::from_static(b"a"))]).boxed()).collect().await;
        assert_eq!(read.len(), 1);
    }
}
