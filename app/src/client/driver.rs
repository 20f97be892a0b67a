//! Carries out what the connection machine decides, and hands what comes over the stream to the rows.
//!
//! In: events of the browser (stream, timers, network, visibility) and wishes of a person. Out: the [`Signals`] that views read. Owns the
//! stream, the timers and the pure parts; lives from the provider's first effect to its cleanup, in the browser only.
//!
//! Nothing is called back while the parts are borrowed: they are asked, let go, and then acted upon.

mod callbacks;
mod parts;
mod sharing;

use super::{
    Connection, Rows, StreamMeasures, Transport, browser,
    connection::{Command, Input, StreamProblem},
    event_stream::EventStream,
    fetch::{asks_to_sign_in, fetch_snapshot},
    reader::StreamEvent,
};
use crate::{
    model::Timestamp,
    prelude::*,
    protocol::{Frame, Picture, compact::fingerprint},
};
use leptos::task::spawn_local;
use parts::{Parts, Reading};

/// What the driver writes and views read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signals {
    pub(super) rows: Rows,
    pub(super) connection: RwSignal<Connection>,
    pub(super) last_update: RwSignal<Option<Timestamp>>,
    pub(super) now: RwSignal<Timestamp>,
    pub(super) measures: RwSignal<StreamMeasures>,
}

/// A handle; all callbacks hold one.
#[derive(Clone, Copy)]
pub(super) struct Driver {
    parts: leptos::prelude::StoredValue<Parts, LocalStorage>,
    signals: Signals,
}

impl Driver {
    /// Opens the stream. Call it in an effect: it ends with the effect's owner.
    pub(super) fn start(signals: Signals) -> Self {
        let rendered_at = signals.last_update.get_untracked();
        let parts = Parts::new(signals.rows, rendered_at, browser::asked_at(), browser::local_now());
        let driver = Self { parts: leptos::prelude::StoredValue::new_local(parts), signals };
        driver.listen();
        driver.start_ticker();
        driver.tell(Input::Start);
        if browser::is_hidden() {
            driver.tell(Input::Hide);
        }
        driver
    }

    /// Something happened.
    pub(super) fn tell(self, input: Input) {
        if matches!(input, Input::StreamFailed { problem: StreamProblem::Refused, .. }) {
            spawn_local(async {
                if asks_to_sign_in().await {
                    // Leads to the page that asks, and from there back here.
                    browser::reload();
                }
            });
        }
        let (now, random) = (browser::local_now(), browser::random());
        let Some(commands) = self.update(|parts| parts.machine.handle(input, now, random)) else {
            return;
        };
        for command in commands {
            self.carry_out(command);
        }
        self.update(Parts::leave_exchange_at_rest);
        self.arm_timer(now);
        self.publish_connection(now);
    }

    fn update<T>(self, change: impl FnOnce(&mut Parts) -> T) -> Option<T> {
        // Not `try_update_value`, which is compiled anew for each of the many changes.
        self.parts.try_write_value().map(|mut parts| change(&mut parts))
    }

    fn carry_out(self, command: Command) {
        match command {
            Command::Close => drop(self.update(Parts::close)),
            Command::Open { stream, fresh } => self.open(stream, fresh),
            Command::Fetch { fetch } => spawn_local(self.fetch(fetch)),
        }
    }

    fn open(self, stream: u32, fresh: bool) {
        if let Some(at) = self.update(|parts| parts.opening(fresh, browser::local_now()))
            && !self.join(stream, &at)
        {
            self.open_own(stream, &at);
        }
    }

    fn open_own(self, stream: u32, at: &str) {
        self.update(|parts| parts.meter.transport(Transport::Own));
        let opened = EventStream::open(
            at,
            self.held(),
            Box::new(move |event| self.hear(stream, &event, false)),
            Box::new(move |problem| self.tell(Input::StreamFailed { stream, problem })),
        );
        if opened.is_none() {
            // Not from within the command: the machine's other commands come first.
            queue_microtask(move || self.tell(Input::StreamFailed { stream, problem: StreamProblem::Refused }));
        }
        self.update(|parts| parts.stream = opened);
    }

    /// What a snapshot need not repeat.
    fn held(self) -> Option<u64> {
        let of_picture = |picture: &Picture| fingerprint(picture.containers.values().map(|container| &**container));
        self.signals.rows.with_picture(of_picture).flatten()
    }

    fn hear(self, stream: u32, event: &StreamEvent, late: bool) {
        let now = browser::local_now();
        let reading = self.signals.rows.with_picture(|picture| {
            self.update(|parts| parts.read(stream, event, &picture.containers, late, now)).flatten()
        });
        let Some(reading) = reading.flatten() else { return };
        match reading {
            Reading::Heartbeat(server_time) => {
                self.tell(Input::Heartbeat { stream });
                self.signals.last_update.try_set(Some(server_time));
            }
            Reading::Content { frame, event_at } => {
                self.apply(frame, now);
                self.tell(Input::Content { stream });
                self.measure_paint(event_at);
            }
            Reading::Misfit(words) => {
                self.tell(Input::StreamFailed { stream, problem: StreamProblem::Misfit });
                self.update(|parts| parts.note_error(words, now));
            }
        }
        self.publish_measures();
    }

    fn apply(self, frame: Frame, now: Timestamp) {
        let server_time = frame.server_time();
        let changed = self.signals.rows.apply(frame);
        self.signals.last_update.try_set(Some(server_time));
        self.update(|parts| parts.meter.changed(changed, now));
    }

    async fn fetch(self, fetch: u32) {
        let asked = browser::local_now();
        let answer = fetch_snapshot().await;
        let now = browser::local_now();
        match answer {
            Err(problem) => self.tell(Input::FetchFailed { fetch, problem }),
            Ok(snapshot) => {
                let server_time = snapshot.server_time;
                let Some(Some(newer)) = self.update(|parts| parts.take_fetched(fetch, snapshot, asked, now)) else {
                    return;
                };
                let overtook = newer.is_some();
                if let Some(snapshot) = newer {
                    self.apply(Frame::Snapshot(snapshot), now);
                }
                self.signals.last_update.try_set(Some(server_time));
                self.tell(Input::Fetched { fetch, overtook });
            }
        }
        self.publish_measures();
    }

    fn publish_connection(self, now: Timestamp) {
        if let Some(Some(connection)) = self.update(|parts| parts.changed_connection(now)) {
            self.signals.connection.try_set(connection);
            self.publish_measures();
        }
    }

    fn publish_measures(self) {
        let now = browser::local_now();
        if let Some(measures) = self.update(|parts| parts.meter.measures(now)) {
            self.signals.measures.try_set(measures);
        }
    }
}
