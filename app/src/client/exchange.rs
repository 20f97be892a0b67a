//! This tab's side of the exchange, through which the tabs of a browser share one stream;
//! `exchange.js` is the other side, and documents the protocol.
//!
//! In: calls of the `driver`. Out: [`Message`]s. Owned by the `driver`, from a page's first stream
//! until it is suspended. The script is part of this crate: the server serves it at
//! [`exchange_path()`], which includes a hash of its content, so that a page never uses the script
//! of another version. A page whose script is gone after an upgrade opens its own stream.

use super::{Transport, connection::StreamProblem, reader::StreamEvent};
use js_sys::{Function, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::{Event, MessageEvent, MessagePort, SharedWorker, Worker};

/// Source of the exchange's script.
pub const EXCHANGE_SCRIPT: &str = include_str!("exchange.js");

/// URL path of [`EXCHANGE_SCRIPT`].
pub fn exchange_path() -> String {
    // The version helps to recognize old pages in a server's log.
    const HASH: u64 = fnv1a(EXCHANGE_SCRIPT.as_bytes());
    format!(concat!("/stream-exchange-", env!("CARGO_PKG_VERSION"), "-{}.js"), HASH)
}

/// FNV-1a hash of 64 bits. Computed at compile time, so that the script is not part of the
/// browser's module.
const fn fnv1a(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325;
    let mut index = 0;
    while index < bytes.len() {
        hash = (hash ^ bytes[index] as u64).wrapping_mul(0x0100_0000_01b3);
        index += 1;
    }
    hash
}

/// The kinds of worker that can run the script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WorkerKind {
    /// One SharedWorker for all tabs.
    Shared,
    /// A Worker in each tab; the one that holds a Web Lock is the leader.
    Leader,
}

impl WorkerKind {
    /// The kind to try if this one fails.
    pub(super) const fn next(self) -> Option<Self> {
        match self {
            Self::Shared => Some(Self::Leader),
            Self::Leader => None,
        }
    }

    /// True if this browser supports the kind. Web Locks, unlike SharedWorker, need HTTPS or
    /// localhost.
    pub(super) fn is_possible(self) -> bool {
        let global = js_sys::global();
        let has = |object: &JsValue, name: &str| field(object, name).is_truthy();
        match self {
            Self::Shared => has(&global, "SharedWorker"),
            Self::Leader => {
                let navigator = leptos::prelude::window().navigator();
                has(&global, "Worker") && has(&global, "BroadcastChannel") && has(&navigator, "locks")
            }
        }
    }
}

/// A message from the exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Message {
    /// The exchange sends the frames of this stream from now on; streams opened before are ignored.
    Joined { stream: u32, transport: Transport },
    /// An event of the stream. `late` is true if it was received before this tab joined.
    Frame { stream: u32, event: StreamEvent, late: bool },
    /// The stream failed for all tabs.
    Broken { stream: u32, problem: StreamProblem },
    /// Open a stream for all tabs, resuming from `at`.
    OpenStream { round: u32, at: String },
    /// Close the stream, because another tab opens it now.
    CloseStream,
    /// Frames arrive again in other tabs.
    Live,
    /// A request to confirm that the tab still exists.
    Ping,
}

/// A connection to the exchange. Dropping it leaves the exchange; no callback runs afterwards.
pub(super) struct Exchange {
    wire: Wire,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(Event)>,
}

enum Wire {
    Shared { worker: SharedWorker, port: MessagePort },
    Leader(Worker),
}

impl Exchange {
    /// Starts the script, or connects to the running one; `None` if the browser refuses. `on_error`
    /// is called if the script cannot be loaded.
    pub(super) fn connect(
        kind: WorkerKind,
        on_message: impl Fn(Message) + 'static,
        on_error: impl Fn() + 'static,
    ) -> Option<Self> {
        let wire = Wire::new(kind).ok()?;
        let on_message =
            Closure::new(move |event: MessageEvent| message(&event.data()).into_iter().for_each(&on_message));
        let on_error = Closure::new(move |_: Event| on_error());
        wire.listen(Some(on_message.as_ref().unchecked_ref()), Some(on_error.as_ref().unchecked_ref()));
        Some(Self { wire, _on_message: on_message, _on_error: on_error })
    }

    /// Requests the frames after `at`, or a snapshot if `at` is empty.
    pub(super) fn join(&self, stream: u32, at: &str) {
        self.send("join", &[("stream", stream.into()), ("at", at.into())]);
    }

    /// Stops the frames for now.
    pub(super) fn leave(&self) {
        self.send("leave", &[]);
    }

    /// Passes on an event of the opened stream.
    pub(super) fn frame(&self, round: u32, event: &StreamEvent) {
        let StreamEvent { name, data, id } = event;
        self.send("frame", &[("round", round.into()), ("name", name.into()), ("data", data.into()), ("id", id.into())]);
    }

    /// Reports that the opened stream failed.
    pub(super) fn broken(&self, round: u32, problem: StreamProblem) {
        self.send("broken", &[("round", round.into()), ("problem", word(problem).into())]);
    }

    /// Responds to a [`Message::Ping`].
    pub(super) fn here(&self) {
        self.send("here", &[]);
    }

    fn send(&self, is: &str, more: &[(&str, JsValue)]) {
        let message = Object::new();
        // Setting a property of a plain object cannot fail.
        let set = |name: &str, value: &JsValue| drop(Reflect::set(&message, &name.into(), value));
        set("is", &is.into());
        more.iter().for_each(|(name, value)| set(name, value));
        // Nor can sending strings and numbers; a script that has ended ignores it.
        drop(self.wire.post(&message));
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.wire.listen(None, None);
        self.send("bye", &[]);
        if let Wire::Shared { port, .. } = &self.wire {
            port.close();
        }
    }
}

impl Wire {
    fn new(kind: WorkerKind) -> Result<Self, JsValue> {
        let path = exchange_path();
        let path = crate::base_path::address(&path);
        Ok(match kind {
            WorkerKind::Shared => {
                let worker = SharedWorker::new(&path)?;
                Self::Shared { port: worker.port(), worker }
            }
            WorkerKind::Leader => Self::Leader(Worker::new(&path)?),
        })
    }

    fn listen(&self, on_message: Option<&Function>, on_error: Option<&Function>) {
        match self {
            Self::Shared { worker, port } => {
                port.set_onmessage(on_message);
                worker.set_onerror(on_error);
            }
            Self::Leader(worker) => {
                worker.set_onmessage(on_message);
                worker.set_onerror(on_error);
            }
        }
    }

    fn post(&self, message: &JsValue) -> Result<(), JsValue> {
        match self {
            Self::Shared { port, .. } => port.post_message(message),
            Self::Leader(worker) => worker.post_message(message),
        }
    }
}

/// Reads a message; `None` if it is unknown to this version.
fn message(data: &JsValue) -> Option<Message> {
    Some(match text(data, "is")?.as_str() {
        "frame" => {
            let event = StreamEvent { name: text(data, "name")?, data: text(data, "data")?, id: text(data, "id")? };
            Message::Frame { stream: number(data, "stream"), event, late: field(data, "late").is_truthy() }
        }
        "joined" => {
            Message::Joined { stream: number(data, "stream"), transport: Transport::from_word(&text(data, "how")?)? }
        }
        "broken" => Message::Broken { stream: number(data, "stream"), problem: problem(&text(data, "problem")?) },
        "openStream" => Message::OpenStream { round: number(data, "round"), at: text(data, "at")? },
        "closeStream" => Message::CloseStream,
        "live" => Message::Live,
        "ping" => Message::Ping,
        _ => return None,
    })
}

fn field(data: &JsValue, name: &str) -> JsValue {
    Reflect::get(data, &name.into()).unwrap_or_default()
}

fn text(data: &JsValue, name: &str) -> Option<String> {
    field(data, name).as_string()
}

/// Reads a number; 0, which is not a valid number, for other values.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "streams and rounds are counted from 1")]
fn number(data: &JsValue, name: &str) -> u32 {
    field(data, name).as_f64().unwrap_or_default() as u32
}

/// Name of a problem in the exchange's messages. An [`super::event_stream::EventStream`] reports
/// these three problems.
const fn word(problem: StreamProblem) -> &'static str {
    match problem {
        StreamProblem::Offline => "offline",
        StreamProblem::Refused => "refused",
        _ => "ended",
    }
}

fn problem(word: &str) -> StreamProblem {
    match word {
        "offline" => StreamProblem::Offline,
        "refused" => StreamProblem::Refused,
        _ => StreamProblem::Ended,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_has_the_version_and_a_hash() {
        // The published test vectors of FNV-1a.
        assert_eq!((fnv1a(b""), fnv1a(b"foobar")), (0xcbf2_9ce4_8422_2325, 0x8594_4171_f739_67e8));
        let path = exchange_path();
        assert!(path.starts_with(&format!("/stream-exchange-{}-", env!("CARGO_PKG_VERSION"))), "{path}");
        assert!(path.ends_with(".js"), "{path}");
    }

    #[test]
    fn a_stream_problem_is_the_same_in_every_tab() {
        for broken in [StreamProblem::Offline, StreamProblem::Refused, StreamProblem::Ended] {
            assert_eq!(problem(word(broken)), broken);
        }
    }
}
