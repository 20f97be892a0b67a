//! What happened to containers, from the server's timeline, and what happens. For pages that tell of it only.
//!
//! In: [`Wanted`], which may change. Out: a [`Book`] that grows, and how the reading is doing. First the newest are asked for, then a stream
//! of its own goes on behind them (`stream`). It is opened again after a loss, with waits that grow and vary, and behind the last event
//! that came, so that none is missed and none told twice. A page that is hidden reads nothing.

mod book;
mod stream;

pub use book::Book;

use super::{ActionError, ask, browser, connection, use_realtime_containers};
use crate::{
    model::{ContainerId, Occurrence, Occurrences, Timestamp},
    query::encode,
};
use leptos::{ev, leptos_dom::helpers::*, prelude::*, task::spawn_local};
use std::{sync::Arc, time::Duration};
use stream::{Heard, TimelineStream};

/// Asked for at once; more when somebody wants to see them.
const PAGE: usize = 500;
/// The server says something every 3 s.
const SILENCE: Duration = Duration::from_secs(10);

/// Which events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Of one container, or of all.
    pub container: Option<ContainerId>,
    /// Kinds as the server's address has them, or all if empty.
    pub kinds: &'static str,
    /// From a time on, as the server's address has it.
    pub since: Option<String>,
}

/// How the reading is doing.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Reading {
    /// The first answer is on its way.
    #[default]
    Asking,
    /// New ones come as they happen.
    Live,
    /// The page is hidden, or the stream is being opened.
    Waiting,
    /// It was lost, and is tried again by itself.
    Lost,
    /// Nothing is known; it is tried again by itself.
    Failed(ActionError),
}

/// What [`use_timeline()`] returns. `Copy`: pass it about freely.
#[derive(Debug, Clone, Copy)]
pub struct UseTimelineReturn {
    /// What is known.
    pub book: Signal<Book>,
    /// How the reading is doing.
    pub reading: Signal<Reading>,
    reader: Reader,
}

/// Reads what is wanted.
///
/// # Server-side
/// Nothing is read.
pub fn use_timeline(wanted: Signal<Wanted>) -> UseTimelineReturn {
    let reader = Reader {
        wanted,
        book: RwSignal::new(Book::default()),
        reading: RwSignal::new(Reading::default()),
        parts: StoredValue::new_local(Parts::default()),
    };
    Effect::new(move |_| {
        wanted.track();
        reader.begin();
    });
    Effect::new(move |_| reader.listen());
    let now = use_realtime_containers().now;
    Effect::new(move |_| {
        now.track();
        reader.look();
    });
    UseTimelineReturn { book: reader.book.into(), reading: reader.reading.into(), reader }
}

impl UseTimelineReturn {
    /// Asks for those before the oldest that is known.
    pub fn older(&self) {
        self.reader.ask_older();
    }
}

/// A handle; all callbacks hold one.
#[derive(Debug, Clone, Copy)]
struct Reader {
    wanted: Signal<Wanted>,
    book: RwSignal<Book>,
    reading: RwSignal<Reading>,
    parts: StoredValue<Parts, LocalStorage>,
}

#[derive(Debug, Default)]
struct Parts {
    /// Answers and events of an earlier turn are not heard.
    turn: u32,
    stream: Option<TimelineStream>,
    asking: bool,
    /// The last event that came; `None` until there is an answer.
    place: Option<String>,
    failures: u32,
    retry: Option<TimeoutHandle>,
    heard_at: Timestamp,
    /// What came and is not shown yet: a burst is shown at once.
    arrived: Vec<Occurrence>,
    painting: bool,
}

impl Reader {
    fn update<T>(self, change: impl FnOnce(&mut Parts) -> T) -> Option<T> {
        self.parts.try_update_value(change)
    }

    fn begin(self) {
        self.update(|parts| {
            parts.rest();
            *parts = Parts { turn: parts.turn + 1, ..Parts::default() };
        });
        self.book.try_set(Book::default());
        self.reading.try_set(Reading::Asking);
        self.resume();
    }

    /// Goes on where it stands, unless it does already or nobody looks.
    fn resume(self) {
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

    fn ask(self, turn: u32) {
        let Some(address) = self.wanted.try_with_untracked(|wanted| wanted.address("/api/events", PAGE)) else {
            return;
        };
        self.update(|parts| parts.asking = true);
        spawn_local(async move {
            let answer = ask::<Occurrences>(&address).await;
            if self.update(|parts| parts.turn) != Some(turn) {
                return;
            }
            self.update(|parts| parts.asking = false);
            match answer {
                Ok(Occurrences { events, recorded_since }) => {
                    // Without any, the stream begins at the beginning.
                    let place = events.last().map(|event| event.id.clone()).unwrap_or_default();
                    let is_all = events.len() < PAGE;
                    self.book.try_update(|book| {
                        book.recorded_since = Some(recorded_since);
                        book.begins = is_all;
                        book.add(events);
                    });
                    self.update(|parts| parts.place = Some(place));
                    self.resume();
                    self.reading.try_set(Reading::Waiting);
                }
                Err(problem) => self.failed(Reading::Failed(problem)),
            }
        });
    }

    fn ask_older(self) {
        let oldest = self.book.try_with_untracked(Book::oldest).flatten();
        let (Some(oldest), Some(turn)) = (oldest, self.update(|parts| parts.turn)) else { return };
        let Some(address) = self.wanted.try_with_untracked(|wanted| wanted.address("/api/events", PAGE)) else {
            return;
        };
        spawn_local(async move {
            // Those of the same millisecond come again, and are known.
            let answer = ask::<Occurrences>(&format!("{address}&until={oldest}")).await;
            if let (Ok(Occurrences { events, .. }), true) = (answer, self.update(|parts| parts.turn) == Some(turn)) {
                let is_all = events.len() < PAGE;
                self.book.try_update(|book| {
                    book.begins = is_all;
                    book.add(events);
                });
            }
        });
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
    fn failed(self, reading: Reading) {
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
    fn look(self) {
        let now = browser::local_now();
        let is_dead = self
            .update(|parts| parts.stream.is_some() && now.since(parts.heard_at) >= SILENCE && !browser::is_hidden());
        if is_dead == Some(true) {
            self.failed(Reading::Lost);
        }
    }

    /// Network back, page shown, hidden or left; and the end of it all.
    fn listen(self) {
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

impl Wanted {
    /// Where they are asked for, the newest so many.
    fn address(&self, path: &str, limit: usize) -> String {
        let Self { container, kinds, since } = self;
        let mut address = format!("{path}?limit={limit}");
        if let Some(id) = container {
            address.push_str(&format!("&container={id}"));
        }
        if !kinds.is_empty() {
            address.push_str("&kind=");
            address.push_str(kinds);
        }
        if let Some(since) = since {
            address.push_str("&since=");
            address.push_str(&encode(since));
        }
        address
    }
}

/// What happened since a time, the newest so many; once.
///
/// # Errors
/// [`ActionError`], as [`ask()`].
pub async fn happened(wanted: &Wanted, limit: usize) -> Result<Vec<Arc<Occurrence>>, ActionError> {
    let answer = ask::<Occurrences>(&wanted.address("/api/events", limit)).await?;
    Ok(answer.events.into_iter().map(Arc::new).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wanted_is_asked_for() {
        let wanted =
            Wanted { kinds: "died,oom", since: Some("2026-11-23T09:30:00.000+01:00".to_owned()), ..Wanted::default() };
        let address = wanted.address("/api/events", 7);
        assert_eq!(address, "/api/events?limit=7&kind=died,oom&since=2026-11-23T09:30:00.000%2B01:00");
        assert_eq!(Wanted::default().address("/api/events/stream", 7), "/api/events/stream?limit=7");
    }
}
