//! A reader of the stream: reads frames, checks their invariants, and applies them to a picture.

use super::{TEST_TIMEOUT, TestServer, contract, http};
use app::protocol::{Frame, FrameId, Picture, compact};
use bytes::Bytes;
use flate2::{Decompress, FlushDecompress};
use http_body_util::{BodyExt as _, Full};
use hyper::{HeaderMap, Method, body::Incoming};
use std::{
    net::SocketAddr,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::time::{Instant, timeout, timeout_at};

/// A frame arrives at least every 3 s; a busy machine gets one more second.
const FRAME_TIMEOUT: Duration = Duration::from_secs(4);

/// One received event.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) frame: Frame,
    pub(crate) id: Option<FrameId>,
    pub(crate) retry: Option<String>,
    /// This machine's clock, nanoseconds since 1970.
    pub(crate) at_nanos: i64,
}

/// An open stream.
#[derive(Debug)]
pub(crate) struct Viewer {
    pub(crate) headers: HeaderMap,
    pub(crate) picture: Picture,
    pub(crate) body: Incoming,
    pub(crate) unread: Vec<u8>,
    /// Size on the wire.
    pub(crate) bytes: usize,
    pub(crate) gunzip: Option<Gunzip>,
    pub(crate) is_compact: bool,
}

impl Viewer {
    /// `query` starts with a question mark, or is empty.
    pub(crate) async fn open(address: SocketAddr, query: &str, headers: &[(&str, &str)]) -> Self {
        let mut request = http::request(address, Method::GET, &format!("/api/containers/stream{query}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = http::open(address, request.body(Full::<Bytes>::default()).unwrap()).await;
        assert_eq!(response.status(), 200);
        let (parts, body) = response.into_parts();
        let gunzip = parts.headers.get("content-encoding").map(|coding| {
            assert_eq!(coding, "gzip");
            Gunzip::default()
        });
        let is_compact = query.contains("format=compact");
        Self {
            headers: parts.headers,
            picture: Picture::default(),
            body,
            unread: Vec::new(),
            bytes: 0,
            gunzip,
            is_compact,
        }
    }

    /// Resumes from a picture, like a reconnecting page.
    pub(crate) async fn resume(address: SocketAddr, picture: Picture) -> Self {
        let id = FrameId { epoch: picture.epoch.clone(), revision: picture.revision }.to_string();
        Self { picture, ..Self::open(address, "", &[("last-event-id", &id)]).await }
    }

    /// Returns the next frame after applying it to the picture.
    pub(crate) async fn next(&mut self) -> Received {
        timeout(FRAME_TIMEOUT, self.read())
            .await
            .expect("a frame comes at least every 3 s")
            .expect("the stream continues")
    }

    /// The next frame that is not a heartbeat.
    pub(crate) async fn next_data(&mut self) -> Received {
        loop {
            let received = self.next().await;
            if !matches!(received.frame, Frame::Heartbeat(_)) {
                return received;
            }
        }
    }

    /// Reads until the picture matches, and returns all frames up to then.
    pub(crate) async fn until(
        &mut self,
        what: &str,
        within: Duration,
        holds: impl Fn(&Picture) -> bool,
    ) -> Vec<Received> {
        let (deadline, mut came) = (Instant::now() + within, Vec::new());
        while !holds(&self.picture) {
            match timeout_at(deadline, self.read()).await {
                Ok(received) => came.push(received.unwrap_or_else(|| panic!("{what}: the stream ended"))),
                Err(_) => {
                    let rows = self.picture.containers.values().map(|row| (&row.name, row.state, &row.inspect_error));
                    let rows: Vec<_> = rows.collect();
                    panic!("{what}: not within {within:?}, at {:#?}, {rows:?}", self.picture.engines)
                }
            }
        }
        came
    }

    /// Reads until the connection is closed. Returns true if a frame was truncated.
    pub(crate) async fn until_cut(&mut self) -> bool {
        let reading = async {
            while let Some(Ok(frame)) = self.body.frame().await {
                // Only new bytes are searched, because frames may be large.
                let mut looked = self.unread.len().saturating_sub(1);
                self.unread.extend_from_slice(&frame.into_data().unwrap());
                while let Some(end) = self.unread[looked..].windows(2).position(|bytes| bytes == b"\n\n") {
                    let event: Vec<u8> = self.unread.drain(..looked + end + 2).collect();
                    looked = 0;
                    self.take(str::from_utf8(&event).unwrap());
                }
            }
        };
        timeout(6 * TEST_TIMEOUT, reading).await.expect("it is cut");
        !self.unread.is_empty()
    }

    /// Reads to the end of the stream.
    pub(crate) async fn until_ended(&mut self, within: Duration) {
        timeout(within, async { while self.read().await.is_some() {} }).await.expect("the stream ends");
    }

    /// Checks that it has the server's state at the same revision.
    pub(crate) async fn assert_true(&mut self, server: &TestServer) {
        let comparing = async {
            loop {
                let fetched = server.fetched().await;
                while self.picture.revision < fetched.revision {
                    self.read().await.expect("the stream continues");
                }
                if self.picture.revision == fetched.revision {
                    assert_eq!(self.picture, fetched);
                    return;
                }
            }
        };
        timeout(TEST_TIMEOUT, comparing).await.expect("stream and list come to the same revision");
    }

    /// `None` at the end. Cancel safe: read bytes are kept.
    async fn read(&mut self) -> Option<Received> {
        loop {
            if let Some(end) = self.unread.windows(2).position(|bytes| bytes == b"\n\n") {
                let event: Vec<u8> = self.unread.drain(..end + 2).collect();
                return Some(self.take(str::from_utf8(&event).unwrap()));
            }
            let data = self.body.frame().await?.expect("the stream is not cut off").into_data().unwrap();
            self.bytes += data.len();
            match &mut self.gunzip {
                Some(gunzip) => gunzip.read(&data, &mut self.unread),
                None => self.unread.extend_from_slice(&data),
            }
        }
    }

    fn take(&mut self, event: &str) -> Received {
        let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        let (event, data) = (field("event").expect("an event has a name"), field("data").unwrap());
        if !self.is_compact {
            contract::check_event("/api/containers/stream", event, field("id"), data);
        }
        let frame = match self.is_compact {
            true => compact::read(event, data, &self.picture.containers),
            false => Frame::parse(event, data),
        };
        let frame = frame.unwrap();
        let id: Option<FrameId> = field("id").map(|id| id.parse().unwrap());
        let retry = field("retry").map(str::to_owned);
        match (&frame, &id) {
            (Frame::Snapshot(snapshot), Some(id)) => {
                assert_eq!((&snapshot.epoch, snapshot.revision), (&id.epoch, id.revision));
            }
            (Frame::Delta(delta), Some(id)) => {
                assert_eq!((&self.picture.epoch, delta.revision), (&id.epoch, id.revision));
                assert!(delta.revision >= self.picture.revision, "time runs backwards");
            }
            (Frame::Heartbeat(heartbeat), None) => assert!(heartbeat.revision >= self.picture.revision),
            (frame, id) => panic!("{id:?} does not go with {frame:?}"),
        }
        self.picture.apply(frame.clone());
        let at_nanos = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
        Received { frame, id, retry, at_nanos: at_nanos.try_into().unwrap() }
    }
}

/// Decodes like a browser: all received bytes, immediately.
#[derive(Debug)]
pub(crate) struct Gunzip {
    inflate: Decompress,
    header: usize,
}

impl Default for Gunzip {
    fn default() -> Self {
        Self { inflate: Decompress::new(false), header: GZIP_HEADER_LENGTH }
    }
}

/// Length without optional fields.
const GZIP_HEADER_LENGTH: usize = 10;

impl Gunzip {
    fn read(&mut self, data: &[u8], text: &mut Vec<u8>) {
        let header = self.header.min(data.len());
        self.header -= header;
        let mut rest = &data[header..];
        loop {
            text.reserve(1 << 16);
            let before = self.inflate.total_in();
            self.inflate.decompress_vec(rest, text, FlushDecompress::Sync).unwrap();
            rest = &rest[usize::try_from(self.inflate.total_in() - before).unwrap()..];
            if rest.is_empty() && text.len() < text.capacity() {
                return;
            }
        }
    }
}
