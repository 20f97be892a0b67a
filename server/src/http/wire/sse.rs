//! Server-sent events of a source that is read while it is sent: no queue between the source and
//! the socket.

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

/// Interval of heartbeats. The API documents an event at least every 3 s.
const HEARTBEAT_INTERVAL: Duration = Duration::from_millis(2_500);
/// Approximate size up to which events that are ready are sent together: the buffer size of a
/// connection.
const MAX_CHUNK_BYTES: usize = 48 << 10;

/// Encoded events.
#[derive(Debug, Default)]
pub(in crate::http) struct Events(Vec<u8>);

/// A heartbeat, sent when nothing else was sent for up to 3 s.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StreamHeartbeat)]
pub(in crate::http) struct Beat {
    /// Time of the server.
    server_time: Timestamp,
}

impl Events {
    /// Adds an event. A client that reconnects sends the last `id`.
    pub(in crate::http) fn push(&mut self, name: &str, id: Option<&dyn Display>, data: &impl Serialize) {
        let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
        self.0.extend_from_slice(format!("event: {name}\n{id}data: ").as_bytes());
        // JSON has no raw line breaks. Plain structs with string keys always serialize.
        if let Err(error) = serde_json::to_writer(&mut self.0, data) {
            tracing::error!(%error, name, "an event could not be encoded");
        }
        self.0.extend_from_slice(b"\n\n");
    }

    fn beat(&mut self, source: &impl Source) {
        let place = source.place();
        self.push("heartbeat", place.as_ref().map(|place| place as &dyn Display), &Beat { server_time: crate::now() });
    }

    pub(in crate::http) fn take(&mut self) -> Bytes {
        std::mem::take(&mut self.0).into()
    }
}

/// Source of events.
pub(in crate::http) trait Source: Send + 'static {
    /// Waits for the next event and writes it; false if there are no more. Cancel safe.
    fn next(&mut self, events: &mut Events) -> impl Future<Output = bool> + Send;

    /// The id from which another stream would continue, if heartbeats include it.
    fn place(&self) -> Option<impl Display> {
        None::<&str>
    }
}

/// Sends the events of a source, and heartbeats in between, until the source or the server ends.
struct EventSender<S> {
    source: S,
    events: Events,
    opened: bool,
    over: bool,
    heartbeat_at: Instant,
    stop: CancellationToken,
}

impl<S: Source> EventSender<S> {
    async fn next(&mut self) -> Option<Bytes> {
        if self.over {
            return None;
        }
        if !std::mem::replace(&mut self.opened, true) {
            // Sent immediately: a proxy may delay a stream that starts with silence.
            self.events.0.extend_from_slice(b"retry: 1000\n");
            self.events.beat(&self.source);
            return Some(self.events.take());
        }
        tokio::select! {
            // Stopping the server must not wait for a log that never ends.
            biased;
            () = self.stop.cancelled() => return None,
            more = self.source.next(&mut self.events) => self.over = !more,
            () = sleep_until(self.heartbeat_at) => self.events.beat(&self.source),
        }
        self.gather().await;
        self.heartbeat_at = Instant::now() + HEARTBEAT_INTERVAL;
        Some(self.events.take())
    }

    /// Adds events that are ready.
    async fn gather(&mut self) {
        while !self.over && self.events.0.len() < MAX_CHUNK_BYTES {
            tokio::select! {
                biased;
                more = self.source.next(&mut self.events) => self.over = !more,
                () = std::future::ready(()) => return,
            }
        }
    }
}

/// Response that streams the events of a source.
pub(in crate::http) fn response(source: impl Source, stop: CancellationToken) -> Response {
    let heartbeat_at = Instant::now() + HEARTBEAT_INTERVAL;
    let sender = EventSender { source, events: Events::default(), opened: false, over: false, heartbeat_at, stop };
    let chunks = stream::unfold(sender, |mut sender| async move {
        let bytes = sender.next().await?;
        Some((Ok::<_, Infallible>(bytes), sender))
    });
    stream_response(chunks)
}

/// Response that streams server-sent events, with headers that keep proxies from buffering or
/// changing it.
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
