//! What came of one diagnostic stream, and of several that ran together.

/// One stream, from the question to its end. Times are milliseconds since the question left.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Probe {
    /// The head of the answer.
    pub answer: Option<Answer>,
    /// How the question arrived at the server, as it says.
    pub begin: Option<Begin>,
    /// Pings, in the order they came.
    pub pings: Vec<Arrival>,
    /// The padded frame.
    pub padding: Option<Arrival>,
    /// Whether it held less, or more, than was sent.
    pub altered: bool,
    /// When it was over; `None` while it goes on.
    pub ended_at: Option<u64>,
    /// How.
    pub ending: Ending,
}

/// The head of an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// When it came.
    pub at: u64,
    /// Its status.
    pub status: u16,
    /// Whether it is a stream of events, and no login page.
    pub is_stream: bool,
    /// Who says that it answered; Quaylight itself says nothing.
    pub server: Option<String>,
    /// Through whom it came.
    pub via: Option<String>,
    /// How it was compressed; of a stream that was sent as it is, this is a proxy's doing.
    pub content_encoding: Option<String>,
    /// Whether `X-Accel-Buffering` arrived, which nginx obeys and takes away.
    pub accel_arrived: bool,
}

/// How the question arrived at the server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Begin {
    /// When this was told.
    pub at: u64,
    /// `HTTP/1.1` from a browser, and from most proxies.
    pub protocol: String,
    /// Through whom.
    pub via: Option<String>,
    /// Names of headers by which proxies tell whom they speak for.
    pub forwarded: Vec<String>,
    /// How long the padding is.
    pub padding_bytes: usize,
}

/// A stamped frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// When it was sent, on the server's clock since the stream began there.
    pub sent: u64,
    /// When it came, on the page's clock since the question left.
    pub came: u64,
}

/// How a stream ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ending {
    /// Not yet.
    #[default]
    Open,
    /// With the server's farewell.
    Whole,
    /// Without: somebody between cut it, or could not reach the server.
    Cut,
    /// The page waited long enough.
    GivenUp,
}

/// What a test gathers: streams that run side by side.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Pings, as events and logs are sent.
    pub plain: Probe,
    /// The same in the server's own gzip, as the list is sent: no proxy compresses it again.
    pub packed: Probe,
    /// Silence.
    pub silent: Probe,
    /// A heartbeat every 2.5 s for more than a minute; only in the long test.
    pub long: Option<Probe>,
}

impl Evidence {
    /// Every stream of it.
    pub fn probes(&self) -> impl Iterator<Item = &Probe> {
        [&self.plain, &self.packed, &self.silent].into_iter().chain(&self.long)
    }

    /// Whether all are over.
    pub fn is_whole(&self) -> bool {
        self.probes().all(|probe| probe.ending != Ending::Open)
    }
}
