//! Errors of requests to another Quaylight server, with a code, a message and a hint for the user.

use crate::text::{plain::plain_line, printable::printable};
use app::model::{EngineHop, EngineName, EngineProblem};
use hyper_util::client::legacy;
use std::{error::Error, io, time::Duration};

/// Maximum length of a message from the other server, in characters.
const MAX_MESSAGE_CHARS: usize = 500;

/// Failure of a request to another Quaylight server.
#[derive(Debug, thiserror::Error)]
pub enum FarError {
    /// No connection.
    #[error("{reason}")]
    Unreachable {
        /// The step that failed.
        hop: EngineHop,
        /// True if nothing listens at the address.
        is_refused: bool,
        /// Reason from the system or the TLS library.
        reason: String,
    },
    /// No response in time, at this step.
    #[error("the other Quaylight did not respond within {} s", .0.as_secs_f32())]
    Timeout(Duration, EngineHop),
    /// The connection or the stream ended.
    #[error("the other Quaylight closed the connection")]
    Closed,
    /// The other server refused the request.
    #[error("{detail}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// Problem code in the response; empty if it has none.
        code: String,
        /// Engine error code in the response, if it has one.
        engine_code: Option<String>,
        /// Description of the refusal.
        detail: String,
        /// Hint from the response; empty if it has none.
        hint: String,
    },
    /// The response is not from a Quaylight server.
    #[error("{0}")]
    InvalidResponse(String),
    /// The token cannot be read.
    #[error("{0}")]
    Token(String),
    /// The other server, which connects by itself, is not connected.
    #[error("{}", if *.is_enrolled { "the other Quaylight is not connected" } else { "no Quaylight has joined under this name" })]
    NotJoined {
        /// Name of the server.
        host: EngineName,
        /// True if it has joined before.
        is_enrolled: bool,
    },
    /// The address does not say which engine is meant, or names one that does not exist.
    #[error("{0}")]
    Engine(String),
    /// The engine has more containers than this many.
    #[error("the engine has more than {0} containers, which is the limit for one of another Quaylight")]
    TooManyRows(usize),
}

impl FarError {
    /// The step that failed on the way to the engine.
    pub fn hop(&self) -> EngineHop {
        match self {
            Self::Unreachable { hop, .. } | Self::Timeout(_, hop) => *hop,
            Self::NotJoined { .. } => EngineHop::Connect,
            Self::Token(_) | Self::Refused { status: 401 | 403 | 407, .. } => EngineHop::Auth,
            Self::Closed | Self::InvalidResponse(_) | Self::Refused { .. } => EngineHop::Http,
            Self::Engine(_) | Self::TooManyRows(_) => EngineHop::Engine,
        }
    }

    /// Stable code for programs, part of the API.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreachable { is_refused: true, .. } => "connection_refused",
            Self::Unreachable { hop: EngineHop::Dns, .. } => "name_not_found",
            Self::Unreachable { hop: EngineHop::Tls, .. } => "tls_failed",
            Self::Unreachable { .. } => "failed",
            Self::Timeout(..) => "not_answering",
            Self::Closed => "connection_closed",
            Self::Refused { status: 401, .. } => "token_refused",
            Self::Refused { .. } => "refused",
            Self::InvalidResponse(_) => "bad_answer",
            Self::Token(_) => "token_unreadable",
            Self::NotJoined { .. } => "not_joined",
            Self::Engine(_) => "choose_engine",
            Self::TooManyRows(_) => "too_many_containers",
        }
    }

    /// Certificates that cannot be read.
    pub(super) fn certificates(reason: String) -> Self {
        Self::Unreachable { hop: EngineHop::Tls, is_refused: false, reason }
    }

    fn hint(&self) -> &str {
        match self {
            Self::Unreachable { is_refused: true, .. } => {
                "Start Quaylight on that host, or check the address of the engine in the settings."
            }
            Self::Unreachable { hop: EngineHop::Tls, .. } => {
                "Check its certificate, and the authority in tls = { ca = \"FILE\" } if it is not a public one. For a \
                 Docker Engine with TLS, use tcp://HOST:2376 and tls."
            }
            Self::Unreachable { .. } => "Check the address of the engine in the settings, and the network.",
            Self::Timeout(..) => "The host or its network may be down. Quaylight keeps trying.",
            Self::Closed => "It is restarting, or a proxy cut the connection. Quaylight keeps trying.",
            Self::Refused { status: 401, .. } => {
                "Create a token on that server with `quaylight token add`, and name its file in token-file."
            }
            Self::Refused { hint, .. } => hint,
            Self::InvalidResponse(_) => {
                "https:// is for another Quaylight. For a Docker Engine with TLS, use tcp://HOST:2376 and tls."
            }
            Self::Token(_) => "Check token-file in the settings of the engine.",
            Self::NotJoined { is_enrolled: true, .. } => {
                "It connects by itself as soon as it runs and reaches this server; its log says why it does not."
            }
            Self::NotJoined { is_enrolled: false, .. } => {
                "Run `quaylight engine invite NAME` on this server, and on the other host what it prints."
            }
            Self::TooManyRows(_) => {
                "Remove stopped containers of that engine. The rows shown are the last ones received."
            }
            Self::Engine(_) => "Add ?engine=NAME to the address of the engine in the settings.",
        }
    }

    /// True if the other server answered with a refusal that does not go away by itself.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused { status: 400..500, .. })
    }

    /// The error of a server that cannot join.
    pub fn join_problem(&self) -> EngineProblem {
        let hint = match self {
            Self::Unreachable { is_refused: true, .. } => "Check that Quaylight runs there, and the address in --join.",
            Self::Unreachable { hop: EngineHop::Tls, .. } => {
                "Check its certificate, and the authority in --join-ca if it is not a public one."
            }
            Self::Unreachable { .. } => "Check the address in --join, and the network.",
            Self::Refused { status: 401, .. } => {
                "On that server, run `quaylight engine invite NAME`, and store the token that it prints in the file of \
                 --join-token-file."
            }
            Self::Refused { code, .. } if code == "no_such_route" => {
                "No server can join it: it may have an older version, or the address in --join lacks a path."
            }
            Self::InvalidResponse(_) => "Check the address in --join: it is that of the other server's pages.",
            Self::Token(_) => "Check --join-token-file, and that this server can write in its data folder.",
            other => other.hint(),
        };
        EngineProblem { hint: hint.to_owned(), ..self.problem() }
    }

    /// The error as the page and the API show it.
    pub fn problem(&self) -> EngineProblem {
        EngineProblem {
            code: self.code().to_owned(),
            message: sentence(&self.to_string()),
            hint: self.hint().to_owned(),
        }
    }
}

impl From<legacy::Error> for FarError {
    fn from(error: legacy::Error) -> Self {
        let reason = chain(&error);
        let lower = reason.to_ascii_lowercase();
        let mentions = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        let is = |kind| io_kinds(&error).any(|found| found == kind);
        let unreachable = |hop, is_refused| Self::Unreachable { hop, is_refused, reason: reason.clone() };
        if is(io::ErrorKind::ConnectionRefused) {
            unreachable(EngineHop::Connect, true)
        } else if mentions(&["dns error", "lookup address"]) {
            unreachable(EngineHop::Dns, false)
        } else if mentions(&["certificate", "tls", "handshake", "alert", "corrupt message"]) {
            // A server that needs a client's certificate reports it after the handshake.
            unreachable(EngineHop::Tls, false)
        } else if error.is_connect() {
            unreachable(EngineHop::Connect, false)
        } else if mentions(&["invalid http", "parse", "invalid header"]) {
            Self::InvalidResponse(reason)
        } else {
            Self::Closed
        }
    }
}

/// Converts an error of a response's body, or of a connection that the other server has opened.
impl From<hyper::Error> for FarError {
    fn from(_: hyper::Error) -> Self {
        Self::Closed
    }
}

fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}

fn io_kinds<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = io::ErrorKind> + 'e {
    causes(error).filter_map(|error| error.downcast_ref::<io::Error>()).map(io::Error::kind)
}

/// An error and its causes in one line, without repetitions.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut words: Vec<String> = causes(error).skip(1).map(ToString::to_string).collect();
    words.dedup();
    if words.is_empty() { error.to_string() } else { words.join(": ") }
}

/// Shortens a text from the other server to one line of limited length.
pub(crate) fn shortened(text: &str) -> String {
    // Cleaned no longer than it may be shown, with room for what is removed.
    let begun = &text[..text.floor_char_boundary(16 * MAX_MESSAGE_CHARS)];
    printable(&plain_line(begun)).chars().take(MAX_MESSAGE_CHARS).collect()
}

/// Adds a capital letter and a full stop, because a hint follows.
fn sentence(text: &str) -> String {
    let mut letters = text.trim_end().chars();
    let stop = if text.trim_end().ends_with(['.', '!', '?']) { "" } else { "." };
    letters.next().map(|first| first.to_uppercase().chain(letters).chain(stop.chars()).collect()).unwrap_or_default()
}
