//! One stream of lines, from opening to closing, and what its address is.
//!
//! The browser's own retry is never used: it gives up on any answer but 200, and its waits cannot be seen. After an error the viewer drops
//! this and opens another, behind the last line.

use crate::base_path::address;
use crate::{
    client::{ActionError, stream_refusal},
    model::ContainerId,
};
use leptos::wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{Event, EventSource, MessageEvent};

/// The events of `docs/API.md`.
const EVENTS: [&str; 5] = ["log", "gap", "end", "resume", "heartbeat"];

/// How the stream is doing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum LinkState {
    /// Nothing is to be read.
    #[default]
    Idle,
    /// Asked for.
    Opening,
    /// Lines come as they are printed.
    Live,
    /// Broken; tried again by itself.
    Waiting(Option<ActionError>),
    /// Nobody looks.
    Resting,
    /// Everything was told.
    Over,
    /// The server refuses, and would again.
    Refused(ActionError),
}

/// An event as it came.
pub(super) struct LinkEvent {
    pub(super) name: String,
    pub(super) data: String,
    pub(super) id: String,
}

/// Closes on drop; nothing is heard of it afterwards.
pub(super) struct LogStream {
    source: EventSource,
    _on_event: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(Event)>,
}

impl LogStream {
    /// Begins to open it; `None` when the browser refuses. `on_error` is told whether the server answered with anything but a stream.
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

/// Where the lines of these containers come from.
pub(super) fn stream_url(is_single: bool, ids: &[ContainerId], query: &str, last_event_id: Option<&str>) -> String {
    let mut url = match ids {
        [id] if is_single => format!("/api/containers/{id}/logs/stream?{query}"),
        ids => {
            let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
            format!("/api/logs/stream?ids={}&{query}", ids.join(","))
        }
    };
    if let Some(id) = last_event_id {
        url.push_str("&lastEventId=");
        url.push_str(&crate::query::encode(id));
    }
    url
}

/// Why the server does not send a stream; `None` when it does.
pub(super) async fn refusal(url: &str) -> Option<ActionError> {
    stream_refusal(url).await
}

/// Whether asking again would be answered alike.
pub(super) fn is_final(error: &ActionError, is_single: bool) -> bool {
    match error.status {
        Some(400 | 409) => true,
        // Of several, one has just gone, and the next attempt leaves it out.
        Some(404) => is_single,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_asked_for_by_one_or_by_several_and_from_where_it_broke() {
        let id = |digit: &str| digit.repeat(64).parse::<ContainerId>().unwrap_or_else(|_| unreachable!("64 digits"));
        let (a, b) = (id("a"), id("b"));
        assert_eq!(stream_url(true, &[a], "tail=500", None), format!("/api/containers/{a}/logs/stream?tail=500"));
        assert_eq!(
            stream_url(false, &[a, b], "tail=5", Some("5.1,-~x")),
            format!("/api/logs/stream?ids={a},{b}&tail=5&lastEventId=5.1%2C-~x")
        );
        assert!(stream_url(false, &[a], "tail=5", None).starts_with("/api/logs/stream?ids="));
    }
}
