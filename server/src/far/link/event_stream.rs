//! Server-sent events of another Quaylight server.

use super::FarError;
use axum::http::{Response, header};
use flate2::write::GzDecoder;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use std::io::Write as _;

/// Maximum length of an event: a snapshot of 10,000 containers has some 20 MB.
const MAX_EVENT_BYTES: usize = 64 << 20;

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

/// Reads the events of a response.
#[derive(Debug)]
pub struct EventStream {
    body: Incoming,
    text: EventText,
}

/// Received text that contains no complete event yet.
#[derive(Debug)]
struct EventText {
    plain: Vec<u8>,
    gunzip: Option<GzDecoder<Vec<u8>>>,
    /// Number of bytes already searched for the end of an event.
    searched: usize,
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
            return Err(FarError::InvalidResponse(format!("the response is {kind:?}, not an event stream")));
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
            if let Some(event) = self.text.next()? {
                return Ok(event);
            }
            let frame = self.body.frame().await.ok_or(FarError::Closed)??;
            if let Ok(data) = frame.into_data() {
                self.text.take(&data)?;
            }
        }
    }
}

fn malformed() -> FarError {
    FarError::InvalidResponse("the event stream cannot be read".to_owned())
}

impl EventText {
    fn new(is_gzip: bool) -> Self {
        Self { plain: Vec::new(), gunzip: is_gzip.then(|| GzDecoder::new(Vec::new())), searched: 0 }
    }

    fn take(&mut self, data: &[u8]) -> Result<(), FarError> {
        match &mut self.gunzip {
            Some(gunzip) => {
                gunzip.write_all(data).and_then(|()| gunzip.flush()).map_err(|_| malformed())?;
                self.plain.append(gunzip.get_mut());
            }
            None => self.plain.extend_from_slice(data),
        }
        if self.plain.len() > MAX_EVENT_BYTES { Err(malformed()) } else { Ok(()) }
    }

    /// The next complete event. Skips those that only set the reconnection time.
    fn next(&mut self) -> Result<Option<FarEvent>, FarError> {
        loop {
            let from = self.searched.saturating_sub(1);
            let Some(end) = self.plain[from..].windows(2).position(|pair| pair == b"\n\n") else {
                self.searched = self.plain.len();
                return Ok(None);
            };
            let rest = self.plain.split_off(from + end + 2);
            let block = String::from_utf8(std::mem::replace(&mut self.plain, rest)).map_err(|_| malformed())?;
            self.searched = 0;
            if let Some(event) = read(&block) {
                return Ok(Some(event));
            }
        }
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

    const TEXT: &str =
        "retry: 1000\n\nevent: delta\nid: a.5\ndata: {\"a\":1}\n\nevent: heartbeat\ndata: {}\n\nevent: x";

    fn events(text: &mut EventText, pieces: impl Iterator<Item = Vec<u8>>) -> Vec<FarEvent> {
        let mut events = Vec::new();
        for piece in pieces {
            text.take(&piece).unwrap();
            while let Some(event) = text.next().unwrap() {
                events.push(event);
            }
        }
        events
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
            let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
            packed.write_all(TEXT.as_bytes()).unwrap();
            packed.flush().unwrap();
            let packed = packed.get_ref().clone();
            assert_eq!(events(&mut EventText::new(true), packed.chunks(size).map(<[u8]>::to_vec)), expected, "{size}");
        }
    }

    #[test]
    fn other_bytes_are_an_error() {
        assert!(EventText::new(true).take(b"event: delta\ndata: not gzip\n\n").is_err());
        let mut text = EventText::new(false);
        text.take(b"data: \xff\n\n").unwrap();
        assert!(text.next().is_err());
    }
}
