//! Compresses responses: brotli here, and gzip by tower-http's layer.
//!
//! tower-http uses brotli's default window of 4 MiB, of which each encoder allocates a multiple,
//! and the allocator keeps that memory: 20 MiB after a hundred pages, measured, which is more than
//! all the rest of this server. The window here fits a page. Streams are not compressed here: the
//! feed compresses each event once.

use async_compression::{Level, brotli::EncoderParams, tokio::bufread::BrotliEncoder};
use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::Response,
};
use futures::TryStreamExt as _;
use std::io;
use tokio_util::io::{ReaderStream, StreamReader};
use tower_http::compression::{Predicate as _, predicate::DefaultPredicate};

/// Base-2 logarithm of the compression window: 256 KiB.
const WINDOW: i32 = 18;
/// Compression level, out of 11. The page of 26 containers: 10.3 kB in 1.8 ms with 4, 9.7 kB in 3.3
/// ms with 5, 9.6 kB in 29 ms with 9.
const QUALITY: i32 = 5;

/// Compresses responses with brotli if that saves enough and the client accepts it.
pub(in crate::http) async fn brotli(request: Request, next: Next) -> Response {
    let is_accepted = request.method() != Method::HEAD && accepts(request.headers(), "br");
    let response = next.run(request).await;
    if !is_accepted || !is_compressible(&response) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let params = EncoderParams::default().quality(Level::Precise(QUALITY)).window_size(WINDOW).text_mode();
    let plain = StreamReader::new(body.into_data_stream().map_err(io::Error::other));
    let body = Body::from_stream(ReaderStream::new(BrotliEncoder::with_params(plain, params)));
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.remove(header::ACCEPT_RANGES);
    parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    parts.headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    Response::from_parts(parts, body)
}

fn is_compressible(response: &Response) -> bool {
    let is_whole = response.status() != StatusCode::PARTIAL_CONTENT;
    let headers = response.headers();
    let is_plain = !headers.contains_key(header::CONTENT_ENCODING) && !headers.contains_key(header::CONTENT_RANGE);
    is_whole && is_plain && DefaultPredicate::new().should_compress(response)
}

/// True if the client accepts a content coding with a quality above 0 (RFC 9110, 12.5.3).
pub(in crate::http) fn accepts(headers: &HeaderMap, wanted: &str) -> bool {
    let named = headers.get_all(header::ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    named.flat_map(|value| value.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let quality = weight.trim().trim_start_matches(['q', 'Q']).trim_start_matches('=').trim();
        name.trim().eq_ignore_ascii_case(wanted) && quality.parse::<f32>().is_ok_and(|quality| quality > 0.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_needs_an_accept_header() {
        let accepts_gzip = |value: &'static str| {
            accepts(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))]), "gzip")
        };
        for yes in ["gzip", "br, gzip", "gzip, deflate, br, zstd", "GZIP;q=0.5", "br;q=1.0, gzip; q=0.8"] {
            assert!(accepts_gzip(yes), "{yes}");
        }
        for no in ["", "br", "identity", "gzip;q=0", "gzip; q=0.000", "x-gzipped", "*;q=0"] {
            assert!(!accepts_gzip(no), "{no}");
        }
        assert!(!accepts(&HeaderMap::new(), "gzip"));
    }
}
