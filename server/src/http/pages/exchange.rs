//! The script in which the tabs of one browser share one stream. Its address names its content, so it never changes; the script of another
//! version is not here, and pages of that version do without.

use app::client::EXCHANGE_SCRIPT;
use axum::{http::header, response::IntoResponse};

/// It opens nothing: its tabs do.
const POLICY: &str = "default-src 'none'";

pub(in crate::http) async fn exchange() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    (headers, code())
}

/// Without its comments, which are half of it, and its indentation: every first load carries it.
fn code() -> String {
    let is_comment = |line: &&str| ["//", "/**", "*"].iter().any(|mark| line.starts_with(mark));
    EXCHANGE_SCRIPT
        .lines()
        .map(str::trim_start)
        .filter(|line| !is_comment(line))
        .map(|line| format!("{line}\n"))
        .collect()
}
