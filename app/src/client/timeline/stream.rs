//! One stream of the timeline. A retry is another one: `EventSource` cannot send `Last-Event-ID`, and the browser's waits cannot be seen.

use crate::base_path;
use crate::model::Occurrence;
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{Event, EventSource, MessageEvent};

/// What comes over it.
pub(super) enum Heard {
    /// Something happened.
    Event(Box<Occurrence>),
    /// It is alive.
    Beat,
    /// It is over.
    Lost,
}

/// Closes on drop; nothing is heard of it afterwards.
#[derive(Debug)]
pub(super) struct TimelineStream {
    source: EventSource,
    _on_event: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(Event)>,
}

impl TimelineStream {
    /// Begins to open it; `None` when the browser refuses.
    pub(super) fn open(address: &str, hear: Box<dyn Fn(Heard)>) -> Option<Self> {
        let source = EventSource::new(&base_path::address(address)).ok()?;
        let hear = std::rc::Rc::new(hear);
        let told = hear.clone();
        let on_event = Closure::new(move |event: MessageEvent| told(read(&event)));
        for name in ["event", "heartbeat"] {
            source.add_event_listener_with_callback(name, on_event.as_ref().unchecked_ref()).ok()?;
        }
        let on_error = Closure::new(move |_: Event| hear(Heard::Lost));
        source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Some(Self { source, _on_event: on_event, _on_error: on_error })
    }
}

impl Drop for TimelineStream {
    fn drop(&mut self) {
        self.source.set_onerror(None);
        self.source.close();
    }
}

/// An event in words of another version is a sign of life.
fn read(event: &MessageEvent) -> Heard {
    let data = event.data().as_string().filter(|_| event.type_() == "event");
    let occurrence = data.and_then(|data| serde_json::from_str(&data).ok());
    occurrence.map_or(Heard::Beat, |occurrence| Heard::Event(Box::new(occurrence)))
}
