//! `GET /api/containers/stream`.

use super::caller::Caller;
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
    let coding = if accepts_gzip(&headers) { Coding::Gzip } else { Coding::Identity };
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

/// Whether gzip is named with a quality above 0 (RFC 9110, 12.5.3).
pub(super) fn accepts_gzip(headers: &HeaderMap) -> bool {
    let named = headers.get_all(header::ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    named.flat_map(|value| value.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let quality = weight.trim().trim_start_matches(['q', 'Q']).trim_start_matches('=').trim();
        name.trim().eq_ignore_ascii_case("gzip") && quality.parse::<f32>().is_ok_and(|quality| quality > 0.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_for_those_who_ask_for_it() {
        let asks = |value: &'static str| {
            accepts_gzip(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))]))
        };
        for yes in ["gzip", "br, gzip", "gzip, deflate, br, zstd", "GZIP;q=0.5", "br;q=1.0, gzip; q=0.8"] {
            assert!(asks(yes), "{yes}");
        }
        for no in ["", "br", "identity", "gzip;q=0", "gzip; q=0.000", "x-gzipped", "*;q=0"] {
            assert!(!asks(no), "{no}");
        }
        assert!(!accepts_gzip(&HeaderMap::new()));
    }
}
