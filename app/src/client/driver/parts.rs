//! What the driver owns: the pure parts, and the handles of what it asked the browser for.

use crate::{
    client::{
        Connection, Rows,
        clock::Clock,
        connection::Machine,
        event_stream::EventStream,
        exchange::{Exchange, Place},
        measures::Meter,
        reader::{Reader, StreamEvent},
    },
    model::Timestamp,
    protocol::{Frame, FrameId, Revision, Snapshot, compact::Held},
};
use leptos::leptos_dom::helpers::{AnimationFrameRequestHandle, IntervalHandle, TimeoutHandle};

/// Everything but the signals.
pub(super) struct Parts {
    pub(super) machine: Machine,
    pub(super) meter: Meter,
    pub(super) clock: Clock,
    reader: Reader,
    /// This page's own, or the one it reads for all tabs.
    pub(super) stream: Option<EventStream>,
    /// Where the tabs share one, from the first stream until the page rests.
    pub(super) exchange: Option<Exchange>,
    /// Where to look for it; `None`: nowhere.
    pub(super) place: Option<Place>,
    /// What is waited for from the exchange.
    pub(super) joining: Option<Joining>,
    /// When the open stream was asked for, until its first content has come.
    asked_at: Option<Timestamp>,
    /// Armed for the machine's next tick.
    pub(super) timer: Option<(Timestamp, TimeoutHandle)>,
    /// Moves `now`, while the page is visible.
    pub(super) ticker: Option<IntervalHandle>,
    /// Events whose change has been applied and not yet painted.
    pub(super) unpainted: Vec<Timestamp>,
    pub(super) painting: Option<AnimationFrameRequestHandle>,
    /// As last published, on the browser's clock.
    published: Option<Connection>,
}

/// A stream asked for at the exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Joining {
    pub(super) stream: u32,
    /// The id to resume from; empty for a snapshot.
    pub(super) at: String,
    /// Whether the exchange has answered.
    pub(super) answered: bool,
}

/// What one event of the stream is.
pub(super) enum Reading {
    /// The server lives.
    Heartbeat(Timestamp),
    /// To be applied; with the event behind it, if its way to the screen is worth measuring.
    Content { frame: Frame, event_at: Option<Timestamp> },
    /// Unfit; in words for the summary.
    Misfit(String),
}

impl Parts {
    /// `rendered_at`: the server's clock when it rendered the page, if it did; asked for at `asked`.
    pub(super) fn new(rows: Rows, rendered_at: Option<Timestamp>, asked: Timestamp, now: Timestamp) -> Self {
        let mut clock = Clock::default();
        if let Some(rendered_at) = rendered_at {
            clock.answered(rendered_at, asked);
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
            place: Some(Place::Shared),
            asked_at: None,
            timer: None,
            ticker: None,
            unpainted: Vec::new(),
            painting: None,
            published: None,
        }
    }

    /// Where the next stream begins: the id to resume from, empty for a snapshot.
    pub(super) fn opening(&mut self, fresh: bool, now: Timestamp) -> String {
        self.meter.opening();
        self.asked_at = Some(now);
        self.reader.position().filter(|_| !fresh).map(ToString::to_string).unwrap_or_default()
    }

    /// Reads one event; `None` if it is of a stream given up. `late`: it came to this browser before.
    pub(super) fn read(
        &mut self,
        stream: u32,
        event: &StreamEvent,
        held: &Held,
        late: bool,
        now: Timestamp,
    ) -> Option<Reading> {
        if !self.machine.expects_stream(stream) {
            return None;
        }
        self.meter.event(event.data.len());
        let frame = match self.reader.read(event, held) {
            Ok(frame) => frame,
            Err(misfit) => {
                self.meter.misfit();
                return Some(Reading::Misfit(misfit.to_string()));
            }
        };
        if !late {
            self.clock.received(frame.server_time(), now);
        }
        Some(self.sort(frame, now))
    }

    fn sort(&mut self, frame: Frame, now: Timestamp) -> Reading {
        let event_at = match &frame {
            Frame::Heartbeat(heartbeat) => {
                self.meter.heartbeat(self.clock.server_time(now));
                return Reading::Heartbeat(heartbeat.server_time);
            }
            Frame::Delta(delta) => delta.event_at,
            Frame::Snapshot(_) => None,
        };
        // The first content catches up with what was missed; its delay would be that of the gap.
        let Some(asked) = self.asked_at.take() else {
            return Reading::Content { frame, event_at };
        };
        // What comes by way of the exchange may have been written before it was asked for here.
        if self.joining.is_none() {
            self.clock.answered(frame.server_time(), asked);
        }
        Reading::Content { frame, event_at: None }
    }

    /// Whether the exchange was asked for this stream and has not answered.
    pub(super) fn is_unanswered(&self, stream: u32) -> bool {
        self.joining.as_ref().is_some_and(|joining| joining.stream == stream && !joining.answered)
    }

    /// Lets the stream go, wherever it is had.
    pub(super) fn close(&mut self) {
        self.stream = None;
        if self.joining.take().is_some()
            && let Some(exchange) = &self.exchange
        {
            exchange.leave();
        }
    }

    /// The snapshot again, if it is newer than what is held; `None` if its fetch was given up.
    pub(super) fn take_fetched(
        &mut self,
        fetch: u32,
        snapshot: Snapshot,
        asked: Timestamp,
        now: Timestamp,
    ) -> Option<Option<Snapshot>> {
        if !self.machine.expects_fetch(fetch) {
            return None;
        }
        self.clock.answered(snapshot.server_time, asked);
        self.clock.received(snapshot.server_time, now);
        Some(self.reader.overtake(&snapshot).then_some(snapshot))
    }

    /// What the indicator shows, if that is new since it was last asked for. A new problem is noted as the last error.
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

    pub(super) fn note_error(&mut self, words: String, now: Timestamp) {
        self.meter.error(self.clock.server_time(now), words);
    }
}
