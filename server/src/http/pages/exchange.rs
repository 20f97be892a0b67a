//! Serves the worker script by which the tabs of a browser share one stream. Its address contains
//! its hash, so it never changes. Pages of another version do not find theirs and work without it.

use app::client::EXCHANGE_SCRIPT;
use axum::{http::header, response::IntoResponse};

/// Content security policy of the shared worker's script, which itself connects to nothing; its
/// tabs do.
const POLICY: &str = "default-src 'none'";

pub(in crate::http) async fn exchange() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    (headers, code())
}

/// The script without comments, which are half of it, and without indentation, because every first
/// load includes it.
fn code() -> String {
    let is_comment = |line: &&str| ["//", "/**", "*"].iter().any(|mark| line.starts_with(mark));
    EXCHANGE_SCRIPT
        .lines()
        .map(str::trim_start)
        .filter(|line| !is_comment(line))
        .map(|line| format!("{line}\n"))
        .collect()
}
