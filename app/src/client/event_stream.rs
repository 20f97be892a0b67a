//! One `EventSource`, from opening to closing.
//!
//! In: the id to resume from. Out: the three named events, and the first error. The browser's own
//! retry is not used: a new `EventSource` cannot send `Last-Event-ID`, and the browser does not
//! report its waiting times. After an error the owner drops this stream and opens another. Owned by
//! the `driver`.

use super::{connection::StreamProblem, reader::StreamEvent};
use crate::base_path::address;
use crate::protocol::Frame;
use js_sys::encode_uri_component;
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{Event, EventSource, MessageEvent};

/// A stream of server-sent events. Dropping it closes the stream; no callback runs afterwards.
pub(super) struct EventStream {
    source: EventSource,
    _on_event: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(Event)>,
}

impl EventStream {
    /// Starts opening the stream, to resume from `at` or, if that is empty, with a snapshot; `None`
    /// if the browser refuses. `held` is the [`fingerprint`](crate::protocol::compact::fingerprint)
    /// of the containers that a snapshot need not repeat.
    pub(super) fn open(
        at: &str,
        held: Option<u64>,
        on_event: Box<dyn Fn(StreamEvent)>,
        on_error: Box<dyn Fn(StreamProblem)>,
    ) -> Option<Self> {
        let resume = match held {
            _ if at.is_empty() => String::new(),
            None => format!("&lastEventId={}", encode_uri_component(at)),
            Some(held) => format!("&lastEventId={}&held={held:x}", encode_uri_component(at)),
        };
        let source = EventSource::new(&address(&format!("/api/containers/stream?format=compact{resume}"))).ok()?;
        let on_event = Closure::new(move |event: MessageEvent| on_event(stream_event(&event)));
        for name in Frame::EVENTS {
            source.add_event_listener_with_callback(name, on_event.as_ref().unchecked_ref()).ok()?;
        }
        let failing = source.clone();
        let on_error = Closure::new(move |_: Event| on_error(problem(&failing)));
        source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Some(Self { source, _on_event: on_event, _on_error: on_error })
    }
}

impl Drop for EventStream {
    fn drop(&mut self) {
        self.source.set_onerror(None);
        self.source.close();
    }
}

fn stream_event(event: &MessageEvent) -> StreamEvent {
    StreamEvent { name: event.type_(), data: event.data().as_string().unwrap_or_default(), id: event.last_event_id() }
}

fn problem(source: &EventSource) -> StreamProblem {
    if !super::browser::is_online() {
        StreamProblem::Offline
    } else if source.ready_state() == EventSource::CLOSED {
        StreamProblem::Refused
    } else {
        StreamProblem::Ended
    }
}
