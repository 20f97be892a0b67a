//! Notices lines that an engine skips silently.
//!
//! dockerd skips a line of a `json-file` log that it cannot parse, together with everything that it
//! has buffered, or ends the response there as if it were the end of the log. So the newest line is
//! read first; a log that does not contain it has lost lines. If it is reached, the records are
//! counted: dockerd finds the newest records by their line ends, whether it can parse them or not.

use super::{Decoder, Entry, Line, MAX_LINE_BYTES};
use crate::engine::{EngineClient, Framing, LogQuery, LogTime, Streams, Tail};
use app::model::ContainerId;
use futures::StreamExt as _;
use serde_json::Value;
use std::time::Duration;
use tokio::time::timeout;

/// Timeout for the newest line, which is at the end of a file.
const NEWEST_TIMEOUT: Duration = Duration::from_secs(2);
/// Timeout for counting the records, during which new lines wait. Merged logs wait for each other
/// for 250 ms.
const COUNT_TIMEOUT: Duration = Duration::from_millis(150);
/// Maximum difference between the order of lines in the file and that of their times, because both
/// streams write to it.
const MAX_DISORDER: LogTime = LogTime(1_000_000_000);
/// Maximum number of records that are counted. The engine searches their start in the file.
const MAX_COUNTED: u32 = 10_000;
/// Message for users, where the engine has none.
pub const SKIPPED_LINES: &str = "The engine skipped lines of the log file that it cannot parse.";

/// The newest line of a log, until it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NewestLine {
    time: LogTime,
    /// Time of the first line.
    first: Option<LogTime>,
    /// Time of the last line before the newest one.
    before: Option<LogTime>,
}

/// Position of a line relative to the newest one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// The newest line is still to come.
    Before,
    /// The line is the newest one.
    Reached,
    /// The line is newer, and the newest one was skipped.
    Beyond,
}

impl NewestLine {
    /// Reads the newest line that matches the query. `None` if there is none, and for other drivers
    /// than `json-file`.
    pub(crate) async fn of(
        client: &EngineClient,
        id: ContainerId,
        query: &LogQuery,
        inspect: &Value,
        framing: Framing,
    ) -> Option<Self> {
        let is_json_file = inspect["HostConfig"]["LogConfig"]["Type"].as_str() == Some("json-file");
        if !is_json_file || query.tail == Tail::Lines(0) {
            return None;
        }
        let request = LogQuery { tail: Tail::Lines(1), since: None, until: None, ..*query };
        let time = timeout(NEWEST_TIMEOUT, newest(client, id, &request, framing)).await.ok().flatten()?;
        let matches = query.since.is_none_or(|since| time >= since) && query.until.is_none_or(|until| time <= until);
        matches.then_some(Self { time, first: None, before: None })
    }

    /// Takes the next line of the log.
    pub(crate) fn take(&mut self, line: &Line) -> Progress {
        self.first.get_or_insert(line.time);
        if line.time == self.time {
            return Progress::Reached;
        }
        if line.time > LogTime(self.time.0.saturating_add(MAX_DISORDER.0)) {
            return Progress::Beyond;
        }
        self.before = self.before.max(Some(line.time));
        Progress::Before
    }

    /// Times of the first and of the newest line, if lines between them were skipped. `records` is
    /// the number of records that were read up to the newest line. `None` while the container
    /// prints, or if the engine is slow.
    pub(crate) async fn skipped_between(
        &self,
        client: &EngineClient,
        id: ContainerId,
        query: &LogQuery,
        framing: Framing,
        records: u32,
    ) -> Option<(LogTime, LogTime)> {
        let is_counted = framing == Framing::Frames
            && query.streams == Streams::All
            && query.since.is_none()
            && query.until.is_none()
            && (1..=MAX_COUNTED).contains(&records);
        let first = self.first.filter(|_| is_counted)?;
        let request = |lines| LogQuery { tail: Tail::Lines(lines), ..*query };
        let counted = async {
            // With a record that was not read, as many of the newest records begin later.
            let oldest = first_line(client, id, &request(records), framing).await?;
            let newest = newest(client, id, &request(1), framing).await?;
            Some(oldest > first && newest == self.time)
        };
        let has_skipped = timeout(COUNT_TIMEOUT, counted).await.ok().flatten()?;
        has_skipped.then_some((first, self.time))
    }

    /// Time of the last line before the skipped ones.
    pub(crate) fn before(&self) -> Option<LogTime> {
        self.before
    }
}

async fn first_line(client: &EngineClient, id: ContainerId, request: &LogQuery, framing: Framing) -> Option<LogTime> {
    let mut chunks = client.logs(id, request, false).ok()?;
    let mut decoder = Decoder::new(framing, MAX_LINE_BYTES);
    while let Some(bytes) = chunks.next().await {
        decoder.take(bytes.ok()?);
        while let Some(entry) = decoder.entry() {
            if let Entry::Line(line) = entry {
                return Some(line.time);
            }
        }
    }
    None
}

async fn newest(client: &EngineClient, id: ContainerId, request: &LogQuery, framing: Framing) -> Option<LogTime> {
    let mut chunks = client.logs(id, request, false).ok()?;
    let mut decoder = Decoder::new(framing, MAX_LINE_BYTES);
    let mut newest = None;
    let mut take_all = |decoder: &mut Decoder| {
        while let Some(entry) = decoder.entry() {
            if let Entry::Line(line) = entry {
                newest = Some(line.time);
            }
        }
    };
    while let Some(bytes) = chunks.next().await {
        decoder.take(bytes.ok()?);
        take_all(&mut decoder);
    }
    decoder.end();
    take_all(&mut decoder);
    newest
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::model::LogStream;

    fn line(seconds: u64) -> Line {
        let time = LogTime(seconds * 1_000_000_000);
        Line { stream: LogStream::Stdout, time, text: b"x".into(), truncated: false }
    }

    #[test]
    fn a_log_that_passes_its_newest_line_has_skipped_lines() {
        let mut newest = NewestLine { time: LogTime(9_000_000_000), first: None, before: None };
        let progress: Vec<_> = [1, 5, 3, 12].iter().map(|second| newest.take(&line(*second))).collect();
        assert_eq!(progress, [Progress::Before, Progress::Before, Progress::Before, Progress::Beyond]);
        assert_eq!(newest.before(), Some(LogTime(5_000_000_000)));
        // Lines of two streams may be slightly out of order.
        assert_eq!([10, 9].map(|second| newest.take(&line(second))), [Progress::Before, Progress::Reached]);
    }
}
