//! What is wrong, in words a person can act on. Each sentence says which leg it is about.

use std::fmt;

/// Why there is no stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::client) enum StreamProblem {
    /// The connection broke off, or the server ended it.
    Ended,
    /// The browser gave up: the answer was no stream, or none came.
    Refused,
    /// The browser says it has no network.
    Offline,
    /// It is open, but nothing comes.
    Silent,
    /// A frame did not fit what is held.
    Misfit,
    /// Snapshots come, a stream does not.
    HeldBack,
    /// Cut by hand.
    Cut,
    /// Let go by the page itself, while nobody could see it.
    LetGo,
}

/// Why a snapshot could not be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::client) enum FetchProblem {
    /// No answer from the server.
    Unreachable,
    /// The browser says it has no network.
    Offline,
    /// An answer, but a refusal; with the server's own words, if it gave some.
    Status(u16, Option<String>),
    /// An answer that is no snapshot.
    Unreadable,
}

impl fmt::Display for StreamProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ended => {
                "The connection between this browser and the Quaylight server broke off. It is being opened again."
            }
            Self::Refused => {
                "This browser could not open the live stream: the Quaylight server, or a proxy in between, is down or refused it."
            }
            Self::Offline => "This browser is offline. Check its network.",
            Self::Silent => {
                "Nothing has come from the Quaylight server for 10 seconds. A proxy in between can hold the stream back."
            }
            Self::Misfit => "The stream did not fit what this page holds. The list is being loaded anew.",
            Self::HeldBack => {
                "The Quaylight server answers, but its live stream does not get through: the list is fetched every 10 seconds instead. A proxy in between may be holding the stream back."
            }
            Self::Cut => "The stream was cut by hand. Restore it to be live again.",
            Self::LetGo => "This page was hidden for a minute and let its stream go. It is being opened again.",
        })
    }
}

impl fmt::Display for FetchProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable => f.write_str(
                "This browser cannot reach the Quaylight server. Check that the server is running and the network is up.",
            ),
            Self::Offline => StreamProblem::Offline.fmt(f),
            Self::Status(status, None) => write!(f, "The Quaylight server, or a proxy in between, answered {status}."),
            Self::Status(status, Some(detail)) => write!(f, "The Quaylight server answered {status}: {detail}"),
            Self::Unreadable => f.write_str(
                "The answer was no container list. A proxy or login page may have given it, or the server is of another version: reload the page.",
            ),
        }
    }
}
