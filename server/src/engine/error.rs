//! What can go wrong with an engine, and what a person can do about it.

use crate::{plain::plain_line, printable::printable, secrets};
use app::model::EngineProblem;
use std::{error::Error as _, io, time::Duration};

/// Why an engine did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// There is no socket.
    #[error("there is no socket at {0}")]
    NoSocket(String),
    /// The socket may not be opened.
    #[error("this user may not open the engine's socket")]
    PermissionDenied,
    /// Nobody listens.
    #[error("nothing listens at the engine's address")]
    ConnectionRefused,
    /// No answer in time.
    #[error("the engine did not answer within {} s", .0.as_secs_f32())]
    NotAnswering(Duration),
    /// The connection or the event stream ended.
    #[error("the engine closed the connection")]
    Closed,
    /// The engine said no.
    #[error("{message}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// The engine's own sentence.
        message: String,
    },
    /// The answer could not be understood.
    #[error("the engine's answer could not be understood: {}", shortened(.0))]
    Nonsense(String),
    /// This server closed the connection, because its own reader does not read on.
    #[error("nobody reads on")]
    Unread,
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl EngineError {
    /// The HTTP status of a refusal.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Whether it is about a container that does not exist. A start answers 404 for a missing network, too, and its reason is that
    /// network. Docker: "No such container: …"; Podman: "no container with … found: no such container".
    pub fn is_gone(&self) -> bool {
        matches!(self, Self::Refused { status: 404, message } if message.to_ascii_lowercase().contains("no such container"))
    }

    /// Stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoSocket(_) => "no_socket",
            Self::PermissionDenied => "permission_denied",
            Self::ConnectionRefused => "connection_refused",
            Self::NotAnswering(_) => "not_answering",
            Self::Closed => "connection_closed",
            Self::Refused { .. } => "refused",
            Self::Nonsense(_) => "bad_answer",
            Self::Unread | Self::Other(_) => "failed",
        }
    }

    fn hint(&self) -> &'static str {
        match self {
            Self::NoSocket(_) => "Start Docker, or name the right socket with --engine unix:///PATH.",
            Self::PermissionDenied => "Run as a user in the docker group, or name another socket with --engine.",
            Self::ConnectionRefused => {
                "Start the Docker Engine (systemctl start docker), or check the address in --engine."
            }
            Self::NotAnswering(_) => {
                "The engine may be frozen or overloaded: check that `docker ps` answers on its host."
            }
            Self::Closed => "The engine is restarting or a proxy cut the connection. Quaylight keeps trying.",
            Self::Refused { .. } => "Check what stands at this address: a socket proxy may be denying the call.",
            Self::Nonsense(_) => "Check that a Docker Engine, and not something else, listens at this address.",
            Self::Unread | Self::Other(_) => "Check the address in --engine and the engine's log.",
        }
    }

    /// For the page.
    pub fn problem(&self) -> EngineProblem {
        EngineProblem {
            code: self.code().to_owned(),
            message: sentence(&self.to_string()),
            hint: self.hint().to_owned(),
        }
    }

    /// Whether an inspect that failed so may have failed for the sake of its container, the engine being there.
    pub(crate) fn is_about_one(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::NotAnswering(_) | Self::Nonsense(_) | Self::Closed)
    }

    /// For the row and the page of a container for which the engine does not answer.
    pub(crate) fn inspect_problem(&self) -> EngineProblem {
        let (code, reason) = match self {
            Self::Refused { status: 404, .. } => {
                ("not_found", "it lists the container, and does not find it".to_owned())
            }
            Self::Refused { status, message } => ("refused", format!("it refuses with status {status}: {message}")),
            Self::NotAnswering(limit) => ("not_answering", format!("nothing came within {} s", limit.as_secs_f32())),
            other => (other.code(), other.to_string()),
        };
        EngineProblem {
            code: code.to_owned(),
            message: sentence(&format!("The engine does not answer for this container: {reason}")),
            hint: "What is shown is from the engine's list. Try `docker inspect` on its host; Quaylight keeps trying."
                .to_owned(),
        }
    }

    fn from_io(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::PermissionDenied => Self::PermissionDenied,
            io::ErrorKind::ConnectionRefused => Self::ConnectionRefused,
            io::ErrorKind::NotFound => Self::NoSocket("the engine's address".to_owned()),
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof => Self::Closed,
            _ => Self::Other(error.to_string()),
        }
    }
}

/// A sentence of the engine's; an answer that is none may be of any length, and every viewer would be told it.
const LONGEST_SENTENCE: usize = 2_000;

/// Cut, without the secrets of a command that it may quote, and without what would steer a terminal or break a log line.
fn shortened(text: &str) -> String {
    let told = secrets::sentence(text);
    let told = printable(&plain_line(&told));
    match told.char_indices().nth(LONGEST_SENTENCE) {
        Some((end, _)) => format!("{}…", &told[..end]),
        None => told,
    }
}

/// With a capital and a full stop, because a hint follows it.
fn sentence(text: &str) -> String {
    let text = text.trim_end();
    let mut letters = text.chars();
    let stop = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    letters.next().map(|first| first.to_uppercase().chain(letters).chain(stop.chars()).collect()).unwrap_or_default()
}

impl From<bollard::errors::Error> for EngineError {
    fn from(error: bollard::errors::Error) -> Self {
        use bollard::errors::Error as E;
        match &error {
            E::SocketNotFoundError(path) => Self::NoSocket(path.clone()),
            E::DockerResponseServerError { status_code, message } => {
                Self::Refused { status: *status_code, message: shortened(message) }
            }
            E::RequestTimeoutError => Self::NotAnswering(Duration::from_secs(120)),
            E::JsonDataError { message, .. } => Self::Nonsense(message.clone()),
            E::JsonSerdeError { err } => Self::Nonsense(err.to_string()),
            // bollard keeps only the words of what broke off an answer halfway, an event stream most of all.
            E::IOError { err } if err.kind() == io::ErrorKind::Other => Self::Closed,
            E::IOError { err } => Self::from_io(err),
            E::HyperResponseError { err } if err.is_parse() => Self::Nonsense(err.to_string()),
            other => from_causes(other),
        }
    }
}

/// hyper buries the I/O error a few causes down.
fn from_causes(error: &bollard::errors::Error) -> EngineError {
    let mut cause = error.source();
    while let Some(found) = cause {
        if let Some(io) = found.downcast_ref::<io::Error>() {
            return EngineError::from_io(io);
        }
        if let Some(hyper) = found.downcast_ref::<hyper::Error>() {
            if hyper.is_parse() {
                return EngineError::Nonsense(hyper.to_string());
            }
            if hyper.is_incomplete_message() || hyper.is_canceled() || hyper.is_closed() {
                return EngineError::Closed;
            }
        }
        cause = found.source();
    }
    EngineError::Other(error.to_string())
}
