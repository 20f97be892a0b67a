//! What the machine is told, and what it says to do.

use super::{FetchProblem, StreamProblem};

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::client) enum Input {
    /// The page is up.
    Start,
    /// A snapshot or delta came and was applied.
    Content { stream: u32 },
    /// A heartbeat came.
    Heartbeat { stream: u32 },
    /// The stream ended, could not be opened, or cannot be used.
    StreamFailed { stream: u32, problem: StreamProblem },
    /// A snapshot came; `overtook`: it was newer than what was held, and was applied.
    Fetched { fetch: u32, overtook: bool },
    /// No snapshot came.
    FetchFailed { fetch: u32, problem: FetchProblem },
    /// [`super::Machine::due`] has come.
    Tick,
    /// The network is back, or another tab's stream is.
    Wake,
    /// Nobody can see the page any more.
    Hide,
    /// The page is being left; the browser may keep it, to be shown again.
    Leave,
    /// The page is shown again.
    Show,
    /// Asked for by hand.
    Reconnect,
    /// Asked for by hand.
    Refresh,
    /// Asked for by hand.
    Cut,
    /// Asked for by hand.
    Restore,
}

/// What to do about it, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::client) enum Command {
    /// Open a stream, resumed from what is held, or `fresh`: beginning with a snapshot.
    Open { stream: u32, fresh: bool },
    /// Close the stream.
    Close,
    /// Fetch a snapshot.
    Fetch { fetch: u32 },
}
