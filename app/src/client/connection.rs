//! The connection between this page and its server.
//!
//! In: an `Input`, the time, a random number. Out: `Command`s, the time of the next tick
//! (`Machine::due`), and the state the indicator shows ([`Connection`]). Pure: no browser, no
//! clock. The `driver` owns the machine and runs its commands.
//!
//! ```text
//!                first frame                        stream fails, ends or
//!  Connecting ───────────────────▶ Live ◀──────┐    is silent for 10 s
//!      │                            │          │
//!      │ fails                      ▼          │ first frame
//!      └─────────────────────▶ Reconnecting ───┤
//!                 retries after 0.2, 0.5,      │
//!                 1, 2 … 15 s, forever         │
//!                                   │          │
//!             10 s without a stream │          │
//!              or 5 failures in row ▼          │
//!                                Static ───────┘
//!                 snapshots are fetched immediately and every 10 s; attempts continue
//! ```
//! - `Reconnect` opens a stream at once from any state. `Wake` (network back, another tab live) and
//!   `Show` do so while waiting, and shorten the silence timeout of an open stream, which may be
//!   dead without an error.
//! - A page that is hidden (`Hide`) for a minute, or left (`Leave`), is suspended: no stream, no
//!   attempts, no fetches. It reads Reconnecting, and opens a stream as soon as it is shown again
//!   (`Show`).
//! - `Pause` closes the stream and makes no attempts; Reconnecting still becomes Static, until
//!   `Resume` or `Reconnect`.
//! - A snapshot that is fetched while a stream is open or opening may be newer; then the stream is
//!   opened again from there, and the state stays.
//! - Events of streams and fetches that were given up are ignored: each carries its number.

mod backoff;
mod fetching;
mod input;
mod machine;
mod problem;

pub use backoff::delay as retry_delay;
pub(super) use input::{Command, Input};
pub(super) use machine::Machine;
pub(super) use problem::{FetchProblem, StreamProblem};

use crate::model::Timestamp;

/// The state of the connection, as the indicator shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// State of the connection.
    pub state: ConnectionState,
    /// Time since which the connection has this state, on the server's clock.
    pub since: Timestamp,
    /// Message about the current problem and its solution; `None` without a problem.
    pub problem: Option<String>,
    /// Time of the next attempt, on the server's clock; `None` during an attempt and while paused.
    pub retry_at: Option<Timestamp>,
    /// Number of failed attempts since the stream last worked.
    pub attempts: u32,
    /// True if `pause()` closed the stream.
    pub paused: bool,
    /// True while a snapshot requested by the user is being fetched.
    pub refreshing: bool,
}

/// The four states of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConnectionState {
    /// The first stream is being opened.
    Connecting,
    /// Frames are received.
    Live,
    /// The stream was lost and is being reopened.
    Reconnecting,
    /// There has been no stream for a while: snapshots are fetched instead, and attempts continue.
    Static,
}

impl ConnectionState {
    /// The name in the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connecting => "Connecting",
            Self::Live => "Live",
            Self::Reconnecting => "Reconnecting",
            Self::Static => "Static",
        }
    }
}

impl Connection {
    /// The initial state of a rendered page.
    pub(super) const fn connecting(since: Timestamp) -> Self {
        Self {
            state: ConnectionState::Connecting,
            since,
            problem: None,
            retry_at: None,
            attempts: 0,
            paused: false,
            refreshing: false,
        }
    }
}

#[cfg(test)]
mod tests;
