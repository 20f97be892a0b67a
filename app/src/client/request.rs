//! Requests to the server, for pages that show more than the stream contains.

use super::action::ActionError;
use crate::base_path::address;
use gloo_net::http::Request;
use serde::de::DeserializeOwned;
use web_sys::{AbortSignal, RequestCache};

/// Timeout for a request; longer than the engine may take for a response.
const REQUEST_TIMEOUT_MILLIS: u32 = 15_000;

/// Fetches and parses JSON from a path of this server.
///
/// # Errors
/// [`ActionError`] with the server's message, or without a response.
pub async fn get_json<T: DeserializeOwned>(url: &str) -> Result<T, ActionError> {
    let text = get_text(url).await?;
    serde_json::from_str(&text).map_err(|_| ActionError::unreadable())
}

/// Fetches the body as text.
///
/// # Errors
/// [`ActionError`], as [`get_json`].
pub async fn get_text(url: &str) -> Result<String, ActionError> {
    let timeout = AbortSignal::timeout_with_u32(REQUEST_TIMEOUT_MILLIS);
    let request = Request::get(&address(url)).cache(RequestCache::NoStore).abort_signal(Some(&timeout));
    let response = request.send().await.map_err(|_| ActionError::no_response())?;
    let body = response.text().await.map_err(|_| ActionError::no_response())?;
    if response.ok() { Ok(body) } else { Err(ActionError::refused(response.status(), &body)) }
}

/// Timeout for an error response. A stream that opens instead is closed after it.
const STREAM_REFUSAL_TIMEOUT_MILLIS: u32 = 4_000;

/// Requests a stream that failed, because an `EventSource` does not report why. Returns `None` if
/// the stream opens.
pub async fn stream_refusal(url: &str) -> Option<ActionError> {
    let timeout = AbortSignal::timeout_with_u32(STREAM_REFUSAL_TIMEOUT_MILLIS);
    let request = Request::get(&address(url)).cache(RequestCache::NoStore).abort_signal(Some(&timeout));
    let Ok(response) = request.send().await else { return Some(ActionError::no_response()) };
    if response.ok() {
        return None;
    }
    Some(ActionError::refused(response.status(), &response.text().await.unwrap_or_default()))
}
