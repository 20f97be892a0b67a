//! The driver's side of stream sharing: requests the stream from the exchange, and reads it for all
//! tabs on request.
//!
//! To the machine this is a stream like any other: it opens, delivers events, fails or falls
//! silent. If there is no exchange, or it does not respond, the page opens its own stream
//! without notifying the machine.

use super::{
    Driver,
    parts::{Joining, Parts},
};
use crate::client::{
    Transport,
    connection::{Input, StreamProblem},
    event_stream::EventStream,
    exchange::{Exchange, Message, WorkerKind},
};
use leptos::{leptos_dom::helpers::set_timeout, prelude::queue_microtask};
use std::time::Duration;

/// Timeout for a response of the exchange, whose script may not have started, or may hang. The
/// exchange normally responds in milliseconds, or within a second on a busy machine; 5 s later, the
/// machine would give up the stream.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(5);

impl Driver {
    /// Requests the stream from the exchange; false if there is none.
    pub(super) fn join(self, stream: u32, at: &str) -> bool {
        self.connect();
        let joining = Joining { stream, at: at.to_owned(), responded: false };
        let requested = self.update(|parts| {
            parts.exchange.as_ref()?.join(stream, at);
            parts.joining = Some(joining);
            Some(())
        });
        if requested.flatten().is_none() {
            return false;
        }
        set_timeout(move || self.give_up_waiting(stream), RESPONSE_TIMEOUT);
        true
    }

    /// Connects to the exchange with the best kind of worker that this browser has.
    fn connect(self) {
        while let Some(Some(kind)) = self.update(|parts| parts.worker_kind.filter(|_| parts.exchange.is_none())) {
            let connect = || Exchange::connect(kind, move |message| self.handle(message), move || self.fail());
            let exchange = if kind.is_possible() { connect() } else { None };
            self.update(|parts| match exchange {
                Some(exchange) => parts.exchange = Some(exchange),
                None => parts.worker_kind = kind.next(),
            });
        }
    }

    /// Tries the next kind of worker, if there is one, after the script could not be loaded.
    fn fail(self) {
        self.update(|parts| parts.worker_kind = parts.worker_kind.and_then(WorkerKind::next));
        if let Some(Joining { stream, at, .. }) = self.drop_exchange()
            && !self.join(stream, &at)
        {
            self.open_own(stream, &at);
        }
    }

    /// Opens a stream of this tab's own if the exchange has still not responded.
    fn give_up_waiting(self, stream: u32) {
        let awaits_response = self.update(|parts| parts.awaits_response(stream)) == Some(true);
        if awaits_response && let Some(Joining { stream, at, .. }) = self.drop_exchange() {
            self.open_own(stream, &at);
        }
    }

    /// Drops the exchange and returns the stream that was requested from it.
    fn drop_exchange(self) -> Option<Joining> {
        self.update(|parts| {
            parts.exchange = None;
            parts.stream = None;
            parts.joining.take()
        })?
    }

    fn handle(self, message: Message) {
        match message {
            Message::Joined { stream, transport } => drop(self.update(|parts| parts.joined(stream, transport))),
            Message::Frame { stream, event, late } => self.receive(stream, &event, late),
            Message::Broken { stream, problem } => self.dispatch(Input::StreamFailed { stream, problem }),
            Message::OpenStream { round, at } => self.open_for_all(round, &at),
            Message::CloseStream => drop(self.update(|parts| parts.stream = None)),
            Message::Live => self.dispatch(Input::Wake),
            Message::Ping => self.send(Exchange::here),
        }
    }

    /// Opens a stream for all tabs, unless this tab has left meanwhile, of which the exchange is
    /// about to be informed.
    fn open_for_all(self, round: u32, at: &str) {
        if self.update(|parts| parts.joining.is_some()) != Some(true) {
            return;
        }
        let fail = move |problem| self.send(|exchange| exchange.broken(round, problem));
        let pass_on = move |event| self.send(|exchange| exchange.frame(round, &event));
        let opened = EventStream::open(at, self.held(), Box::new(pass_on), Box::new(fail));
        if opened.is_none() {
            queue_microtask(move || fail(StreamProblem::Refused));
        }
        self.update(|parts| parts.stream = opened);
    }

    fn send(self, send: impl FnOnce(&Exchange)) {
        self.update(|parts| {
            if let Some(exchange) = &parts.exchange {
                send(exchange);
            }
        });
    }
}

impl Parts {
    fn joined(&mut self, stream: u32, transport: Transport) {
        if let Some(joining) = self.joining.as_mut().filter(|joining| joining.stream == stream) {
            joining.responded = true;
            self.stream = None;
            self.meter.transport(transport);
        }
    }

    /// Leaves the exchange if the page is suspended, so that another tab may lead.
    pub(super) fn leave_exchange_if_suspended(&mut self) {
        if self.machine.is_suspended() {
            self.exchange = None;
        }
    }
}
