//! Follows the timeline: its stream, and what happens when that is lost. Past events are fetched in
//! [`super::history`].

use super::{
    EventList, TimelineQuery, TimelineState,
    history::PAGE_SIZE,
    stream::{StreamEvent, TimelineStream},
};
use crate::prelude::*;
use crate::{
    client::{browser, connection},
    model::{Occurrence, Timestamp},
};
use std::time::Duration;

/// Timeout for a silent stream. The server sends a heartbeat at least every 3 s.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(10);

/// A handle, held by all callbacks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader {
    pub(super) query: Signal<TimelineQuery>,
    pub(super) events: RwSignal<EventList>,
    pub(super) state: RwSignal<TimelineState>,
    pub(super) parts: InBrowser<Parts>,
}

#[derive(Debug, Default)]
pub(super) struct Parts {
    /// Number of the current query. Responses and events of earlier queries are ignored.
    pub(super) turn: u32,
    stream: Option<TimelineStream>,
    pub(super) is_fetching: bool,
    /// Id of the last event received; `None` before the first response.
    pub(super) last_id: Option<String>,
    failures: u32,
    retry: Option<TimeoutHandle>,
    last_event_at: Timestamp,
    /// Received events that are not shown yet, because a burst is shown together.
    arrived: Vec<Occurrence>,
    painting: bool,
}

impl Reader {
    pub(super) fn update<T>(self, change: impl FnOnce(&mut Parts) -> T) -> Option<T> {
        self.parts.update(change)
    }

    pub(super) fn begin(self) {
        self.update(|parts| {
            parts.rest();
            *parts = Parts { turn: parts.turn + 1, ..Parts::default() };
        });
        self.events.try_set(EventList::default());
        self.state.try_set(TimelineState::Loading);
        self.resume();
    }

    /// Continues after the last event, unless the stream is open already or the page is hidden.
    pub(super) fn resume(self) {
        let Some((turn, last_id, idle)) =
            self.update(|parts| (parts.turn, parts.last_id.clone(), parts.stream.is_none() && !parts.is_fetching))
        else {
            return;
        };
        if !idle || browser::is_hidden() {
            return;
        }
        match last_id {
            Some(last_id) => self.open(turn, &last_id),
            None => self.fetch_newest(turn),
        }
    }

    fn open(self, turn: u32, last_id: &str) {
        let Some(mut address) = self.query.try_with_untracked(|query| query.address("/api/events/stream", PAGE_SIZE))
        else {
            return;
        };
        if !last_id.is_empty() {
            address.push_str("&lastEventId=");
            address.push_str(last_id);
        } else if !address.contains("since=") {
            address.push_str("&since=0");
        }
        let stream = TimelineStream::open(&address, Box::new(move |event| self.receive(turn, event)));
        let opened = stream.is_some();
        self.update(|parts| {
            parts.last_event_at = browser::local_now();
            parts.stream = stream;
        });
        if !opened {
            self.failed(TimelineState::Lost);
        }
    }

    fn receive(self, turn: u32, received: StreamEvent) {
        if self.update(|parts| parts.turn) != Some(turn) {
            return;
        }
        match received {
            StreamEvent::Lost => return self.failed(TimelineState::Lost),
            StreamEvent::Heartbeat => {}
            StreamEvent::Event(event) => {
                let paints = self.update(|parts| {
                    parts.last_id = Some(event.id.clone());
                    parts.arrived.push(*event);
                    !std::mem::replace(&mut parts.painting, true)
                });
                if paints == Some(true) {
                    request_animation_frame(move || self.show());
                }
            }
        }
        self.update(|parts| {
            parts.failures = 0;
            parts.last_event_at = browser::local_now();
        });
        if self.state.try_with_untracked(|state| *state != TimelineState::Live) == Some(true) {
            self.state.try_set(TimelineState::Live);
        }
    }

    fn show(self) {
        let arrived = self.update(|parts| {
            parts.painting = false;
            std::mem::take(&mut parts.arrived)
        });
        if let Some(arrived) = arrived.filter(|arrived| !arrived.is_empty()) {
            self.events.try_update(|list| list.add(arrived));
        }
    }

    /// Sets the state and retries after a delay.
    pub(super) fn failed(self, state: TimelineState) {
        let random = browser::random();
        self.update(|parts| {
            parts.rest();
            parts.failures = parts.failures.saturating_add(1);
            let wait = connection::retry_delay(parts.failures, random);
            // An invalid request would fail again.
            if !matches!(&state, TimelineState::Failed(problem) if problem.status == Some(400)) {
                parts.retry = set_timeout_with_handle(move || self.resume(), wait).ok();
            }
        });
        self.state.try_set(state);
    }

    /// Reopens a stream that has been silent for too long.
    pub(super) fn check_silence(self) {
        let now = browser::local_now();
        let is_dead = self.update(|parts| {
            parts.stream.is_some() && now.since(parts.last_event_at) >= SILENCE_TIMEOUT && !browser::is_hidden()
        });
        if is_dead == Some(true) {
            self.failed(TimelineState::Lost);
        }
    }

    /// Listens to network, page and visibility events; on cleanup, closes the stream.
    pub(super) fn listen(self) {
        let wake = move || {
            self.update(Parts::stop_waiting);
            self.resume();
        };
        let rest = move || {
            self.update(Parts::rest);
            if self.state.try_with_untracked(|state| *state == TimelineState::Live) == Some(true) {
                self.state.try_set(TimelineState::Waiting);
            }
        };
        browser::on_presence(wake, rest);
        on_cleanup(move || {
            self.update(Parts::rest);
        });
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
