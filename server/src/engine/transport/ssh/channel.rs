//! A channel as a stream of bytes, for hyper.
//!
//! A task moves received data to a [`backlog`](super::backlog) at once: russh delivers the data of
//! all channels in one loop, where a reader that is slow would stop the others. Channels whose
//! backlog is full are closed.

use super::backlog::{Backlog, BacklogReader};
use crate::engine::transport::LinkError;
use app::model::EngineHop;
use bytes::Bytes;
use hyper_util::client::legacy::connect::{Connected, Connection};
use russh::{Channel, ChannelMsg, client::Msg};
use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// An ssh channel as a byte stream. The channel is closed when the stream is dropped.
pub(super) struct ChannelStream {
    backlog: BacklogReader,
    chunk: Bytes,
    writer: Pin<Box<dyn AsyncWrite + Send>>,
}

impl ChannelStream {
    /// Creates a stream from a channel. `owner` is kept until the channel is closed.
    pub(super) fn new(channel: Channel<Msg>, owner: impl Send + Sync + 'static) -> Self {
        let writer = Box::pin(channel.make_writer());
        let (backlog, reader) = Backlog::new();
        tokio::spawn(receive(channel, backlog, owner));
        Self { backlog: reader, chunk: Bytes::new(), writer }
    }
}

async fn receive<T>(channel: Channel<Msg>, mut backlog: Backlog, owner: T) {
    let (mut received, sent) = channel.split();
    let end = loop {
        let message = tokio::select! {
            () = backlog.closed() => break Ok(()),
            message = received.wait() => message,
        };
        match message {
            Some(ChannelMsg::Data { data }) => match backlog.push(data).await {
                Ok(()) => {}
                Err(error) => break Err(error),
            },
            // The error output of a command.
            Some(ChannelMsg::ExtendedData { data, .. }) => {
                tracing::debug!(text = %String::from_utf8_lossy(&data), "error output on an ssh host");
            }
            Some(ChannelMsg::Eof | ChannelMsg::Close) => break Ok(()),
            Some(_) => {}
            None => break Err(io::Error::other(lost())),
        }
    };
    backlog.finish(end);
    let _ = sent.close().await;
    drop(owner);
}

/// The error for an ssh connection that ended.
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
            match ready!(self.backlog.poll_next(context)) {
                Some(chunk) => self.chunk = chunk?,
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
