//! One question to the server, one answer: for pages that show more than the stream brings.

use super::action::ActionError;
use crate::base_path::address;
use gloo_net::http::Request;
use serde::de::DeserializeOwned;
use web_sys::{AbortSignal, RequestCache};

/// Longer than the engine may take for any answer.
const TIMEOUT_MILLIS: u32 = 15_000;

/// Fetches JSON from an address of this server.
///
/// # Errors
/// [`ActionError`]: the server's own sentence, or that there was no answer.
pub async fn ask<T: DeserializeOwned>(url: &str) -> Result<T, ActionError> {
    let text = ask_text(url).await?;
    serde_json::from_str(&text).map_err(|_| ActionError::unreadable())
}

/// The same without reading it.
///
/// # Errors
/// [`ActionError`], as [`ask`].
pub async fn ask_text(url: &str) -> Result<String, ActionError> {
    let timeout = AbortSignal::timeout_with_u32(TIMEOUT_MILLIS);
    let request = Request::get(&address(url)).cache(RequestCache::NoStore).abort_signal(Some(&timeout));
    let response = request.send().await.map_err(|_| ActionError::no_answer())?;
    let body = response.text().await.map_err(|_| ActionError::no_answer())?;
    if response.ok() { Ok(body) } else { Err(ActionError::refused(response.status(), &body)) }
}

/// Longer than a server that answers takes to refuse; a stream that is opened all the same is closed then.
const REFUSAL_MILLIS: u32 = 4_000;

/// Why an address sends no stream, which an `EventSource` does not tell; `None` when it does send one.
pub async fn refused_stream(url: &str) -> Option<ActionError> {
    let timeout = AbortSignal::timeout_with_u32(REFUSAL_MILLIS);
    let request = Request::get(&address(url)).cache(RequestCache::NoStore).abort_signal(Some(&timeout));
    let Ok(response) = request.send().await else { return Some(ActionError::no_answer()) };
    if response.ok() {
        return None;
    }
    Some(ActionError::refused(response.status(), &response.text().await.unwrap_or_default()))
}
