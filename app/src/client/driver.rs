//! Runs the commands of the connection machine, and passes received frames to the rows.
//!
//! In: browser events (stream, timers, network, visibility) and user requests. Out: the
//! [`Signals`] that views read. Owns the stream, the timers and the pure parts, from the provider's
//! first effect to its cleanup; in the browser only.
//!
//! Never calls back while the parts are borrowed: it reads them, releases them, then acts.

mod callbacks;
mod parts;
mod sharing;

use super::{
    Connection, Rows, StreamMeasures, Transport, browser,
    connection::{Command, Input, StreamProblem},
    event_stream::EventStream,
    fetch::{fetch_snapshot, requires_sign_in},
    reader::StreamEvent,
};
use crate::{
    model::Timestamp,
    prelude::*,
    protocol::{Frame, Picture, compact::fingerprint},
};
use leptos::task::spawn_local;
use parts::{Parts, Received};

/// Signals written by the driver and read by views.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signals {
    pub(super) rows: Rows,
    pub(super) connection: RwSignal<Connection>,
    pub(super) last_update: RwSignal<Option<Timestamp>>,
    pub(super) now: RwSignal<Timestamp>,
    pub(super) measures: RwSignal<StreamMeasures>,
}

/// A handle of the driver, held by all callbacks.
#[derive(Clone, Copy)]
pub(super) struct Driver {
    parts: StoredValue<Parts, LocalStorage>,
    signals: Signals,
}

impl Driver {
    /// Opens the stream. Must be called in an effect: the driver stops with the effect's owner.
    pub(super) fn start(signals: Signals) -> Self {
        let rendered_at = signals.last_update.get_untracked();
        let parts = Parts::new(signals.rows, rendered_at, browser::requested_at(), browser::local_now());
        let driver = Self { parts: StoredValue::new_local(parts), signals };
        driver.listen();
        driver.start_ticker();
        driver.dispatch(Input::Start);
        if browser::is_hidden() {
            driver.dispatch(Input::Hide);
        }
        driver
    }

    /// Passes an input to the machine and runs its commands.
    pub(super) fn dispatch(self, input: Input) {
        if matches!(input, Input::StreamFailed { problem: StreamProblem::Refused, .. }) {
            spawn_local(async {
                if requires_sign_in().await {
                    // The reload leads to the sign-in page, which leads back to this page.
                    browser::reload();
                }
            });
        }
        let (now, random) = (browser::local_now(), browser::random());
        let Some(commands) = self.update(|parts| parts.machine.handle(input, now, random)) else {
            return;
        };
        for command in commands {
            self.run(command);
        }
        self.update(Parts::leave_exchange_if_suspended);
        self.arm_timer(now);
        self.publish_connection(now);
    }

    fn update<T>(self, change: impl FnOnce(&mut Parts) -> T) -> Option<T> {
        // Not `try_update_value`, which would be compiled for each of the many closures.
        self.parts.try_write_value().map(|mut parts| change(&mut parts))
    }

    fn run(self, command: Command) {
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
            Box::new(move |event| self.receive(stream, &event, false)),
            Box::new(move |problem| self.dispatch(Input::StreamFailed { stream, problem })),
        );
        if opened.is_none() {
            // Not at once: the machine's other commands come first.
            queue_microtask(move || self.dispatch(Input::StreamFailed { stream, problem: StreamProblem::Refused }));
        }
        self.update(|parts| parts.stream = opened);
    }

    /// Fingerprint of the containers that a snapshot need not repeat.
    fn held(self) -> Option<u64> {
        let of_picture = |picture: &Picture| fingerprint(picture.containers.values().map(|container| &**container));
        self.signals.rows.with_picture(of_picture).flatten()
    }

    fn receive(self, stream: u32, event: &StreamEvent, late: bool) {
        let now = browser::local_now();
        let received = self.signals.rows.with_picture(|picture| {
            self.update(|parts| parts.read(stream, event, &picture.containers, late, now)).flatten()
        });
        let Some(received) = received.flatten() else { return };
        match received {
            Received::Heartbeat(server_time) => {
                self.dispatch(Input::Heartbeat { stream });
                self.signals.last_update.try_set(Some(server_time));
            }
            Received::Content { frame, event_at } => {
                self.apply(frame, now);
                self.dispatch(Input::Content { stream });
                self.measure_paint(event_at);
            }
            Received::OutOfSync(message) => {
                self.dispatch(Input::StreamFailed { stream, problem: StreamProblem::OutOfSync });
                self.update(|parts| parts.note_error(message, now));
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
        let requested = browser::local_now();
        let response = fetch_snapshot().await;
        let now = browser::local_now();
        match response {
            Err(problem) => self.dispatch(Input::FetchFailed { fetch, problem }),
            Ok(snapshot) => {
                let server_time = snapshot.server_time;
                let Some(Some(newer)) = self.update(|parts| parts.take_fetched(fetch, snapshot, requested, now)) else {
                    return;
                };
                let is_newer = newer.is_some();
                if let Some(snapshot) = newer {
                    self.apply(Frame::Snapshot(snapshot), now);
                }
                self.signals.last_update.try_set(Some(server_time));
                self.dispatch(Input::Fetched { fetch, is_newer });
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
