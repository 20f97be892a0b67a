//! Measurements of diagnostic streams.

/// Measurements of one stream. Times are milliseconds since the request was sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Probe {
    /// Head of the response.
    pub response: Option<ResponseHead>,
    /// The first event: the request as the server received it.
    pub begin: Option<Begin>,
    /// Pings, in the order received.
    pub pings: Vec<Arrival>,
    /// The padded frame.
    pub padding: Option<Arrival>,
    /// True if its length differs from what was sent.
    pub altered: bool,
    /// End of the stream; `None` while it is open.
    pub ended_at: Option<u64>,
    /// Reason for the end.
    pub ending: Ending,
}

/// Head of a response.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResponseHead {
    /// Time at which it was received.
    pub at: u64,
    /// HTTP status.
    pub status: u16,
    /// True if it is an event stream.
    pub is_stream: bool,
    /// `Server` header; Quaylight itself sends none.
    pub server: Option<String>,
    /// `Via` header.
    pub via: Option<String>,
    /// `Content-Encoding` header; for a stream sent uncompressed, added by a proxy.
    pub content_encoding: Option<String>,
    /// True if `X-Accel-Buffering` was received; nginx applies and removes it.
    pub accel_arrived: bool,
}

/// The request, as the server received it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Begin {
    /// Time at which this was received.
    pub at: u64,
    /// `HTTP/1.1` from a browser, and from most proxies.
    pub protocol: String,
    /// `Via` header of the request.
    pub via: Option<String>,
    /// Names of the request's forwarding headers.
    pub forwarded: Vec<String>,
    /// Length of the padding.
    pub padding_bytes: usize,
}

/// A frame with its times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// Time it was sent, on the server's clock since the start of the stream.
    pub sent: u64,
    /// Time it was received, on the page's clock since the request was sent.
    pub received: u64,
}

/// Reason for the end of a stream.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ending {
    /// Still open.
    #[default]
    Open,
    /// With the server's `end` event.
    Whole,
    /// Without it: a proxy cut it off, or could not reach the server.
    Cut,
    /// The page gave up waiting.
    GivenUp,
}

/// Measurements of a test: streams that run side by side.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Pings, sent uncompressed like events and logs.
    pub plain: Probe,
    /// The same, compressed by the server like the list, so that no proxy compresses it again.
    pub packed: Probe,
    /// A silent stream.
    pub silent: Probe,
    /// A heartbeat every 2.5 s for more than a minute; in the long test only.
    pub long: Option<Probe>,
}

impl Evidence {
    /// Every stream of the test.
    pub fn probes(&self) -> impl Iterator<Item = &Probe> {
        [&self.plain, &self.packed, &self.silent].into_iter().chain(&self.long)
    }

    /// True if all streams have ended.
    pub fn is_whole(&self) -> bool {
        self.probes().all(|probe| probe.ending != Ending::Open)
    }
}
