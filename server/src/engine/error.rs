//! Errors of engine calls, with a code, a message and a hint for the user.

use super::transport::{LinkError, tls};
use crate::{
    secrets,
    text::{plain::plain_line, printable::printable},
};
use app::model::{EngineHop, EngineProblem};
use std::{error::Error as _, io, time::Duration};

/// Failure of an engine call.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The socket does not exist.
    #[error("there is no socket at {0}")]
    NoSocket(String),
    /// This process may not open the socket.
    #[error("this user may not open the engine's socket")]
    PermissionDenied,
    /// Nothing is listening at the address.
    #[error("nothing is listening at the engine's address")]
    ConnectionRefused,
    /// No response in time.
    #[error("the engine did not respond within {} s", .0.as_secs_f32())]
    Timeout(Duration),
    /// The connection or the event stream ended.
    #[error("the engine closed the connection")]
    Closed,
    /// The engine refused the request.
    #[error("{message}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// The engine's own message.
        message: String,
    },
    /// The response could not be read.
    #[error("the engine's response could not be read: {}", shortened(.0))]
    InvalidResponse(String),
    /// This server closed the connection because its own reader stopped reading.
    #[error("the reader stopped reading")]
    NotRead,
    /// A step on the way to the engine failed.
    #[error(transparent)]
    Link(Box<LinkError>),
    /// Any other failure.
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

    /// True if the container does not exist. The status is not enough: a start also gets 404 for a
    /// missing network. Docker: "No such container: …"; Podman: "no container with … found: no such
    /// container".
    pub fn is_no_such_container(&self) -> bool {
        matches!(self, Self::Refused { status: 404, message } if message.to_ascii_lowercase().contains("no such container"))
    }

    /// Stable code for programs, part of the API.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoSocket(_) => "no_socket",
            Self::PermissionDenied => "permission_denied",
            Self::ConnectionRefused => "connection_refused",
            Self::Timeout(_) => "not_answering",
            Self::Closed => "connection_closed",
            Self::Refused { .. } => "refused",
            Self::InvalidResponse(_) => "bad_answer",
            Self::Link(error) => error.code,
            Self::NotRead | Self::Other(_) => "failed",
        }
    }

    /// The step that failed on the way to the engine.
    pub fn hop(&self) -> EngineHop {
        match self {
            Self::NoSocket(_) | Self::PermissionDenied | Self::ConnectionRefused => EngineHop::Connect,
            Self::Refused { status: 401 | 403 | 407, .. } => EngineHop::Auth,
            Self::Closed | Self::InvalidResponse(_) => EngineHop::Http,
            Self::Refused { .. } | Self::Timeout(_) | Self::NotRead => EngineHop::Engine,
            Self::Link(error) => error.hop,
            Self::Other(message) => {
                let message = message.to_ascii_lowercase();
                let mentions = |words: &[&str]| words.iter().any(|word| message.contains(word));
                if mentions(&["dns error", "lookup address", "name or service"]) {
                    EngineHop::Dns
                } else if mentions(&["certificate", "tls", "handshake"]) {
                    EngineHop::Tls
                } else {
                    EngineHop::Connect
                }
            }
        }
    }

    fn hint(&self) -> &str {
        match self {
            Self::NoSocket(_) => "Start the engine, or set the correct socket with --engine unix:///PATH.",
            Self::PermissionDenied => "Run as a user in the docker group, or set another socket with --engine.",
            Self::ConnectionRefused => {
                "Start the Docker Engine (systemctl start docker), or check the address of the engine. For tcp, the \
                 address must be among the hosts of dockerd."
            }
            Self::Timeout(_) => "The engine may be frozen or overloaded: check that `docker ps` works on its host.",
            Self::Closed => "The engine is restarting or a proxy cut the connection. Quaylight keeps trying.",
            Self::Refused { status: 400, message } if message.contains("HTTP request to an HTTPS server") => {
                "The engine requires TLS: set tls = { ca, cert, key } for this engine in the settings file."
            }
            Self::Refused { .. } => "Check what is listening at this address: a socket proxy may be denying the call.",
            Self::InvalidResponse(_) => {
                "Check that a Docker Engine, and not something else, is listening at this address."
            }
            Self::Link(error) => &error.hint,
            Self::NotRead | Self::Other(_) => "Check the address in --engine and the engine's log.",
        }
    }

    /// True if nothing accepted connections at the engine's address.
    pub(crate) fn is_unreachable(&self) -> bool {
        match self {
            Self::NoSocket(_) | Self::ConnectionRefused => true,
            Self::Link(error) => error.is_unreachable(),
            _ => false,
        }
    }

    /// The error as the page and the API show it.
    pub fn problem(&self) -> EngineProblem {
        EngineProblem {
            code: self.code().to_owned(),
            message: sentence(&self.to_string()),
            hint: self.hint().to_owned(),
        }
    }

    /// True if an inspect may have failed because of its container, while the engine itself works.
    pub(crate) fn may_concern_one_container(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::Timeout(_) | Self::InvalidResponse(_) | Self::Closed)
    }

    /// The error as the container's row and page show it if its inspect fails.
    pub(crate) fn inspect_problem(&self) -> EngineProblem {
        let (code, reason) = match self {
            Self::Refused { status: 404, .. } => {
                ("not_found", "it lists the container but does not find it".to_owned())
            }
            Self::Refused { status, message } => ("refused", format!("it responded with status {status}: {message}")),
            Self::Timeout(limit) => ("not_answering", format!("it did not respond within {} s", limit.as_secs_f32())),
            other => (other.code(), other.to_string()),
        };
        EngineProblem {
            code: code.to_owned(),
            message: sentence(&format!("The engine cannot inspect this container: {reason}")),
            hint: "The data shown is from the engine's list. Try `docker inspect` on its host; Quaylight keeps trying."
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

/// Maximum length of an engine message. A response that is not a message can have any length and
/// would be sent to every viewer.
const MAX_MESSAGE_CHARS: usize = 2_000;

/// Shortens a message and removes secrets of quoted commands, terminal sequences and line breaks.
fn shortened(text: &str) -> String {
    let message = secrets::message(text);
    let message = printable(&plain_line(&message));
    match message.char_indices().nth(MAX_MESSAGE_CHARS) {
        Some((end, _)) => format!("{}…", &message[..end]),
        None => message,
    }
}

/// Adds a capital letter and a full stop, because a hint follows.
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
            E::DockerResponseServerError { status_code, message } if message.trim().is_empty() => {
                Self::Refused { status: *status_code, message: format!("HTTP status {status_code}, without a message") }
            }
            E::DockerResponseServerError { status_code, message } => {
                Self::Refused { status: *status_code, message: shortened(message) }
            }
            E::RequestTimeoutError => Self::Timeout(Duration::from_secs(120)),
            E::JsonDataError { message, .. } => Self::InvalidResponse(message.clone()),
            E::JsonSerdeError { err } => Self::InvalidResponse(err.to_string()),
            // bollard keeps only the text of an error that interrupted a response, such as an event
            // stream.
            E::IOError { err } if err.kind() == io::ErrorKind::Other => Self::Closed,
            E::IOError { err } => Self::from_io(err),
            E::HyperResponseError { err } if err.is_parse() => Self::InvalidResponse(err.to_string()),
            other => from_causes(other),
        }
    }
}

/// The error of a transport, which may be wrapped in an I/O error.
fn link_error(error: &(dyn std::error::Error + 'static)) -> Option<LinkError> {
    let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    let link = error.downcast_ref().or_else(|| inner?.downcast_ref::<LinkError>());
    link.cloned()
}

/// Finds the I/O error, which is nested a few levels deep in hyper's errors.
fn from_causes(error: &bollard::errors::Error) -> EngineError {
    let mut cause = error.source();
    while let Some(found) = cause {
        if let Some(link) = link_error(found) {
            return EngineError::Link(Box::new(link));
        }
        if let Some(error) = tls::errors::in_causes(found) {
            return EngineError::Link(Box::new(tls::errors::link_error(error, "its address", None)));
        }
        if let Some(io) = found.downcast_ref::<io::Error>() {
            return EngineError::from_io(io);
        }
        if let Some(hyper) = found.downcast_ref::<hyper::Error>() {
            // Bytes before the request was sent have no kind of their own.
            if hyper.is_parse() || hyper.to_string().contains("unexpected message") {
                return EngineError::InvalidResponse(hyper.to_string());
            }
            if hyper.is_incomplete_message() || hyper.is_canceled() || hyper.is_closed() {
                return EngineError::Closed;
            }
        }
        cause = found.source();
    }
    EngineError::Other(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_request_to_a_tls_port_is_explained() {
        let message = "Client sent an HTTP request to an HTTPS server.".to_owned();
        let refused = EngineError::Refused { status: 400, message };
        assert!(refused.problem().hint.contains("requires TLS"), "{:?}", refused.problem());
    }

    #[test]
    fn the_failing_step_follows_from_the_error() {
        let other = |text: &str| EngineError::Other(text.to_owned());
        let refused = |status| EngineError::Refused { status, message: String::new() };
        for (error, hop) in [
            (other("error trying to connect: dns error: failed to lookup address information"), EngineHop::Dns),
            (EngineError::ConnectionRefused, EngineHop::Connect),
            (EngineError::PermissionDenied, EngineHop::Connect),
            (other("No route to host (os error 113)"), EngineHop::Connect),
            (other("invalid peer certificate: Expired"), EngineHop::Tls),
            (refused(403), EngineHop::Auth),
            (EngineError::InvalidResponse("<html>".to_owned()), EngineHop::Http),
            (EngineError::Timeout(Duration::from_secs(2)), EngineHop::Engine),
            (refused(500), EngineHop::Engine),
        ] {
            assert_eq!(error.hop(), hop, "{error}");
        }
    }
}
