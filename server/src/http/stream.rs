//! `GET /api/containers/stream`.

use super::AppState;
use crate::feed::{Numbers, Viewer};
use axum::{
    body::{Body, Bytes},
    extract::{Query, State, rejection::QueryRejection},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures::stream;
use serde::Deserialize;
use std::convert::Infallible;

/// The query of a stream. What cannot be read is as if it were absent: a browser gives up on any answer but 200.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct StreamQuery {
    stats: Option<String>,
    last_event_id: Option<String>,
}

pub(super) async fn stream(
    State(state): State<AppState>,
    query: Result<Query<StreamQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let query = query.map(|Query(query)| query).unwrap_or_default();
    let numbers = if query.stats.as_deref() == Some("false") { Numbers::LeftOut } else { Numbers::Included };
    let header = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let resume = header.or(query.last_event_id.as_deref()).and_then(|id| id.parse().ok());
    let viewer = Viewer::new(&state.feed, numbers, resume.as_ref(), state.demand.view(), state.stop.clone());
    let frames = stream::unfold(viewer, |mut viewer| async move {
        let bytes: Bytes = viewer.next().await?;
        Some((Ok::<_, Infallible>(bytes), viewer))
    });
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform")),
        (header::HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    (headers, Body::from_stream(frames)).into_response()
}
