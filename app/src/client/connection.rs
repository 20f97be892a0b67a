//! How the link between this page and its server is doing.

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
