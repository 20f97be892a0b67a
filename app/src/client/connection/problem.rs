//! Messages about connection problems. Each says which connection is affected, and what to do.

use std::fmt;

/// Reason why there is no stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::client) enum StreamProblem {
    /// The connection was lost, or the server ended it.
    Ended,
    /// The response was not a stream, or there was no response.
    Refused,
    /// The browser reports that it has no network.
    Offline,
    /// The stream is open, but nothing arrives.
    Silent,
    /// A frame does not follow the current state.
    OutOfSync,
    /// Snapshots arrive, but no stream does.
    Blocked,
    /// Paused by the user.
    Paused,
    /// Closed by the page itself while it was hidden.
    Hidden,
}

/// Reason why a snapshot could not be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::client) enum FetchProblem {
    /// No response from the server.
    Unreachable,
    /// The browser reports that it has no network.
    Offline,
    /// An error status, with the server's message if there is one.
    Status(u16, Option<String>),
    /// The response is not a snapshot.
    Unreadable,
}

impl fmt::Display for StreamProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ended => {
                "The connection between this browser and the Quaylight server was lost. Reconnecting."
            }
            Self::Refused => {
                "This browser could not open the live stream. The Quaylight server is down, or the server or a proxy refused the request. Retrying."
            }
            Self::Offline => "This browser is offline. Check the network connection.",
            Self::Silent => {
                "Nothing was received from the Quaylight server for 10 seconds. A proxy may be buffering the stream."
            }
            Self::OutOfSync => "The stream is out of sync. Reloading the list.",
            Self::Blocked => {
                "The Quaylight server responds, but its live stream does not arrive. The list is fetched every 10 seconds instead. A proxy may be buffering the stream."
            }
            Self::Paused => "You paused the stream. Resume it for live updates.",
            Self::Hidden => "This page was hidden for a minute and closed its stream. Reconnecting.",
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
            Self::Status(status, None) => {
                write!(f, "The Quaylight server, or a proxy in front of it, responded with status {status}.")
            }
            Self::Status(status, Some(detail)) => {
                write!(f, "The Quaylight server responded with status {status}: {detail}")
            }
            Self::Unreadable => f.write_str(
                "The response was not a container list. It may come from a proxy or a login page, or the server was updated. Reload the page.",
            ),
        }
    }
}
