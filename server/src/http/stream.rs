//! `GET /api/containers/stream`.

use super::{caller::Caller, compress::accepts};
use crate::feed::{Coding, Format, Shape, Viewer};
use axum::{
    body::{Body, Bytes},
    extract::{Query, rejection::QueryRejection},
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
    format: Option<String>,
    last_event_id: Option<String>,
    /// What a page holds from before; see [`Format::held`].
    held: Option<String>,
}

pub(super) async fn stream(
    Caller { state, .. }: Caller,
    query: Result<Query<StreamQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let query = query.map(|Query(query)| query).unwrap_or_default();
    let shape = match (query.format.as_deref(), query.stats.as_deref()) {
        (Some("compact"), _) => Shape::Compact,
        (_, Some("false")) => Shape::WithoutStats,
        _ => Shape::Whole,
    };
    let header = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let resume = header.or(query.last_event_id.as_deref()).and_then(|id| id.parse().ok());
    let coding = if accepts(&headers, "gzip") { Coding::Gzip } else { Coding::Identity };
    let held = query.held.as_deref().and_then(|held| u64::from_str_radix(held, 16).ok());
    let format = Format { shape, coding, held };
    let viewer = Viewer::new(&state.feed, format, resume.as_ref(), state.demand.view(), state.stop.clone());
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
    if coding == Coding::Gzip {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}
