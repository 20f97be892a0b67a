//! A channel as a stream of bytes, for hyper.
//!
//! A task moves received data to a buffer at once: russh delivers the data of all channels in one
//! loop, where a reader that is slow would stop the others. Channels whose buffer is full are closed.

use crate::engine::transport::LinkError;
use app::model::EngineHop;
use bytes::Bytes;
use hyper_util::client::legacy::connect::{Connected, Connection};
use russh::{Channel, ChannelMsg, client::Msg};
use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::mpsc,
};

/// Data of one channel that was received and not read. A log that is followed is closed after 5 s
/// without a reader; this is for a download that is read slower than it arrives.
const MAX_UNREAD_BYTES: usize = 32 << 20;

/// A channel; closed when dropped.
pub(super) struct ChannelStream {
    chunks: mpsc::UnboundedReceiver<io::Result<Bytes>>,
    unread: Arc<AtomicUsize>,
    chunk: Bytes,
    writer: Pin<Box<dyn AsyncWrite + Send>>,
}

impl ChannelStream {
    /// Takes a channel. `owner` is kept until the channel is closed.
    pub(super) fn new(channel: Channel<Msg>, owner: impl Send + Sync + 'static) -> Self {
        let writer = Box::pin(channel.make_writer());
        let (sender, chunks) = mpsc::unbounded_channel();
        let unread = Arc::<AtomicUsize>::default();
        tokio::spawn(receive(channel, sender, Arc::clone(&unread), owner));
        Self { chunks, unread, chunk: Bytes::new(), writer }
    }
}

async fn receive<T>(
    channel: Channel<Msg>,
    sender: mpsc::UnboundedSender<io::Result<Bytes>>,
    unread: Arc<AtomicUsize>,
    owner: T,
) {
    let (mut received, sent) = channel.split();
    loop {
        let message = tokio::select! {
            () = sender.closed() => break,
            message = received.wait() => message,
        };
        let ended = match message {
            Some(ChannelMsg::Data { data }) => {
                if unread.fetch_add(data.len(), Ordering::Relaxed) + data.len() > MAX_UNREAD_BYTES {
                    Some(Err(io::Error::other("the data is read slower than it arrives")))
                } else {
                    let _ = sender.send(Ok(data));
                    continue;
                }
            }
            // The error output of a command.
            Some(ChannelMsg::ExtendedData { data, .. }) => {
                tracing::debug!(text = %String::from_utf8_lossy(&data), "error output on an ssh host");
                continue;
            }
            Some(ChannelMsg::Eof | ChannelMsg::Close) => Some(Ok(())),
            Some(_) => continue,
            None => Some(Err(io::Error::other(lost()))),
        };
        if let Some(Err(error)) = ended {
            let _ = sender.send(Err(error));
        }
        break;
    }
    drop(sender);
    let _ = sent.close().await;
    drop(owner);
}

/// The ssh connection ended.
pub(super) fn lost() -> LinkError {
    LinkError::new(
        EngineHop::Ssh,
        "ssh_failed",
        "the ssh connection was lost",
        "Check the network and sshd on that host. Quaylight keeps trying.",
    )
}

impl AsyncRead for ChannelStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        while self.chunk.is_empty() {
            match ready!(self.chunks.poll_recv(context)) {
                Some(Ok(chunk)) => {
                    self.unread.fetch_sub(chunk.len(), Ordering::Relaxed);
                    self.chunk = chunk;
                }
                Some(Err(error)) => return Poll::Ready(Err(error)),
                None => return Poll::Ready(Ok(())),
            }
        }
        let length = self.chunk.len().min(buffer.remaining());
        buffer.put_slice(&self.chunk.split_to(length));
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for ChannelStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if bytes.is_empty() {
            return Poll::Ready(Ok(0));
        }
        self.writer.as_mut().poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.writer.as_mut().poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.writer.as_mut().poll_shutdown(context)
    }
}

impl Connection for ChannelStream {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}
