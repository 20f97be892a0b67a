//! One stream of the timeline. A retry opens another: `EventSource` cannot send `Last-Event-ID`,
//! and the browser does not report its waiting times.

use crate::base_path;
use crate::model::Occurrence;
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{Event, EventSource, MessageEvent};

/// Something received from the stream.
pub(super) enum StreamEvent {
    /// An event of a container.
    Event(Box<Occurrence>),
    /// A heartbeat.
    Heartbeat,
    /// The stream ended.
    Lost,
}

/// A stream of events. Dropping it closes the stream; no callback runs afterwards.
#[derive(Debug)]
pub(super) struct TimelineStream {
    source: EventSource,
    _on_event: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(Event)>,
}

impl TimelineStream {
    /// Starts opening the stream; `None` if the browser refuses.
    pub(super) fn open(address: &str, on_event: Box<dyn Fn(StreamEvent)>) -> Option<Self> {
        let source = EventSource::new(&base_path::address(address)).ok()?;
        let on_event = std::rc::Rc::new(on_event);
        let on_error = on_event.clone();
        let on_message = Closure::new(move |event: MessageEvent| on_event(read(&event)));
        for name in ["event", "heartbeat"] {
            source.add_event_listener_with_callback(name, on_message.as_ref().unchecked_ref()).ok()?;
        }
        let on_error = Closure::new(move |_: Event| on_error(StreamEvent::Lost));
        source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Some(Self { source, _on_event: on_message, _on_error: on_error })
    }
}

impl Drop for TimelineStream {
    fn drop(&mut self) {
        self.source.set_onerror(None);
        self.source.close();
    }
}

/// Reads an event. One that is unknown to this version counts as a heartbeat.
fn read(event: &MessageEvent) -> StreamEvent {
    let data = event.data().as_string().filter(|_| event.type_() == "event");
    let occurrence = data.and_then(|data| serde_json::from_str(&data).ok());
    occurrence.map_or(StreamEvent::Heartbeat, |occurrence| StreamEvent::Event(Box::new(occurrence)))
}
