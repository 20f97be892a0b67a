//! Inputs and commands of the connection machine.

use super::{FetchProblem, StreamProblem};

/// An input of the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::client) enum Input {
    /// The page has started.
    Start,
    /// A snapshot or delta was received and applied.
    Content { stream: u32 },
    /// A heartbeat was received.
    Heartbeat { stream: u32 },
    /// The stream ended, could not be opened, or cannot be used.
    StreamFailed { stream: u32, problem: StreamProblem },
    /// A snapshot was fetched. `is_newer` is true if it was newer than the current state, and was
    /// applied.
    Fetched { fetch: u32, is_newer: bool },
    /// A fetch failed.
    FetchFailed { fetch: u32, problem: FetchProblem },
    /// The time of [`super::Machine::due`] has been reached.
    Tick,
    /// The network is back, or the stream of another tab is.
    Wake,
    /// The page is hidden.
    Hide,
    /// The page is being left; the browser may keep it and show it again.
    Leave,
    /// The page is shown again.
    Show,
    /// The user requested a reconnect.
    Reconnect,
    /// The user requested a snapshot.
    Refresh,
    /// The user paused the stream.
    Pause,
    /// The user ended the pause.
    Resume,
}

/// A command of the machine. Commands are run in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::client) enum Command {
    /// Open a stream that resumes from the current state or, if `fresh`, starts with a snapshot.
    Open { stream: u32, fresh: bool },
    /// Close the stream.
    Close,
    /// Fetch a snapshot.
    Fetch { fetch: u32 },
}
