//! From the engine's connection to a reader that may stop reading.
//!
//! In: pieces of a log that is followed, as the engine's connection gives them. Out: the same bytes in pieces of [`PIECE_BYTES`], as
//! they are asked for. Where a reader does not ask for [`IDLE_LIMIT`], the connection is closed, and with it goes all that hyper read
//! ahead, a megabyte or so; the reader gets an end that says so, and opens the log again behind its last line.

use crate::engine::EngineError;
use bytes::Bytes;
use futures::{Stream, StreamExt as _, stream};
use std::time::Duration;
use tokio::{
    sync::mpsc,
    time::{self, timeout},
};

/// As much as is held for a reader that does not read, and as much again in its decoder.
const PIECE_BYTES: usize = 16 << 10;
/// A page that is drawing thousands of lines comes back sooner.
const IDLE_LIMIT: Duration = Duration::from_secs(5);

/// The same bytes, while they are asked for.
pub fn pumped(
    pieces: impl Stream<Item = Result<Bytes, EngineError>> + Send + Unpin + 'static,
) -> impl Stream<Item = Result<Bytes, EngineError>> + Send {
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(pump(pieces, sender));
    stream::unfold(receiver, |mut receiver| async move { Some((receiver.recv().await?, receiver)) })
}

/// Ends with the log, with its reader, or with [`EngineError::NotRead`].
async fn pump(
    mut pieces: impl Stream<Item = Result<Bytes, EngineError>> + Send + Unpin,
    sender: mpsc::Sender<Result<Bytes, EngineError>>,
) {
    loop {
        let piece = tokio::select! {
            () = sender.closed() => return,
            piece = pieces.next() => piece,
        };
        let Some(piece) = piece else { return };
        let mut parts = match piece {
            // Copied, so that nothing of the connection's own buffer is held on to.
            Ok(bytes) => bytes.chunks(PIECE_BYTES).map(|part| Ok(Bytes::copy_from_slice(part))).collect::<Vec<_>>(),
            Err(error) => vec![Err(error)],
        }
        .into_iter();
        while let Some(part) = parts.next() {
            let sent = timeout(IDLE_LIMIT, sender.reserve()).await;
            match sent {
                Ok(Ok(room)) => room.send(part),
                Ok(Err(_)) => return,
                Err(time::error::Elapsed { .. }) => {
                    drop((pieces, parts, part));
                    // Waits behind the piece that is there already.
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
    async fn what_is_read_comes_whole_and_what_is_not_read_is_let_go() {
        let connection = Arc::new(());
        let held = Arc::clone(&connection);
        let pieces = stream::repeat_with(move || {
            let _held = &held;
            Ok(Bytes::from(vec![7_u8; 100_000]))
        });
        let mut read = pin!(pumped(pieces.boxed()));
        let mut bytes = 0;
        while bytes < 1_000_000 {
            bytes += read.next().await.unwrap().unwrap().len();
        }
        assert_eq!(Arc::strong_count(&connection), 2);
        time::sleep(IDLE_LIMIT * 2).await;
        assert_eq!(Arc::strong_count(&connection), 1, "the connection is held on to");
        // What was there already, and the end.
        assert!(read.next().await.unwrap().is_ok());
        assert!(matches!(read.next().await, Some(Err(EngineError::NotRead))));
        assert!(read.next().await.is_none());
    }

    #[tokio::test]
    async fn a_log_that_ends_ends() {
        let read: Vec<_> = pumped(stream::iter([Ok(Bytes::from_static(b"a"))]).boxed()).collect().await;
        assert_eq!(read.len(), 1);
    }
}
