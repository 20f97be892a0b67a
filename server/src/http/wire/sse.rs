//! Server-sent events of what is read while it is sent: no queue between the reader and the socket.

use app::model::Timestamp;
use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures::{Stream, stream};
use serde::Serialize;
use std::{convert::Infallible, fmt::Display, future::Future, time::Duration};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;

/// The contract allows 3 s of silence.
const HEARTBEAT_AFTER: Duration = Duration::from_millis(2_500);
/// Events that are there together leave together, up to about this many bytes: as much as a connection buffers.
const CHUNK: usize = 48 << 10;

/// Events as bytes.
#[derive(Debug, Default)]
pub(in crate::http) struct Events(Vec<u8>);

/// Sent when nothing else was sent for up to 3 s.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StreamHeartbeat)]
pub(in crate::http) struct Beat {
    /// Time of the server.
    server_time: Timestamp,
}

impl Events {
    /// One event; a reader that comes back names the last `id` it was given.
    pub(in crate::http) fn push(&mut self, name: &str, id: Option<&dyn Display>, data: &impl Serialize) {
        let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
        self.0.extend_from_slice(format!("event: {name}\n{id}data: ").as_bytes());
        // JSON never holds a raw line break. Plain structs with string keys always serialise.
        if let Err(error) = serde_json::to_writer(&mut self.0, data) {
            tracing::error!(%error, name, "an event could not be encoded");
        }
        self.0.extend_from_slice(b"\n\n");
    }

    fn beat(&mut self) {
        self.push("heartbeat", None, &Beat { server_time: crate::now() });
    }

    pub(in crate::http) fn take(&mut self) -> Bytes {
        std::mem::take(&mut self.0).into()
    }
}

/// Something that gives events.
pub(in crate::http) trait Source: Send + 'static {
    /// Waits for the next and writes it; false when there will be none. Cancel safe.
    fn next(&mut self, events: &mut Events) -> impl Future<Output = bool> + Send;
}

/// Sends what a source gives until it is over or the server stops, and a heartbeat where it is silent.
struct Sending<S> {
    source: S,
    events: Events,
    opened: bool,
    over: bool,
    beat_at: Instant,
    stop: CancellationToken,
}

impl<S: Source> Sending<S> {
    async fn next(&mut self) -> Option<Bytes> {
        if self.over {
            return None;
        }
        if !std::mem::replace(&mut self.opened, true) {
            // Something at once: a proxy may hold a stream back that is silent after its headers.
            self.events.0.extend_from_slice(b"retry: 1000\n");
            self.events.beat();
            return Some(self.events.take());
        }
        tokio::select! {
            // Whoever stops the server is not to wait for a log that never ends.
            biased;
            () = self.stop.cancelled() => return None,
            more = self.source.next(&mut self.events) => self.over = !more,
            () = sleep_until(self.beat_at) => self.events.beat(),
        }
        self.gather().await;
        self.beat_at = Instant::now() + HEARTBEAT_AFTER;
        Some(self.events.take())
    }

    /// Takes along what is there already.
    async fn gather(&mut self) {
        while !self.over && self.events.0.len() < CHUNK {
            tokio::select! {
                biased;
                more = self.source.next(&mut self.events) => self.over = !more,
                () = std::future::ready(()) => return,
            }
        }
    }
}

/// The answer that tells of a source.
pub(in crate::http) fn response(source: impl Source, stop: CancellationToken) -> Response {
    let beat_at = Instant::now() + HEARTBEAT_AFTER;
    let sending = Sending { source, events: Events::default(), opened: false, over: false, beat_at, stop };
    let chunks = stream::unfold(sending, |mut sending| async move {
        let bytes = sending.next().await?;
        Some((Ok::<_, Infallible>(bytes), sending))
    });
    stream_response(chunks)
}

/// A response that is a stream of events, which no proxy should hold back or change.
pub(in crate::http) fn stream_response(
    chunks: impl Stream<Item = Result<Bytes, Infallible>> + Send + 'static,
) -> Response {
    let mut response = Body::from_stream(chunks).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}
