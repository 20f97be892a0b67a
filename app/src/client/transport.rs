//! Transport of a page's stream, for `/realtime-test`.

/// Transport of a page's stream, as reported by the exchange; [`Self::Own`] without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// A SharedWorker passes the stream to all tabs.
    Shared,
    /// This tab holds the Web Lock, and passes the stream to the other tabs.
    Leads,
    /// Another tab holds the Web Lock.
    Follows,
    /// The stream is not shared.
    Own,
}

impl Transport {
    /// Creates the transport from its name in the exchange's messages; `None` if unknown.
    pub(super) fn from_word(word: &str) -> Option<Self> {
        match word {
            "shared" => Some(Self::Shared),
            "leads" => Some(Self::Leads),
            "follows" => Some(Self::Follows),
            _ => None,
        }
    }

    /// Label in the UI.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shared => "shared by this browser's tabs (SharedWorker)",
            Self::Leads => "shared by this browser's tabs; coordinated by this tab",
            Self::Follows => "shared by this browser's tabs; coordinated by another tab",
            Self::Own => "own stream",
        }
    }
}
