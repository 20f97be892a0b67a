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
    /// Arrival of the padding; `None` before it.
    pub padding: Option<Arrival>,
    /// True if the length of the padding differs from what was sent.
    pub altered: bool,
    /// Time at which the stream ended, in milliseconds since the request; `None` while it is open.
    pub ended_at: Option<u64>,
    /// Reason for the end.
    pub ending: Ending,
}

/// Head of a response.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResponseHead {
    /// Time at which the response was received, in milliseconds since the request.
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
    /// Time at which the event was received, in milliseconds since the request.
    pub at: u64,
    /// HTTP version: `HTTP/1.1` from a browser, and from most proxies.
    pub protocol: String,
    /// `Via` header of the request.
    pub via: Option<String>,
    /// Names of the forwarding headers in the request.
    pub forwarded: Vec<String>,
    /// Length of the padding, in bytes.
    pub padding_bytes: usize,
}

/// A frame with its times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// Time at which the frame was sent: milliseconds since the start of the stream, on the
    /// server's clock.
    pub sent: u64,
    /// Time at which the frame was received: milliseconds since the request, on the page's clock.
    pub received: u64,
}

/// Reason for the end of a stream.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ending {
    /// Still open.
    #[default]
    Open,
    /// Ended with the server's `end` event.
    Whole,
    /// Ended without that event: a proxy cut the stream off, or could not reach the server.
    Cut,
    /// The page gave up waiting.
    GivenUp,
}

/// Measurements of a test: streams that run side by side.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Pings, sent uncompressed like events and logs.
    pub plain: Probe,
    /// Pings compressed by the server as the list is, so that no proxy compresses them again.
    pub packed: Probe,
    /// A silent stream.
    pub silent: Probe,
    /// Heartbeats every 2.5 s for more than a minute; in the long test only.
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
