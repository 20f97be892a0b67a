//! From the listener to the routes: accepts connections and speaks HTTP/1.1 on each, until the server stops.
//!
//! In: a listener and the [`Router`]. Out: nothing; it returns when the last connection is over. In place of `axum::serve`, which
//! copies every route for every connection (33 kB a viewer), looks for HTTP/2 first (another 16 kB) and waits for ever for the rest
//! of a question.

mod accept;
mod timed_body;

use crate::metrics::Metrics;
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

/// What a connection holds at most: the head of a request, and responses that wait for the socket. An address has 16 KiB at most,
/// and cookies of a host rarely 8; a frame that is larger than this waits alone.
const BUFFERED: usize = 32 << 10;
/// A request has been sent whole by then: connections that say nothing, or say it slowly, are closed.
const FIRST_HEAD_LIMIT: Duration = Duration::from_secs(10);

/// How long a peer may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For the head of a question, and again for its body; and between two questions.
    pub head: Duration,
    /// For what is still open when the server stops.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        // 2 s is what those who stop it are promised.
        Self { head: Duration::from_secs(30), drain: Duration::from_millis(1_500) }
    }
}

/// Serves until `stop`, then drains.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, metrics: Metrics, stop: CancellationToken) {
    let mut protocol = http1::Builder::new();
    protocol.timer(TokioTimer::new()).header_read_timeout(limits.head).max_buf_size(BUFFERED);
    // Makes routes of handlers once, for all connections.
    let router = router.with_state(());
    let (mut acceptor, connections) = (Acceptor::new(listener, metrics), TaskTracker::new());
    while let Some((stream, from)) = stop.run_until_cancelled(acceptor.next(&connections)).await {
        connections.spawn(connection(
            stream,
            ConnectedFrom(from),
            router.clone(),
            protocol.clone(),
            limits,
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
    limits: Limits,
    stop: CancellationToken,
) {
    let asked = Arc::new(AtomicBool::new(false));
    let has_asked = Arc::clone(&asked);
    let answers = service_fn(move |mut request: Request<Incoming>| {
        has_asked.store(true, Ordering::Relaxed);
        request.extensions_mut().insert(from);
        router.clone().call(request.map(|body| timed(body, limits.head)))
    });
    let mut connection = pin!(protocol.serve_connection(TokioIo::new(stream), answers));
    let too_late = async {
        sleep(FIRST_HEAD_LIMIT).await;
        if asked.load(Ordering::Relaxed) {
            pending::<()>().await;
        }
    };
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = too_late => Ok(()),
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            timeout(limits.drain, connection).await.unwrap_or(Ok(()))
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

#[cfg(test)]
mod tests;
