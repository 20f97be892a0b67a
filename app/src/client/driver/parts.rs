//! The state the driver owns: the pure parts, and handles of browser resources.

use crate::{
    client::{
        Connection, Rows,
        clock::Clock,
        connection::Machine,
        event_stream::EventStream,
        exchange::{Exchange, WorkerKind},
        measures::Meter,
        reader::{Reader, StreamEvent},
    },
    model::Timestamp,
    protocol::{Frame, FrameId, Revision, Snapshot, compact::Held},
};
use leptos::leptos_dom::helpers::{AnimationFrameRequestHandle, IntervalHandle, TimeoutHandle};

/// The driver's state except the signals.
pub(super) struct Parts {
    pub(super) machine: Machine,
    pub(super) meter: Meter,
    pub(super) clock: Clock,
    reader: Reader,
    /// This page's own stream, or the one that it reads for all tabs.
    pub(super) stream: Option<EventStream>,
    /// The exchange, from the first stream until the page is suspended.
    pub(super) exchange: Option<Exchange>,
    /// Kind of worker to try; `None` if no kind works.
    pub(super) worker_kind: Option<WorkerKind>,
    /// The stream requested from the exchange.
    pub(super) joining: Option<Joining>,
    /// Time at which the open stream was requested, until its first content arrives.
    requested_at: Option<Timestamp>,
    /// The timer for the machine's next tick.
    pub(super) timer: Option<(Timestamp, TimeoutHandle)>,
    /// The interval that updates `now` while the page is visible.
    pub(super) ticker: Option<IntervalHandle>,
    /// Events whose changes were applied but not painted.
    pub(super) unpainted: Vec<Timestamp>,
    pub(super) painting: Option<AnimationFrameRequestHandle>,
    /// The connection as last published, with times on the browser's clock.
    published: Option<Connection>,
}

/// A stream requested from the exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Joining {
    pub(super) stream: u32,
    /// The id to resume from; empty for a snapshot.
    pub(super) at: String,
    /// True if the exchange has responded.
    pub(super) responded: bool,
}

/// A received event.
pub(super) enum Received {
    /// A heartbeat.
    Heartbeat(Timestamp),
    /// A frame to apply, with the time of the engine's event if the delay is to be measured.
    Content { frame: Frame, event_at: Option<Timestamp> },
    /// A frame out of sync, with the error message.
    OutOfSync(String),
}

impl Parts {
    /// Creates the parts. `rendered_at` is the server time at which the page was rendered, if it
    /// was; `requested` is the browser's time of its request.
    pub(super) fn new(rows: Rows, rendered_at: Option<Timestamp>, requested: Timestamp, now: Timestamp) -> Self {
        let mut clock = Clock::default();
        if let Some(rendered_at) = rendered_at {
            clock.responded(rendered_at, requested);
            clock.received(rendered_at, now);
        }
        let held = rows.with_picture(|picture| FrameId { epoch: picture.epoch.clone(), revision: picture.revision });
        Self {
            machine: Machine::new(now),
            meter: Meter::default(),
            clock,
            reader: Reader::new(
                held.unwrap_or_else(|| FrameId { epoch: String::new(), revision: Revision::default() }),
            ),
            stream: None,
            exchange: None,
            joining: None,
            worker_kind: Some(WorkerKind::Shared),
            requested_at: None,
            timer: None,
            ticker: None,
            unpainted: Vec::new(),
            painting: None,
            published: None,
        }
    }

    /// Start of the next stream: the id to resume from, or empty for a snapshot.
    pub(super) fn opening(&mut self, fresh: bool, now: Timestamp) -> String {
        self.meter.opening();
        self.requested_at = Some(now);
        self.reader.position().filter(|_| !fresh).map(ToString::to_string).unwrap_or_default()
    }

    /// Reads an event; `None` if its stream was given up. `late` is true if this browser received
    /// it earlier.
    pub(super) fn read(
        &mut self,
        stream: u32,
        event: &StreamEvent,
        held: &Held,
        late: bool,
        now: Timestamp,
    ) -> Option<Received> {
        if !self.machine.expects_stream(stream) {
            return None;
        }
        self.meter.event(event.data.len());
        let frame = match self.reader.read(event, held) {
            Ok(frame) => frame,
            Err(error) => {
                self.meter.out_of_sync();
                return Some(Received::OutOfSync(error.to_string()));
            }
        };
        if !late {
            self.clock.received(frame.server_time(), now);
        }
        Some(self.classify(frame, now))
    }

    fn classify(&mut self, frame: Frame, now: Timestamp) -> Received {
        let event_at = match &frame {
            Frame::Heartbeat(heartbeat) => {
                self.meter.heartbeat(self.clock.server_time(now));
                return Received::Heartbeat(heartbeat.server_time);
            }
            Frame::Delta(delta) => delta.event_at,
            Frame::Snapshot(_) => None,
        };
        // The first content catches up after a gap, so its delay is not measured.
        let Some(requested) = self.requested_at.take() else {
            return Received::Content { frame, event_at };
        };
        // A frame of the exchange may have been written before this tab requested it.
        if self.joining.is_none() {
            self.clock.responded(frame.server_time(), requested);
        }
        Received::Content { frame, event_at: None }
    }

    /// True if the exchange has not responded to the request for this stream.
    pub(super) fn awaits_response(&self, stream: u32) -> bool {
        self.joining.as_ref().is_some_and(|joining| joining.stream == stream && !joining.responded)
    }

    /// Closes the stream, or leaves the exchange.
    pub(super) fn close(&mut self) {
        self.stream = None;
        if self.joining.take().is_some()
            && let Some(exchange) = &self.exchange
        {
            exchange.leave();
        }
    }

    /// Returns the snapshot if it is newer than the current state; `None` if its fetch was given
    /// up.
    pub(super) fn take_fetched(
        &mut self,
        fetch: u32,
        snapshot: Snapshot,
        requested: Timestamp,
        now: Timestamp,
    ) -> Option<Option<Snapshot>> {
        if !self.machine.expects_fetch(fetch) {
            return None;
        }
        self.clock.responded(snapshot.server_time, requested);
        self.clock.received(snapshot.server_time, now);
        Some(self.reader.overtake(&snapshot).then_some(snapshot))
    }

    /// The connection, if it changed since it was last published. A new problem is recorded as the
    /// last error.
    pub(super) fn changed_connection(&mut self, now: Timestamp) -> Option<Connection> {
        let current = self.machine.connection(|local| local);
        let previous = self.published.as_ref().and_then(|connection| connection.problem.as_ref());
        if let Some(problem) = current.problem.as_ref().filter(|problem| previous != Some(*problem)) {
            self.note_error(problem.clone(), now);
        }
        if self.published.as_ref() == Some(&current) {
            return None;
        }
        self.published = Some(current);
        Some(self.machine.connection(|local| self.clock.server_time(local)))
    }

    pub(super) fn note_error(&mut self, message: String, now: Timestamp) {
        self.meter.error(self.clock.server_time(now), message);
    }
}
