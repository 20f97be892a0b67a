//! Server-sent events of another Quaylight server.

use super::{FarError, error::shortened};
use axum::http::{Response, header};
use bytes::Bytes;
use flate2::write::GzDecoder;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use std::io::Write as _;
use tokio::task::consume_budget;

/// Maximum length of an event: a snapshot of 10,000 containers has some 20 MB.
const MAX_EVENT_BYTES: usize = if cfg!(test) { 8 << 20 } else { 64 << 20 };
/// Bytes that are searched for events at once.
const PIECE_BYTES: usize = 64 << 10;
/// The same of compressed bytes, which become at most a thousand times as many.
const PACKED_PIECE_BYTES: usize = 256;

/// An event of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FarEvent {
    /// Name of the event.
    pub name: String,
    /// Id with which the stream can be resumed after this event.
    pub id: Option<String>,
    /// Data of the event.
    pub data: String,
}

/// Reads the events of a response. Other tasks run between the events, and between the pieces of
/// what was received, however fast it arrives.
#[derive(Debug)]
pub struct EventStream {
    body: Incoming,
    text: EventText,
}

/// Received text. Each byte is searched and moved a limited number of times.
#[derive(Debug)]
struct EventText {
    /// What was received and is not in `plain` yet.
    received: Bytes,
    plain: Vec<u8>,
    /// Start of the first event that was not returned yet.
    start: usize,
    /// End of the bytes already searched for the end of that event.
    searched: usize,
    gunzip: Option<GzDecoder<Vec<u8>>>,
}

/// Result of reading one piece of the text.
#[derive(Debug)]
enum Step {
    Event(FarEvent),
    /// Nothing yet; there is more to read.
    More,
    /// Everything received was read.
    Empty,
}

impl EventStream {
    /// Starts reading a response.
    ///
    /// # Errors
    /// When the response is not an event stream.
    pub fn new(response: Response<Incoming>) -> Result<Self, FarError> {
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let kind = header(header::CONTENT_TYPE);
        if !kind.starts_with("text/event-stream") {
            return Err(FarError::InvalidResponse(format!(
                "the response is {:?}, not an event stream",
                shortened(kind)
            )));
        }
        let text = EventText::new(header(header::CONTENT_ENCODING) == "gzip");
        Ok(Self { body: response.into_body(), text })
    }

    /// Waits for the next event. Cancel safe.
    ///
    /// # Errors
    /// When the stream ends or is malformed.
    pub async fn next(&mut self) -> Result<FarEvent, FarError> {
        loop {
            consume_budget().await;
            match self.text.step()? {
                Step::Event(event) => return Ok(event),
                Step::More => {}
                Step::Empty => {
                    let frame = self.body.frame().await.ok_or(FarError::Closed)??;
                    if let Ok(data) = frame.into_data() {
                        self.text.take(data);
                    }
                }
            }
        }
    }
}

fn malformed() -> FarError {
    FarError::InvalidResponse("the event stream cannot be read".to_owned())
}

impl EventText {
    fn new(is_gzip: bool) -> Self {
        let gunzip = is_gzip.then(|| GzDecoder::new(Vec::new()));
        Self { received: Bytes::new(), plain: Vec::new(), start: 0, searched: 0, gunzip }
    }

    /// Adds bytes. Must only be called after [`Step::Empty`].
    fn take(&mut self, data: Bytes) {
        debug_assert!(self.received.is_empty());
        self.received = data;
    }

    /// Reads up to the end of an event, or of a piece. Skips events that only set the reconnection
    /// time.
    fn step(&mut self) -> Result<Step, FarError> {
        while let Some(end) = self.end() {
            let block = std::str::from_utf8(&self.plain[self.start..end]).map_err(|_| malformed())?;
            let event = read(block);
            (self.start, self.searched) = (end, end);
            if let Some(event) = event {
                return Ok(Step::Event(event));
            }
        }
        if self.received.is_empty() { Ok(Step::Empty) } else { self.read_piece().map(|()| Step::More) }
    }

    /// End of the first event.
    fn end(&mut self) -> Option<usize> {
        // The first of the two line ends may already have been searched.
        let from = self.searched.saturating_sub(1).max(self.start);
        let place = self.plain[from..].windows(2).position(|pair| pair == b"\n\n");
        if place.is_none() {
            self.searched = self.plain.len();
        }
        place.map(|place| from + place + 2)
    }

    fn read_piece(&mut self) -> Result<(), FarError> {
        // At most the rest of one piece, or nothing, follows the events returned.
        self.plain.drain(..self.start);
        self.searched -= self.start;
        self.start = 0;
        let length = if self.gunzip.is_some() { PACKED_PIECE_BYTES } else { PIECE_BYTES };
        let piece = self.received.split_to(length.min(self.received.len()));
        match &mut self.gunzip {
            Some(gunzip) => {
                gunzip.write_all(&piece).and_then(|()| gunzip.flush()).map_err(|_| malformed())?;
                self.plain.append(gunzip.get_mut());
            }
            None => self.plain.extend_from_slice(&piece),
        }
        if self.plain.len() > MAX_EVENT_BYTES { Err(malformed()) } else { Ok(()) }
    }
}

/// Parses the lines of an event; `None` if it has no data.
fn read(block: &str) -> Option<FarEvent> {
    let field = |name: &str| {
        let value = |line: &str| line.strip_prefix(name)?.strip_prefix(':').map(str::to_owned);
        block.lines().find_map(value).map(|value| value.strip_prefix(' ').map(str::to_owned).unwrap_or(value))
    };
    Some(FarEvent { name: field("event").unwrap_or_default(), id: field("id"), data: field("data")? })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::time::{Duration, Instant};

    const TEXT: &str =
        "retry: 1000\n\nevent: delta\nid: a.5\ndata: {\"a\":1}\n\nevent: heartbeat\ndata: {}\n\nevent: x";

    fn events(text: &mut EventText, pieces: impl Iterator<Item = Vec<u8>>) -> Vec<FarEvent> {
        let mut events = Vec::new();
        for piece in pieces {
            text.take(piece.into());
            loop {
                match text.step().unwrap() {
                    Step::Event(event) => events.push(event),
                    Step::More => {}
                    Step::Empty => break,
                }
            }
        }
        events
    }

    fn packed(text: &[u8]) -> Vec<u8> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::best());
        packed.write_all(text).unwrap();
        packed.flush().unwrap();
        packed.get_ref().clone()
    }

    #[test]
    fn events_are_read_from_pieces_of_any_size() {
        let event = |name: &str, id: Option<&str>, data: &str| FarEvent {
            name: name.to_owned(),
            id: id.map(str::to_owned),
            data: data.to_owned(),
        };
        let expected = [event("delta", Some("a.5"), "{\"a\":1}"), event("heartbeat", None, "{}")];
        for size in [1, 2, 7, 1_000] {
            let pieces = TEXT.as_bytes().chunks(size).map(<[u8]>::to_vec);
            assert_eq!(events(&mut EventText::new(false), pieces), expected, "{size}");
            let packed = packed(TEXT.as_bytes());
            assert_eq!(events(&mut EventText::new(true), packed.chunks(size).map(<[u8]>::to_vec)), expected, "{size}");
        }
    }

    #[test]
    fn each_byte_is_read_once_however_short_the_events() {
        // With time that grows with the square of the length, each of these takes minutes.
        let started = Instant::now();
        let newlines = vec![b'\n'; 4 << 20];
        let events_of = |text: &[u8]| {
            let plain = events(&mut EventText::new(false), std::iter::once(text.to_vec()));
            assert_eq!(events(&mut EventText::new(true), std::iter::once(packed(text))).len(), plain.len());
            plain.len()
        };
        assert_eq!(events_of(&newlines), 0);
        assert_eq!(events_of(&b"data:\n\n".repeat(1_000_000)), 1_000_000);
        // An event that arrives in many pieces.
        let mut long = vec![b'x'; 4 << 20];
        long[..5].copy_from_slice(b"data:");
        long.extend_from_slice(b"\n\n");
        let pieces = long.chunks(1_000).map(<[u8]>::to_vec);
        assert_eq!(events(&mut EventText::new(false), pieces).len(), 1);
        assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    }

    #[test]
    fn a_step_and_its_memory_are_limited() {
        let bomb = packed(&vec![b'\n'; 4 << 20]);
        let mut text = EventText::new(true);
        text.take(bomb.into());
        let mut steps = 0;
        while let Step::More = text.step().unwrap() {
            steps += 1;
            assert!(text.plain.len() <= 1_100 * PACKED_PIECE_BYTES, "{}", text.plain.len());
        }
        assert!(steps > 12, "{steps}");
        let mut endless = EventText::new(true);
        endless.take(packed(&vec![b'x'; MAX_EVENT_BYTES + 1]).into());
        let end = loop {
            match endless.step() {
                Ok(Step::More) => {}
                end => break end,
            }
        };
        assert!(end.is_err(), "{end:?}");
    }

    #[test]
    fn other_bytes_are_an_error() {
        for (is_gzip, bytes) in [(true, &b"event: delta\ndata: not gzip\n\n"[..]), (false, b"data: \xff\n\n")] {
            let mut text = EventText::new(is_gzip);
            text.take(Bytes::from_static(bytes));
            assert!(text.step().and_then(|_| text.step()).is_err(), "{is_gzip}");
        }
    }
}
