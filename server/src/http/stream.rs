//! `GET /api/containers/stream`.

use super::{
    caller::Caller,
    compress::accepts,
    document::{EventDescription, EventStream, Streamed},
    problem::problems,
};
use crate::feed::{ContentEncoding, StreamFormat, StreamOptions, Viewer};
use app::protocol::{Delta, Heartbeat, Snapshot};
use axum::{
    body::{Body, Bytes},
    extract::{Query, rejection::QueryRejection},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures::stream;
use serde::Deserialize;
use std::convert::Infallible;
use utoipa::IntoParams;

/// The query of a stream. What cannot be read is as if it were absent: a browser gives up on any answer but 200.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct StreamQuery {
    /// `false` to leave the samples out; anything else includes them.
    stats: Option<String>,
    /// `compact` for the form of Quaylight's own pages, which can change with every version. Anything else is JSON.
    format: Option<String>,
    /// Like the header `Last-Event-ID`, which takes precedence; for clients that cannot send it.
    last_event_id: Option<String>,
    /// For Quaylight's own pages, with the compact form.
    held: Option<String>,
}

problems!(StreamProblems: SignInNeeded);

/// Events of the stream of containers.
pub(super) struct ContainerEvents;

impl EventStream for ContainerEvents {
    const DESCRIPTION: &str = "All containers, then their changes.";

    fn events() -> Vec<EventDescription> {
        vec![
            EventDescription::of::<Snapshot>(
                "snapshot",
                "First, unless the stream was resumed; and whenever changes are not enough.",
            )
            .with_id(),
            EventDescription::of::<Delta>("delta", "Changes since the previous event.").with_id(),
            EventDescription::of::<Heartbeat>("heartbeat", "After at most 3 s without another event."),
        ]
    }
}

/// All containers and their samples, as a stream.
///
/// With the id of the last event, the stream continues with one `delta`, if the server still has the changes since.
#[utoipa::path(
    get,
    path = "/api/containers/stream",
    operation_id = "streamContainers",
    tag = "Containers",
    params(StreamQuery, ("Last-Event-ID" = Option<String>, Header, description = "Id of the last event that was received; the stream continues after it.")),
    responses(Streamed<ContainerEvents>, StreamProblems)
)]
pub(super) async fn stream(
    Caller { state, .. }: Caller,
    query: Result<Query<StreamQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let query = query.map(|Query(query)| query).unwrap_or_default();
    let format = match (query.format.as_deref(), query.stats.as_deref()) {
        (Some("compact"), _) => StreamFormat::Compact,
        (_, Some("false")) => StreamFormat::JsonWithoutStats,
        _ => StreamFormat::Json,
    };
    let header = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let resume = header.or(query.last_event_id.as_deref()).and_then(|id| id.parse().ok());
    let encoding = if accepts(&headers, "gzip") { ContentEncoding::Gzip } else { ContentEncoding::Identity };
    let known = query.held.as_deref().and_then(|held| u64::from_str_radix(held, 16).ok());
    let options = StreamOptions { format, encoding, known };
    let viewer = Viewer::new(&state.feed, options, resume.as_ref(), state.demand.add_viewer(), state.stop.clone());
    let frames = stream::unfold(viewer, |mut viewer| async move {
        let bytes: Bytes = viewer.next().await?;
        Some((Ok::<_, Infallible>(bytes), viewer))
    });
    let mut response = Body::from_stream(frames).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    if encoding == ContentEncoding::Gzip {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}
