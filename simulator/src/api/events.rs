//! `GET /events`: a replay, then new events, one JSON object per line. The headers are sent at
//! once.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::stream;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::Shared;
use super::filters::Filters;
use super::params::Params;
use super::refusal::Refusal;
use crate::calls::{Endpoint, OpenStream};
use crate::clock::Moment;
use crate::daemon::Daemon;
use crate::event_log::{Logged, Subscription};
use crate::fault::BadLine;

/// One client's view of the events.
struct Listener {
    daemon: Arc<Daemon>,
    filters: Filters,
    until: Option<Moment>,
    past: VecDeque<Arc<Logged>>,
    live: broadcast::Receiver<Arc<Logged>>,
    bad_lines: broadcast::Receiver<BadLine>,
    _open: OpenStream,
}

/// `GET /events?since=&until=&filters=`.
pub(crate) async fn events(daemon: Shared, params: Params) -> Result<Response, Refusal> {
    let (since, until) = (params.moment("since")?, params.moment("until")?);
    let filters = Filters::read(&params)?;
    let Subscription { past, live } = daemon.subscribe(since, until);
    let bad_lines = daemon.faults.bad_lines();
    let open = daemon.calls.opened(Endpoint::Events);
    let listener = Listener { daemon: Arc::clone(&daemon), filters, until, past, live, bad_lines, _open: open };
    let body = stream::unfold(listener, async |mut listener| {
        let line = listener.next().await?;
        Some((Ok::<_, Infallible>(line), listener))
    });
    Ok(([(CONTENT_TYPE, "application/json")], Body::from_stream(body)).into_response())
}

impl Listener {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            let logged = match self.past.pop_front() {
                Some(logged) => logged,
                None => {
                    tokio::select! {
                        // Past events count before the requested end.
                        biased;
                        Ok(line) = self.bad_lines.recv() => return Some(Bytes::from_static(line.text())),
                        received = self.live.recv() => match received {
                            Ok(logged) => logged,
                            // Events that a slow client misses are dropped without notice, as in
                            // dockerd.
                            Err(RecvError::Lagged(_)) => continue,
                            Err(RecvError::Closed) => return None,
                        },
                        () = end(&self.daemon, self.until) => return None,
                    }
                }
            };
            if self.filters.match_event(&logged.event) {
                self.daemon.faults.thawed().await;
                return Some(logged.line.clone());
            }
        }
    }
}

async fn end(daemon: &Daemon, until: Option<Moment>) {
    match until {
        Some(until) => daemon.clock.sleep_until(until).await,
        None => std::future::pending().await,
    }
}
