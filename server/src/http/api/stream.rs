//! `GET /api/containers/stream`.

use super::{containers::EngineFilter, logs::readable};
use crate::{
    feed::{ContentEncoding, StreamFormat, StreamOptions, Viewer},
    http::{
        entry::caller::Caller,
        state::StreamState,
        wire::{
            compress::accepts,
            event_stream::{EventDescription, EventStream, Streamed},
            problem::{Problem, problems},
            sse,
        },
    },
};
use app::protocol::{Delta, Heartbeat, Snapshot};
use axum::{
    body::Bytes,
    extract::{Query, State, rejection::QueryRejection},
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use futures::stream;
use serde::Deserialize;
use std::convert::Infallible;
use utoipa::IntoParams;

/// The query of a stream. Unreadable values are ignored: a browser gives up after any status but
/// 200.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::http) struct StreamQuery {
    /// `false` to omit the samples; anything else includes them.
    stats: Option<String>,
    /// `compact` for the form of Quaylight's own pages, which can change with every version.
    /// Anything else is JSON.
    format: Option<String>,
    /// As the header `Last-Event-ID`, which takes precedence; for clients that cannot send it.
    last_event_id: Option<String>,
    /// `true` for a client that only keeps a copy of the state: it is not counted as a viewer, so
    /// that nothing is sampled for it.
    passive: Option<String>,
    /// Fingerprint of the containers that a page of Quaylight itself already has, with the compact
    /// form.
    held: Option<String>,
}

problems!(StreamProblems: BadQuery, SignInNeeded, NoEngine, TooMany);

/// Events of the stream of containers.
pub(in crate::http) struct ContainerEvents;

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
/// With the id of the last event, the stream continues with one `delta`, if the server still has
/// the changes since.
#[utoipa::path(
    get,
    path = "/api/containers/stream",
    operation_id = "streamContainers",
    tag = "Containers",
    params(StreamQuery, EngineFilter, ("Last-Event-ID" = Option<String>, Header, description = "Id of the last event that was received; the stream continues after it.")),
    responses(Streamed<ContainerEvents>, StreamProblems)
)]
pub(in crate::http) async fn stream(
    caller: Caller,
    State(streams): State<StreamState>,
    query: Result<Query<StreamQuery>, QueryRejection>,
    filter: Result<Query<EngineFilter>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
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
    let feed = caller.feed_of(readable(filter)?.engine.as_deref())?;
    let viewing = (query.passive.as_deref() != Some("true")).then(|| streams.demand.add_viewer());
    let viewer = Viewer::new(&feed, options, resume.as_ref(), viewing, caller.stop);
    let frames = stream::unfold(viewer, |mut viewer| async move {
        let bytes: Bytes = viewer.next().await?;
        Some((Ok::<_, Infallible>(bytes), viewer))
    });
    let mut response = sse::stream_response(frames);
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if encoding == ContentEncoding::Gzip {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(response)
}
