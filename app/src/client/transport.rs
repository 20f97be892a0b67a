//! How a page's stream is had, for `/realtime-test`.

/// Told by the exchange, or known when there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// One SharedWorker passes it to all tabs.
    Shared,
    /// This tab holds the Web Lock and passes it to the others.
    Leads,
    /// Another tab does.
    Follows,
    /// Nobody shares it.
    Own,
}

impl Transport {
    /// From the word the exchange uses; `None` for an unknown one.
    pub(super) fn from_word(word: &str) -> Option<Self> {
        match word {
            "shared" => Some(Self::Shared),
            "leads" => Some(Self::Leads),
            "follows" => Some(Self::Follows),
            _ => None,
        }
    }

    /// For people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shared => "shared by this browser's tabs (SharedWorker)",
            Self::Leads => "shared by this browser's tabs; this tab leads",
            Self::Follows => "shared by this browser's tabs; another tab leads",
            Self::Own => "own stream",
        }
    }
}
