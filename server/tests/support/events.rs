//! Reads any stream of server-sent events, one event at a time.

use super::{TEST_TIMEOUT, contract, http};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{HeaderMap, Method, StatusCode, body::Incoming};
use serde_json::Value;
use std::net::SocketAddr;
use tokio::time::timeout;

/// One received event.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) id: Option<String>,
    pub(crate) data: Value,
}

/// An open stream.
#[derive(Debug)]
pub(crate) struct Events {
    pub(crate) headers: HeaderMap,
    path: String,
    body: Incoming,
    unread: Vec<u8>,
}

impl Events {
    /// Opens `path`, with the id of the last event like a reconnecting browser.
    pub(crate) async fn open(address: SocketAddr, path: &str, last_id: Option<&str>) -> Self {
        let mut request = http::request(address, Method::GET, path);
        if let Some(id) = last_id {
            request = request.header("last-event-id", id);
        }
        let response = http::open(address, request.body(Full::<Bytes>::default()).unwrap()).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        let (parts, body) = response.into_parts();
        assert_eq!(parts.headers["content-type"], "text/event-stream");
        Self { headers: parts.headers, path: path.to_owned(), body, unread: Vec::new() }
    }

    /// The next event, heartbeats included; `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        timeout(TEST_TIMEOUT, self.read()).await.expect("an event comes at least every 3 s")
    }

    /// The next event that is not a heartbeat.
    pub(crate) async fn next_data(&mut self) -> Option<Event> {
        let reading = async {
            loop {
                match self.read().await {
                    Some(event) if event.name == "heartbeat" => {}
                    other => return other,
                }
            }
        };
        timeout(TEST_TIMEOUT, reading).await.expect("something comes soon")
    }

    /// The next events that are not heartbeats.
    pub(crate) async fn take(&mut self, count: usize) -> Vec<Event> {
        let mut events = Vec::new();
        while events.len() < count {
            events.push(self.next_data().await.unwrap_or_else(|| panic!("the stream ended after {events:?}")));
        }
        events
    }

    /// All events up to and including the first with this name.
    pub(crate) async fn up_to(&mut self, name: &str) -> Vec<Event> {
        let mut events = Vec::new();
        while events.last().is_none_or(|event: &Event| event.name != name) {
            events.push(self.next_data().await.unwrap_or_else(|| panic!("the stream ended after {events:?}")));
        }
        events
    }

    async fn read(&mut self) -> Option<Event> {
        loop {
            if let Some(end) = self.unread.windows(2).position(|bytes| bytes == b"\n\n") {
                let event: Vec<u8> = self.unread.drain(..end + 2).collect();
                return Some(parse(&self.path, str::from_utf8(&event).unwrap()));
            }
            let data = self.body.frame().await?.expect("the stream is not cut off").into_data().unwrap();
            self.unread.extend_from_slice(&data);
        }
    }
}

fn parse(path: &str, event: &str) -> Event {
    let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    let (name, id, data) = (field("event"), field("id"), field("data"));
    contract::check_event(path, name.unwrap_or_default(), id, data.unwrap_or_default());
    Event {
        name: field("event").expect("an event has a name").to_owned(),
        id: field("id").map(str::to_owned),
        data: serde_json::from_str(field("data").unwrap()).unwrap(),
    }
}
