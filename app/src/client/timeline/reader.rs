//! The reading: its turns, its stream, and what is done when that is lost. What is asked for at once is in [`super::answers`].

use super::{
    Book, Reading, Wanted,
    answers::PAGE,
    stream::{Heard, TimelineStream},
};
use crate::prelude::*;
use crate::{
    client::{browser, connection},
    model::{Occurrence, Timestamp},
};
use leptos::ev;
use std::time::Duration;

/// The server says something every 3 s.
const SILENCE: Duration = Duration::from_secs(10);

/// A handle; all callbacks hold one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader {
    pub(super) wanted: Signal<Wanted>,
    pub(super) book: RwSignal<Book>,
    pub(super) reading: RwSignal<Reading>,
    pub(super) parts: InBrowser<Parts>,
}

#[derive(Debug, Default)]
pub(super) struct Parts {
    /// Answers and events of an earlier turn are not heard.
    pub(super) turn: u32,
    stream: Option<TimelineStream>,
    pub(super) asking: bool,
    /// The last event that came; `None` until there is an answer.
    pub(super) place: Option<String>,
    failures: u32,
    retry: Option<TimeoutHandle>,
    heard_at: Timestamp,
    /// What came and is not shown yet: a burst is shown at once.
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
        self.book.try_set(Book::default());
        self.reading.try_set(Reading::Asking);
        self.resume();
    }

    /// Goes on where it stands, unless it does already or nobody looks.
    pub(super) fn resume(self) {
        let Some((turn, place, idle)) =
            self.update(|parts| (parts.turn, parts.place.clone(), parts.stream.is_none() && !parts.asking))
        else {
            return;
        };
        if !idle || browser::is_hidden() {
            return;
        }
        match place {
            Some(place) => self.open(turn, &place),
            None => self.ask(turn),
        }
    }

    fn open(self, turn: u32, place: &str) {
        let Some(mut address) = self.wanted.try_with_untracked(|wanted| wanted.address("/api/events/stream", PAGE))
        else {
            return;
        };
        if !place.is_empty() {
            address.push_str("&lastEventId=");
            address.push_str(place);
        } else if !address.contains("since=") {
            address.push_str("&since=0");
        }
        let stream = TimelineStream::open(&address, Box::new(move |heard| self.hear(turn, heard)));
        let opened = stream.is_some();
        self.update(|parts| {
            parts.heard_at = browser::local_now();
            parts.stream = stream;
        });
        if !opened {
            self.failed(Reading::Lost);
        }
    }

    fn hear(self, turn: u32, heard: Heard) {
        if self.update(|parts| parts.turn) != Some(turn) {
            return;
        }
        match heard {
            Heard::Lost => return self.failed(Reading::Lost),
            Heard::Beat => {}
            Heard::Event(event) => {
                let paints = self.update(|parts| {
                    parts.place = Some(event.id.clone());
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
            parts.heard_at = browser::local_now();
        });
        if self.reading.try_with_untracked(|reading| *reading != Reading::Live) == Some(true) {
            self.reading.try_set(Reading::Live);
        }
    }

    fn show(self) {
        let arrived = self.update(|parts| {
            parts.painting = false;
            std::mem::take(&mut parts.arrived)
        });
        if let Some(arrived) = arrived.filter(|arrived| !arrived.is_empty()) {
            self.book.try_update(|book| book.add(arrived));
        }
    }

    /// Tries again after a while.
    pub(super) fn failed(self, reading: Reading) {
        let random = browser::random();
        self.update(|parts| {
            parts.rest();
            parts.failures = parts.failures.saturating_add(1);
            let wait = connection::retry_delay(parts.failures, random);
            // The same question is not understood the next time either.
            if !matches!(&reading, Reading::Failed(problem) if problem.status == Some(400)) {
                parts.retry = set_timeout_with_handle(move || self.resume(), wait).ok();
            }
        });
        self.reading.try_set(reading);
    }

    /// A stream that is silent for long is a dead one that nobody has told.
    pub(super) fn look(self) {
        let now = browser::local_now();
        let is_dead = self
            .update(|parts| parts.stream.is_some() && now.since(parts.heard_at) >= SILENCE && !browser::is_hidden());
        if is_dead == Some(true) {
            self.failed(Reading::Lost);
        }
    }

    /// Network back, page shown, hidden or left; and the end of it all.
    pub(super) fn listen(self) {
        let wake = move || {
            self.update(Parts::stop_waiting);
            self.resume();
        };
        let rest = move || {
            self.update(Parts::rest);
            if self.reading.try_with_untracked(|reading| *reading == Reading::Live) == Some(true) {
                self.reading.try_set(Reading::Waiting);
            }
        };
        let online = window_event_listener(ev::online, move |_| wake());
        let shown = window_event_listener_untyped("pageshow", move |_| wake());
        let left = window_event_listener_untyped("pagehide", move |_| rest());
        let visibility =
            window_event_listener_untyped(
                "visibilitychange",
                move |_| if browser::is_hidden() { rest() } else { wake() },
            );
        on_cleanup(move || {
            for listener in [shown, left, visibility] {
                listener.remove();
            }
            online.remove();
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
