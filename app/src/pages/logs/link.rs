//! One stream of log lines, from opening to closing, and its URL.
//!
//! The browser's own retry is not used: it gives up on any status but 200, and its delays cannot be
//! observed. After an error the viewer drops the stream and opens another after the last line.

use crate::base_path::address;
use crate::{
    client::{ActionError, api_path, stream_refusal},
    logs::ids,
    model::ContainerKey,
};
use leptos::wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{Event, EventSource, MessageEvent};

/// Event names, as in `docs/API.md`.
const EVENTS: [&str; 5] = ["log", "gap", "end", "resume", "heartbeat"];

/// State of the stream.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum LinkState {
    /// There is nothing to read.
    #[default]
    Idle,
    /// The stream was requested.
    Opening,
    /// Lines arrive as they are printed.
    Live,
    /// The stream is broken, and retried automatically.
    Retrying(Option<ActionError>),
    /// Closed while the page is hidden.
    Paused,
    /// All lines have been received.
    Complete,
    /// The server refuses the request, and a retry would not help.
    Refused(ActionError),
}

/// An event as received from the stream.
pub(super) struct LinkEvent {
    pub(super) name: String,
    pub(super) data: String,
    pub(super) id: String,
}

/// A stream of log events. Dropping it closes the stream; no callback runs afterwards.
pub(super) struct LogStream {
    source: EventSource,
    _on_event: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(Event)>,
}

impl LogStream {
    /// Starts opening the stream; `None` if the browser refuses. The argument of `on_error` is true
    /// if the server responded with anything except a stream.
    pub(super) fn open(url: &str, on_event: Box<dyn Fn(LinkEvent)>, on_error: Box<dyn Fn(bool)>) -> Option<Self> {
        let source = EventSource::new(&address(url)).ok()?;
        let on_event = Closure::new(move |event: MessageEvent| {
            let data = event.data().as_string().unwrap_or_default();
            on_event(LinkEvent { name: event.type_(), data, id: event.last_event_id() });
        });
        for name in EVENTS {
            source.add_event_listener_with_callback(name, on_event.as_ref().unchecked_ref()).ok()?;
        }
        let failing = source.clone();
        let on_error = Closure::new(move |_: Event| on_error(failing.ready_state() == EventSource::CLOSED));
        source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Some(Self { source, _on_event: on_event, _on_error: on_error })
    }
}

impl Drop for LogStream {
    fn drop(&mut self) {
        self.source.set_onerror(None);
        self.source.close();
    }
}

/// The URL of the stream for these containers. The path of a single container does not name its
/// engine, unless there are several.
pub(super) fn stream_url(
    is_single: bool,
    keys: &[ContainerKey],
    several_engines: bool,
    query: &str,
    last_event_id: Option<&str>,
) -> String {
    let mut url = match keys {
        [key] if is_single => format!("{}/logs/stream?{query}", api_path(*key, several_engines)),
        keys => format!("/api/logs/stream?ids={}&{query}", ids(keys, several_engines)),
    };
    if let Some(id) = last_event_id {
        url.push_str("&lastEventId=");
        url.push_str(&crate::query::encode(id));
    }
    url
}

/// The server's reason for refusing the stream; `None` if it does not refuse.
pub(super) async fn refusal(url: &str) -> Option<ActionError> {
    stream_refusal(url).await
}

/// True if a retry would fail in the same way.
pub(super) fn is_final(error: &ActionError, is_single: bool) -> bool {
    match error.status {
        Some(400 | 409) => true,
        // With several containers, one was just removed, and the next attempt omits it.
        Some(404) => is_single,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ContainerId, EngineName};

    #[test]
    fn the_stream_url_names_one_or_several_containers_and_the_last_event() {
        let id = |digit: &str| digit.repeat(64).parse::<ContainerId>().unwrap_or_else(|_| unreachable!("64 digits"));
        let (a, b) = (id("a"), id("b"));
        let keys = [a, b].map(|id| ContainerKey::new(EngineName::LOCAL, id));
        let of_one = |several| stream_url(true, &keys[..1], several, "tail=500", None);
        assert_eq!(of_one(false), format!("/api/containers/{a}/logs/stream?tail=500"));
        assert_eq!(of_one(true), format!("/api/engines/local/containers/{a}/logs/stream?tail=500"));
        let of_both = |several| stream_url(false, &keys, several, "tail=5", Some("5.1,-~x"));
        assert_eq!(of_both(false), format!("/api/logs/stream?ids={a},{b}&tail=5&lastEventId=5.1%2C-~x"));
        assert!(of_both(true).starts_with(&format!("/api/logs/stream?ids=local/{a},local/{b}&")));
        assert!(stream_url(false, &keys[..1], false, "tail=5", None).starts_with("/api/logs/stream?ids="));
    }
}
