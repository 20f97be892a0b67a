//! How the link between this page and its server is doing.
//!
//! In: what happened (`Input`), the time, a random number. Out: what to do (`Command`), when to look again (`Machine::due`), and what
//! the indicator shows ([`Connection`]). Pure: no browser, no clock. The `driver` owns the machine and carries out its commands.
//!
//! ```text
//!                first frame                        stream fails, ends or
//!  Connecting ───────────────────▶ Live ◀──────┐    is silent for 10 s
//!      │                            │          │
//!      │ fails                      ▼          │ first frame
//!      └─────────────────────▶ Reconnecting ───┤
//!                 retries after 0.2, 0.5,      │
//!                 1, 2 … 15 s, for ever        │
//!                                   │          │
//!             10 s without a stream │          │
//!              or 5 failures in row ▼          │
//!                                Static ───────┘
//!                 snapshots are fetched at once and every 10 s; attempts go on
//! ```
//!
//! - `Reconnect` opens at once from anywhere; `Wake` (network back, another tab live) and `Show` open at once when waiting, and shorten
//!   patience with an open stream, which may be a dead one that nobody has told.
//! - A page that was hidden (`Hide`) for a minute, or is left (`Leave`), rests: no stream, no attempts, no fetches. It reads Reconnecting, and
//!   opens at once when it is shown again (`Show`).
//! - `Cut` closes the stream and makes no attempts; from there Reconnecting becomes Static as ever, until `Restore` or `Reconnect`.
//! - A snapshot that was fetched while a stream is open or opening overtakes it; the stream is opened again from there, the state stays.
//! - Answers of streams and fetches given up meanwhile change nothing: each carries its number.

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

/// What the indicator shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// The word.
    pub state: ConnectionState,
    /// Since when, on the server's clock.
    pub since: Timestamp,
    /// What is wrong and what to do, in words; `None` while nothing is.
    pub problem: Option<String>,
    /// When the next attempt is due, on the server's clock; `None` while one is under way, or the stream is held cut.
    pub retry_at: Option<Timestamp>,
    /// Attempts that failed since the stream last worked.
    pub attempts: u32,
    /// Whether the stream is held cut by `cut()`.
    pub cut: bool,
    /// Whether a snapshot is being fetched by hand.
    pub refreshing: bool,
}

/// The four words of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConnectionState {
    /// The first stream is being opened.
    Connecting,
    /// Frames arrive.
    Live,
    /// The stream is lost and being opened again.
    Reconnecting,
    /// It has been lost for a while: snapshots are fetched instead, while attempts go on.
    Static,
}

impl ConnectionState {
    /// The word of the contract.
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
    /// As a page is rendered.
    pub(super) const fn connecting(since: Timestamp) -> Self {
        Self {
            state: ConnectionState::Connecting,
            since,
            problem: None,
            retry_at: None,
            attempts: 0,
            cut: false,
            refreshing: false,
        }
    }
}

#[cfg(test)]
mod tests;
