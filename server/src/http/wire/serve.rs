//! Accepts connections and serves HTTP/1.1 on each, until the server stops.
//!
//! In: a listener and the [`Router`]. Returns when the last connection is closed. It replaces
//! `axum::serve`, which copies every route for every connection (33 kB per viewer), buffers to
//! detect HTTP/2 (another 16 kB) and waits without a timeout for the rest of a request.

mod accept;
mod timed_body;

use crate::process::metrics::Metrics;
use accept::Acceptor;
use axum::{Router, extract::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{
    future::pending,
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use timed_body::timed;
use tokio::{
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::Service as _;

/// Remote address of a connection, in the extensions of each of its requests.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct ConnectedFrom(pub(in crate::http) SocketAddr);

/// Buffer size of a connection, for the head of a request and for responses that wait for the
/// socket. Path and query have at most 16 KiB, and the cookies of a host rarely 8 KiB; a larger
/// event is written by itself.
const BUFFER_CAPACITY: usize = 32 << 10;
/// Timeout for the first request on a connection: closes idle and slow connections.
const FIRST_REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// Timeouts of a connection.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// Timeout for the head of a request, for its body, and between two requests.
    pub head: Duration,
    /// Timeout for open requests when the server stops.
    pub drain: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        // The documented limit of a stop is 2 s.
        Self { head: Duration::from_secs(30), drain: Duration::from_millis(1_500) }
    }
}

/// Serves until `stop` is cancelled, then drains.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    timeouts: Timeouts,
    metrics: Metrics,
    stop: CancellationToken,
) {
    let mut protocol = http1::Builder::new();
    protocol.timer(TokioTimer::new()).header_read_timeout(timeouts.head).max_buf_size(BUFFER_CAPACITY);
    // Turns handlers into routes once, for all connections.
    let router = router.with_state(());
    let (mut acceptor, connections) = (Acceptor::new(listener, metrics), TaskTracker::new());
    while let Some((stream, from)) = stop.run_until_cancelled(acceptor.next(&connections)).await {
        connections.spawn(connection(
            stream,
            ConnectedFrom(from),
            router.clone(),
            protocol.clone(),
            timeouts,
            stop.clone(),
        ));
    }
    drop(acceptor);
    connections.close();
    connections.wait().await;
}

async fn connection(
    stream: TcpStream,
    from: ConnectedFrom,
    router: Router,
    protocol: http1::Builder,
    timeouts: Timeouts,
    stop: CancellationToken,
) {
    let requested = Arc::new(AtomicBool::new(false));
    let has_requested = Arc::clone(&requested);
    let service = service_fn(move |mut request: Request<Incoming>| {
        has_requested.store(true, Ordering::Relaxed);
        request.extensions_mut().insert(from);
        router.clone().call(request.map(|body| timed(body, timeouts.head)))
    });
    let mut connection = pin!(protocol.serve_connection(TokioIo::new(stream), service).with_upgrades());
    let timed_out = async {
        sleep(FIRST_REQUEST_TIMEOUT).await;
        if requested.load(Ordering::Relaxed) {
            pending::<()>().await;
        }
    };
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = timed_out => Ok(()),
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            timeout(timeouts.drain, connection).await.unwrap_or(Ok(()))
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

#[cfg(test)]
mod tests;
