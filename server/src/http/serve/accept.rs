//! One connection after another, whatever the system says.

use crate::{metrics::Metrics, process};
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

/// When the system has no descriptor left, the question is asked again after this: soon for who waits, and next to nothing to ask.
const PAUSE: Duration = Duration::from_millis(100);
/// Descriptors come back one by one, so that a shortage ends and begins again many times; it is told once in this time.
const TOLD_AGAIN_AFTER: Duration = Duration::from_secs(60);

/// Calls under way at once, a dozen logs, and what the program itself has open.
const FOR_THE_ENGINE: u64 = 64;

#[derive(Debug)]
pub(super) struct Acceptor {
    listener: TcpListener,
    metrics: Metrics,
    told_at: Option<Instant>,
    /// Connections at a time.
    most: usize,
}

impl Acceptor {
    pub(super) fn new(listener: TcpListener, metrics: Metrics) -> Self {
        let most =
            process::max_open_files().map_or(usize::MAX, |files| usize::try_from(most_of(files)).unwrap_or(usize::MAX));
        Self { listener, metrics, told_at: None, most }
    }

    /// The next connection, beside those that are open.
    pub(super) async fn next(&mut self, open: &TaskTracker) -> (TcpStream, SocketAddr) {
        loop {
            if open.len() >= self.most {
                self.refused(&io::Error::other("the other descriptors are for the engine"));
                sleep(PAUSE).await;
                continue;
            }
            match self.listener.accept().await {
                Ok((stream, from)) => {
                    // A frame is complete when it is written; there is nothing to wait for.
                    if let Err(error) = stream.set_nodelay(true) {
                        tracing::debug!(%error, "a connection was over before it was served");
                    }
                    return (stream, from);
                }
                Err(error) if left(&error) => {}
                Err(error) => {
                    self.refused(&error);
                    sleep(PAUSE).await;
                }
            }
        }
    }

    fn refused(&mut self, error: &io::Error) {
        self.metrics.accept_failed();
        if self.told_at.is_none_or(|at| at.elapsed() >= TOLD_AGAIN_AFTER) {
            self.told_at = Some(Instant::now());
            tracing::warn!(%error, "connections have to wait: the system takes no more of them");
        }
    }
}

/// How many connections this process may have open of so many files and sockets. What is left is for the engine: whoever has all of them
/// looks at an engine that cannot be asked.
fn most_of(files: u64) -> u64 {
    files - FOR_THE_ENGINE.min(files / 2)
}

/// The peer went before it was accepted.
fn left(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::ConnectionRefused)
}
