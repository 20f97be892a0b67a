//! Opens a log, and requests its lines from the engine.

use super::{RESUME_TAIL, Reading, Run, SEEK_TIMEOUT, Start, Window};
use crate::{
    engine::{EngineClient, EngineError, Framing, JsonRef, LogQuery, LogTime, Streams, Tail, convert::time},
    logs::{
        Decoder, Entry, LogPosition, MAX_LINE_BYTES, NewestLine, PositionCounter, follower::wakeups::Wakeups,
        lines_before_end, seeker::Seeker, with_idle_timeout,
    },
};
use app::model::ContainerId;
use futures::{StreamExt as _, stream};
use serde_json::Value;
use std::collections::VecDeque;
use tokio::time::Instant;

impl Reading {
    pub(in crate::logs::follower) async fn open(
        client: &EngineClient,
        id: ContainerId,
        query: &LogQuery,
        start: Start,
    ) -> Result<Self, EngineError> {
        let (inspect, framing) = match client.inspect_document(id).await {
            Ok(inspect) => {
                let terminal = JsonRef(&inspect).flag("/Config/Tty");
                (inspect, if terminal { Framing::Terminal } else { Framing::Frames })
            }
            // The engine may read the log of a container that it cannot inspect.
            Err(error) if error.may_concern_one_container() && client.lists(id).await? => {
                (Value::Null, client.log_framing(id).await.map_err(|_| error)?)
            }
            Err(error) => return Err(error),
        };
        let mut opened = Self::begin(client, id, query, &inspect, framing);
        if query.until.is_none() && is_rotated(&inspect) && !matches!(start, Start::Newest(..)) {
            opened.wakeups = Some(Wakeups::open(client, id, framing)?);
        }
        if !matches!(start, Start::Newest(..)) {
            opened.newest = NewestLine::of(client, id, query, &inspect, framing).await;
        }
        opened.counts_records = matches!(start, Start::Query);
        if matches!(start, Start::Behind(_)) {
            // All lines after a matching one match; an age would now mean another time.
            opened.query.since = None;
        }
        match start {
            // With an end, the newest lines may all be too late.
            Start::Behind(position) if query.until.is_some() => {
                opened.position = Some(position);
                opened.seek_by_time(position)?;
            }
            Start::Behind(position) => {
                opened.position = Some(position);
                opened.seek_in_newest(position, RESUME_TAIL)?;
            }
            Start::Newest(position, lines) => {
                (opened.position, opened.later_than) = (position, position.map(|position| position.time));
                opened.request(LogQuery { tail: Tail::Lines(lines), since: None, ..*query })?;
            }
            Start::Opened(since) if query.until.is_none() && query.tail != Tail::All => opened.request_newest(since)?,
            Start::Query | Start::Opened(_) => match lines_before_end(client, id, query, framing).await? {
                Some(entries) => {
                    opened.newest = None;
                    opened.hold(entries);
                }
                None => opened.request_first()?,
            },
        }
        Ok(opened)
    }

    pub(super) fn begin(
        client: &EngineClient,
        id: ContainerId,
        query: &LogQuery,
        inspect: &Value,
        framing: Framing,
    ) -> Self {
        let created = inspect["Created"].as_str().and_then(time).map(LogTime::from).unwrap_or_default();
        let now = Instant::now();
        Self {
            client: client.clone(),
            id,
            query: *query,
            run: Run::of(inspect),
            created,
            chunks: stream::empty().boxed(),
            decoder: Decoder::new(framing, MAX_LINE_BYTES),
            counter: PositionCounter::new(query.tail != Tail::All),
            position: None,
            seeker: None,
            window: Window::Complete,
            seek_until: now + SEEK_TIMEOUT,
            found: VecDeque::new(),
            over: false,
            position_missing: false,
            unreadable: false,
            newest: None,
            counts_records: false,
            reached: None,
            later_than: None,
            wanted_since: None,
            wakeups: None,
            opened_at: now,
            received_at: now,
            shown: None,
        }
    }

    /// Takes these entries instead of a connection.
    pub(super) fn hold(&mut self, entries: Vec<Entry>) {
        for entry in entries {
            self.take(entry);
        }
    }

    /// Requests the lines of the query. For rotated logs, all lines are requested and filtered
    /// here.
    pub(super) fn request_first(&mut self) -> Result<(), EngineError> {
        if self.wakeups.is_none() {
            return self.request(self.query);
        }
        // One line must be known, to continue after it.
        let tail = if self.query.tail == Tail::Lines(0) { Tail::Lines(1) } else { self.query.tail };
        self.request(LogQuery { tail, streams: Streams::All, ..self.query })
    }

    /// Requests the lines of the query. If the first one is later than `since`, earlier lines may
    /// be wanted, too.
    fn request_newest(&mut self, since: LogTime) -> Result<(), EngineError> {
        self.wanted_since = Some(since);
        let mut tail = self.query.tail;
        if tail == Tail::Lines(0) {
            (tail, self.later_than) = (Tail::Lines(RESUME_TAIL), Some(since));
        }
        let streams = if self.wakeups.is_some() { Streams::All } else { self.query.streams };
        self.request(LogQuery { tail, streams, ..self.query })
    }

    /// Requests all lines later than a time.
    pub(super) fn request_since(&mut self, time: LogTime) -> Result<(), EngineError> {
        self.later_than = Some(time);
        let since = time.max(self.query.since.unwrap_or_default());
        self.request(LogQuery { tail: Tail::All, since: Some(since), ..self.search_query() })
    }

    pub(super) fn request(&mut self, query: LogQuery) -> Result<(), EngineError> {
        // A query with an end needs no following, and rotated logs are read repeatedly.
        let follow = query.until.is_none() && self.wakeups.is_none();
        let chunks = self.client.logs(self.id, &query, follow)?;
        self.chunks = if follow { with_idle_timeout(chunks).boxed() } else { chunks.boxed() };
        self.decoder = Decoder::new(self.decoder.framing(), MAX_LINE_BYTES);
        self.counter = PositionCounter::new(query.tail != Tail::All);
        self.seek_until = Instant::now() + SEEK_TIMEOUT;
        self.over = false;
        Ok(())
    }

    /// Searches in the newest lines, which usually include the position.
    pub(super) fn seek_in_newest(&mut self, position: LogPosition, lines: u32) -> Result<(), EngineError> {
        (self.seeker, self.window) = (Some(Seeker::new(position)), Window::Newest);
        self.request(LogQuery { tail: Tail::Lines(lines), ..self.search_query() })
    }

    /// Searches from a time before the position.
    pub(super) fn seek_by_time(&mut self, position: LogPosition) -> Result<(), EngineError> {
        (self.seeker, self.window) = (Some(Seeker::new(position)), Window::Complete);
        let since = Seeker::from(position).max(self.query.since.unwrap_or_default());
        self.request(LogQuery { tail: Tail::All, since: Some(since), ..self.search_query() })
    }

    /// The query for a search. Rotated logs are requested as a whole and filtered here.
    pub(super) fn search_query(&self) -> LogQuery {
        match self.wakeups {
            Some(_) => LogQuery { since: None, streams: Streams::All, ..self.query },
            None => self.query,
        }
    }
}

/// True if the engine rotates the log by size.
fn is_rotated(inspect: &Value) -> bool {
    let log = &inspect["HostConfig"]["LogConfig"];
    match log["Type"].as_str() {
        Some("local") => true,
        Some("json-file") => log["Config"]["max-size"].as_str().is_some_and(|size| size != "-1"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn log_rotation_follows_from_driver_and_size() {
        for (driver, config, expected) in [
            ("local", json!({}), true),
            ("json-file", json!({ "max-size": "10m" }), true),
            ("json-file", json!({ "max-size": "-1" }), false),
            ("json-file", json!({ "max-file": "3" }), false),
            ("json-file", json!(null), false),
            ("journald", json!({ "max-size": "10m" }), false),
        ] {
            let inspect = json!({ "HostConfig": { "LogConfig": { "Type": driver, "Config": config } } });
            assert_eq!(is_rotated(&inspect), expected, "{inspect}");
        }
        assert!(!is_rotated(&json!({})));
    }
}
