//! Accepts connections, and keeps going when the system runs out of file descriptors.

use crate::process::{metrics::Metrics, usage};
use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    time::{Instant, sleep},
};
use tokio_util::task::TaskTracker;

/// Interval of attempts to accept while no file descriptor is free.
const RETRY_INTERVAL: Duration = Duration::from_millis(100);
/// Interval between two warnings. Descriptors become free one by one, so a shortage ends and begins
/// many times.
const WARNING_INTERVAL: Duration = Duration::from_secs(60);

/// File descriptors kept for engine calls, a dozen logs and the files of the program itself.
const RESERVED_FILES: u64 = 64;

#[derive(Debug)]
pub(super) struct Acceptor {
    listener: TcpListener,
    metrics: Metrics,
    warned_at: Option<Instant>,
    /// Maximum number of open connections.
    max_connections: usize,
}

impl Acceptor {
    pub(super) fn new(listener: TcpListener, metrics: Metrics) -> Self {
        let max_connections = usage::max_open_files()
            .map_or(usize::MAX, |files| usize::try_from(max_connections(files)).unwrap_or(usize::MAX));
        Self { listener, metrics, warned_at: None, max_connections }
    }

    /// Waits for the next connection.
    pub(super) async fn next(&mut self, open: &TaskTracker) -> (TcpStream, SocketAddr) {
        loop {
            if open.len() >= self.max_connections {
                self.warn(&io::Error::other("the remaining descriptors are reserved for the engine"));
                sleep(RETRY_INTERVAL).await;
                continue;
            }
            match self.listener.accept().await {
                Ok((stream, from)) => {
                    // Each write is a complete event; waiting for more would only delay it.
                    if let Err(error) = stream.set_nodelay(true) {
                        tracing::debug!(%error, "a connection was closed before it was served");
                    }
                    return (stream, from);
                }
                Err(error) if is_peer_gone(&error) => {}
                Err(error) => {
                    self.warn(&error);
                    sleep(RETRY_INTERVAL).await;
                }
            }
        }
    }

    fn warn(&mut self, error: &io::Error) {
        self.metrics.accept_failed();
        if self.warned_at.is_none_or(|at| at.elapsed() >= WARNING_INTERVAL) {
            self.warned_at = Some(Instant::now());
            tracing::warn!(%error, "connections have to wait: no file descriptor is free");
        }
    }
}

/// Maximum number of connections for a limit on open files. The rest is for the engine: without it,
/// viewers would see an engine that does not respond.
fn max_connections(files: u64) -> u64 {
    files - RESERVED_FILES.min(files / 2)
}

/// True if the peer closed the connection before it was accepted.
fn is_peer_gone(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::ConnectionRefused)
}
