//! The swarms, for their page: a stream of snapshots while the page is visible.
//!
//! In: `/api/swarm/stream`. Out: the newest snapshot, and the times of the polls beside it, because
//! they change every second. The stream needs no position: it begins with a snapshot each time.

use crate::base_path::address;
use crate::prelude::*;
use crate::{
    client::{browser, retry_delay, use_realtime_containers},
    model::{SwarmCluster, SwarmPolled, Swarms, Timestamp},
};
use std::{collections::BTreeMap, rc::Rc, sync::Arc, time::Duration};
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{Event, EventSource, MessageEvent};

/// Timeout for a silent stream: the server sends something every 3 s.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(10);

/// State of the stream of swarms.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SwarmLink {
    /// Waiting for the first snapshot.
    #[default]
    Loading,
    /// Changes arrive as they happen.
    Live,
    /// The stream was lost; retrying.
    Lost,
}

/// Returned by [`use_swarm()`]. `Copy`.
#[derive(Debug, Clone, Copy)]
pub struct UseSwarmReturn {
    /// The newest snapshot; `None` before the first.
    pub swarms: ReadSignal<Option<Arc<Swarms>>>,
    /// Time of the latest poll of each cluster.
    pub polled_at: ReadSignal<BTreeMap<String, Timestamp>>,
    /// State of the stream.
    pub link: ReadSignal<SwarmLink>,
}

/// Follows the swarms.
///
/// # Server-side
/// Loads nothing.
pub fn use_swarm() -> UseSwarmReturn {
    let reader = Reader {
        swarms: RwSignal::new(None),
        polled_at: RwSignal::new(BTreeMap::new()),
        link: RwSignal::new(SwarmLink::default()),
        parts: InBrowser::default(),
    };
    Effect::new(move |_| {
        reader.parts.hold(Parts::default());
        reader.listen();
        reader.resume();
    });
    let now = use_realtime_containers().now;
    Effect::new(move |_| {
        now.track();
        reader.check_silence();
    });
    let Reader { swarms, polled_at, link, parts: _ } = reader;
    UseSwarmReturn { swarms: swarms.read_only(), polled_at: polled_at.read_only(), link: link.read_only() }
}

/// A handle, held by all callbacks.
#[derive(Debug, Clone, Copy)]
struct Reader {
    swarms: RwSignal<Option<Arc<Swarms>>>,
    polled_at: RwSignal<BTreeMap<String, Timestamp>>,
    link: RwSignal<SwarmLink>,
    parts: InBrowser<Parts>,
}

#[derive(Debug, Default)]
struct Parts {
    stream: Option<SwarmStream>,
    retry: Option<TimeoutHandle>,
    failures: u32,
    last_event_at: Timestamp,
}

impl Reader {
    /// Opens the stream, unless it is open or the page is hidden.
    fn resume(self) {
        let is_idle = self.parts.update(|parts| parts.stream.is_none());
        if is_idle != Some(true) || browser::is_hidden() {
            return;
        }
        let stream = SwarmStream::open(Rc::new(move |received| self.receive(received)));
        let opened = stream.is_some();
        self.parts.update(|parts| {
            parts.last_event_at = browser::local_now();
            parts.stream = stream;
        });
        if !opened {
            self.lost();
        }
    }

    fn receive(self, received: Received) {
        match received {
            Received::Lost => return self.lost(),
            Received::Heartbeat => {}
            Received::Snapshot(swarms) => {
                let polled = |cluster: &SwarmCluster| Some((cluster.id.clone(), cluster.polled_at?));
                self.polled_at.try_set(swarms.clusters.iter().filter_map(polled).collect());
                self.swarms.try_set(Some(Arc::new(*swarms)));
                self.link.try_set(SwarmLink::Live);
            }
            Received::Polled(SwarmPolled { polled_at }) => drop(self.polled_at.try_set(polled_at)),
        }
        self.parts.update(|parts| {
            parts.failures = 0;
            parts.last_event_at = browser::local_now();
        });
    }

    /// Retries after a delay.
    fn lost(self) {
        let random = browser::random();
        self.parts.update(|parts| {
            parts.rest();
            parts.failures = parts.failures.saturating_add(1);
            let wait = retry_delay(parts.failures, random);
            parts.retry = set_timeout_with_handle(move || self.resume(), wait).ok();
        });
        self.link.try_set(SwarmLink::Lost);
    }

    /// Reopens a stream that has been silent for too long.
    fn check_silence(self) {
        let now = browser::local_now();
        let is_dead = self.parts.update(|parts| {
            parts.stream.is_some() && now.since(parts.last_event_at) >= SILENCE_TIMEOUT && !browser::is_hidden()
        });
        if is_dead == Some(true) {
            self.lost();
        }
    }

    /// Listens to network, page and visibility events; on cleanup, closes the stream.
    fn listen(self) {
        let rest = move || {
            self.parts.update(Parts::rest);
        };
        let wake = move || {
            self.parts.update(Parts::stop_waiting);
            self.resume();
        };
        browser::on_presence(wake, rest);
        on_cleanup(rest);
    }
}

impl Parts {
    fn rest(&mut self) {
        self.stream = None;
        self.stop_waiting();
    }

    fn stop_waiting(&mut self) {
        if let Some(retry) = self.retry.take() {
            retry.clear();
        }
    }
}

/// Something received from the stream.
enum Received {
    Snapshot(Box<Swarms>),
    Polled(SwarmPolled),
    /// Or an event unknown to this version.
    Heartbeat,
    Lost,
}

/// Closes the stream on drop; no callback runs afterwards.
#[derive(Debug)]
struct SwarmStream {
    source: EventSource,
    _on_event: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(Event)>,
}

impl SwarmStream {
    /// Starts opening the stream; `None` if the browser refuses.
    fn open(on_event: Rc<dyn Fn(Received)>) -> Option<Self> {
        let source = EventSource::new(&address("/api/swarm/stream")).ok()?;
        let on_error = Rc::clone(&on_event);
        let on_message = Closure::new(move |event: MessageEvent| on_event(read(&event)));
        for name in ["snapshot", "polled", "heartbeat"] {
            source.add_event_listener_with_callback(name, on_message.as_ref().unchecked_ref()).ok()?;
        }
        let on_error = Closure::new(move |_: Event| on_error(Received::Lost));
        source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Some(Self { source, _on_event: on_message, _on_error: on_error })
    }
}

impl Drop for SwarmStream {
    fn drop(&mut self) {
        self.source.set_onerror(None);
        self.source.close();
    }
}

fn read(event: &MessageEvent) -> Received {
    let data = event.data().as_string().unwrap_or_default();
    let read = match event.type_().as_str() {
        "snapshot" => serde_json::from_str(&data).ok().map(|swarms| Received::Snapshot(Box::new(swarms))),
        "polled" => serde_json::from_str(&data).ok().map(Received::Polled),
        _ => None,
    };
    read.unwrap_or(Received::Heartbeat)
}
