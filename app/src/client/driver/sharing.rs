//! The driver's dealings with the exchange: to ask it for the stream, and to read the stream for all tabs when it says so.
//!
//! To the machine this is a stream like any other: it opens, is heard, fails or falls silent. Where the exchange cannot be had, or does not
//! answer, the page opens a stream of its own, and the machine is told nothing.

use super::{
    Driver,
    parts::{Joining, Parts},
};
use crate::client::{
    Transport,
    connection::{Input, StreamProblem},
    event_stream::EventStream,
    exchange::{Exchange, Message, Place},
};
use leptos::{leptos_dom::helpers::set_timeout, prelude::queue_microtask};
use std::time::Duration;

/// An exchange that says nothing for so long is done without: its script was not started, or has hung. It answers in milliseconds, on a machine
/// that is busy in a second; and 5 s later the machine would give the stream up.
const ANSWER_TIME: Duration = Duration::from_secs(5);

impl Driver {
    /// Asks the exchange for the stream; false where there is none.
    pub(super) fn join(self, stream: u32, at: &str) -> bool {
        self.connect();
        let joining = Joining { stream, at: at.to_owned(), answered: false };
        let asked = self.update(|parts| {
            parts.exchange.as_ref()?.join(stream, at);
            parts.joining = Some(joining);
            Some(())
        });
        if asked.flatten().is_none() {
            return false;
        }
        set_timeout(move || self.give_up_waiting(stream), ANSWER_TIME);
        true
    }

    /// Finds the exchange in the best place that this browser has.
    fn connect(self) {
        while let Some(Some(place)) = self.update(|parts| parts.place.filter(|_| parts.exchange.is_none())) {
            let connect = || Exchange::connect(place, move |message| self.take(message), move || self.fail());
            let exchange = if place.is_possible() { connect() } else { None };
            self.update(|parts| match exchange {
                Some(exchange) => parts.exchange = Some(exchange),
                None => parts.place = place.next(),
            });
        }
    }

    /// The script cannot be loaded there; the next place, or none, has to do.
    fn fail(self) {
        self.update(|parts| parts.place = parts.place.and_then(Place::next));
        if let Some(Joining { stream, at, .. }) = self.do_without_exchange()
            && !self.join(stream, &at)
        {
            self.open_own(stream, &at);
        }
    }

    /// If it still has not answered.
    fn give_up_waiting(self, stream: u32) {
        let is_unanswered = self.update(|parts| parts.is_unanswered(stream)) == Some(true);
        if is_unanswered && let Some(Joining { stream, at, .. }) = self.do_without_exchange() {
            self.open_own(stream, &at);
        }
    }

    /// What was waited for.
    fn do_without_exchange(self) -> Option<Joining> {
        self.update(|parts| {
            parts.exchange = None;
            parts.stream = None;
            parts.joining.take()
        })?
    }

    fn take(self, message: Message) {
        match message {
            Message::Joined { stream, transport } => drop(self.update(|parts| parts.joined(stream, transport))),
            Message::Frame { stream, event, late } => self.hear(stream, &event, late),
            Message::Broken { stream, problem } => self.tell(Input::StreamFailed { stream, problem }),
            Message::Lend { round, at } => self.lend(round, &at),
            Message::Return => drop(self.update(|parts| parts.stream = None)),
            Message::Up => self.tell(Input::Wake),
            Message::Ping => self.say(Exchange::here),
        }
    }

    /// Reads a stream for all tabs, unless this one has let go meanwhile: then the exchange is about to hear of it.
    fn lend(self, round: u32, at: &str) {
        if self.update(|parts| parts.joining.is_some()) != Some(true) {
            return;
        }
        let lose = move |problem| self.say(|exchange| exchange.broken(round, problem));
        let pass_on = move |event| self.say(|exchange| exchange.frame(round, &event));
        let opened = EventStream::open(at, self.held(), Box::new(pass_on), Box::new(lose));
        if opened.is_none() {
            queue_microtask(move || lose(StreamProblem::Refused));
        }
        self.update(|parts| parts.stream = opened);
    }

    fn say(self, say: impl FnOnce(&Exchange)) {
        self.update(|parts| {
            if let Some(exchange) = &parts.exchange {
                say(exchange);
            }
        });
    }
}

impl Parts {
    fn joined(&mut self, stream: u32, transport: Transport) {
        if let Some(joining) = self.joining.as_mut().filter(|joining| joining.stream == stream) {
            joining.answered = true;
            self.stream = None;
            self.meter.transport(transport);
        }
    }

    /// A page that rests gives up its place, so that another tab may lead.
    pub(super) fn leave_exchange_at_rest(&mut self) {
        if self.machine.is_resting() {
            self.exchange = None;
        }
    }
}
