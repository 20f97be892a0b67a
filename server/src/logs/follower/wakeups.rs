//! Decides when a rotated log must be read again.
//!
//! In: a connection that follows the log from its end. Out: wake-ups, and followed lines for gaps.
//! Owned by the [`super::reading::Reading`].
//!
//! Engines are unreliable here: dockerd 20.10 repeats the last line of a file after rotation, and
//! with the `local` driver it stops completely. So the followed connection is only a hint. The log
//! is also checked at intervals, and a connection that missed output is reopened. Followed lines
//! are kept for a while, because they may be the only copy after a rotation.

use super::super::{Decoder, Entry, Line, MAX_LINE_BYTES};
use crate::engine::{EngineClient, EngineError, Framing, LogQuery, LogTime, Streams, Tail};
use app::model::ContainerId;
use bytes::Bytes;
use futures::{StreamExt as _, stream::BoxStream};
use std::{collections::VecDeque, time::Duration};
use tokio::time::{Instant, sleep_until};

/// Minimum interval of reads; lines that arrive faster are read together.
const READ_INTERVAL: Duration = Duration::from_millis(100);
/// First interval of checks without a notification; doubles with each check.
const MIN_CHECK_INTERVAL: Duration = Duration::from_secs(2);
/// Maximum interval of checks.
const MAX_CHECK_INTERVAL: Duration = Duration::from_secs(16);
/// Maximum number of lines kept in case the engine deletes them before they are read.
const MAX_LINES: usize = 4_096;
/// Maximum total text of the kept lines, in bytes.
const MAX_BYTES: usize = 4 << 20;

/// A followed connection and its lines.
pub(super) struct Wakeups {
    client: EngineClient,
    id: ContainerId,
    chunks: BoxStream<'static, Result<Bytes, EngineError>>,
    decoder: Decoder,
    lines: VecDeque<Line>,
    bytes: usize,
    /// True if something was received since the last read.
    due: bool,
    /// True if the connection was polled.
    opened: bool,
    /// True if the connection has ended.
    ended: bool,
    /// True if a read has started after the end of the connection; it is the last.
    last: bool,
    read_at: Instant,
    readings: u64,
    pause: Duration,
    /// The last position at the latest check without a notification.
    checked: Option<Option<LogTime>>,
}

impl Wakeups {
    pub(super) fn open(client: &EngineClient, id: ContainerId, framing: Framing) -> Result<Self, EngineError> {
        Ok(Self {
            client: client.clone(),
            id,
            chunks: follow(client, id)?,
            decoder: Decoder::new(framing, MAX_LINE_BYTES),
            lines: VecDeque::new(),
            bytes: 0,
            due: true,
            opened: false,
            ended: false,
            last: false,
            read_at: Instant::now(),
            readings: 0,
            pause: MIN_CHECK_INTERVAL,
            checked: None,
        })
    }

    /// Waits until the log must be read. Cancel safe.
    pub(super) async fn wait(&mut self) -> Result<(), EngineError> {
        // Read once more for output from before the connection was open.
        self.due |= !std::mem::replace(&mut self.opened, true);
        let until = self.read_at + if self.due { READ_INTERVAL } else { self.pause };
        tokio::select! {
            chunk = self.chunks.next(), if !self.ended => match chunk {
                Some(Ok(bytes)) => self.take(bytes),
                Some(Err(error)) => return Err(error),
                None => (self.ended, self.due) = (true, true),
            },
            () = sleep_until(until) => {}
        }
        Ok(())
    }

    fn take(&mut self, bytes: Bytes) {
        self.due = true;
        self.decoder.take(bytes);
        while let Some(entry) = self.decoder.entry() {
            let Entry::Line(line) = entry else { continue };
            // dockerd repeats the last line of a file.
            if self.lines.back() == Some(&line) {
                continue;
            }
            self.bytes += line.text.len();
            self.lines.push_back(line);
        }
        while self.lines.len() > MAX_LINES || self.bytes > MAX_BYTES {
            self.drop_first();
        }
    }

    fn drop_first(&mut self) {
        if let Some(line) = self.lines.pop_front() {
            self.bytes -= line.text.len();
        }
    }

    /// Starts a read if it is time. Returns the number of new lines as far as known. `position` is
    /// the time of the last line that was read.
    pub(super) fn begin_reading(&mut self, position: Option<LogTime>) -> Result<Option<u32>, EngineError> {
        let now = Instant::now();
        if let Some(before) = self.checked.take() {
            if before == position {
                self.pause = (self.pause * 2).min(MAX_CHECK_INTERVAL);
            } else if !self.due && !self.ended {
                // The connection has missed output.
                self.chunks = follow(&self.client, self.id)?;
                self.decoder = Decoder::new(self.decoder.framing(), MAX_LINE_BYTES);
                (self.opened, self.pause) = (false, MIN_CHECK_INTERVAL);
            }
        }
        let is_time = now >= self.read_at + if self.due { READ_INTERVAL } else { self.pause };
        if self.last || !is_time {
            return Ok(None);
        }
        if std::mem::take(&mut self.due) {
            self.pause = MIN_CHECK_INTERVAL;
        } else {
            self.checked = Some(position);
        }
        (self.read_at, self.last) = (now, self.ended);
        self.readings += 1;
        Ok(Some(u32::try_from(self.lines.len()).unwrap_or(u32::MAX)))
    }

    /// True if the log was read more than once.
    pub(super) fn has_read(&self) -> bool {
        self.readings > 0
    }

    /// True if the connection ended before the current read.
    pub(super) fn is_last_reading(&self) -> bool {
        self.last
    }

    /// True if no more reads are necessary.
    pub(super) fn is_over(&self) -> bool {
        self.last
    }

    /// Drops lines that were read.
    pub(super) fn forget_up_to(&mut self, time: LogTime) {
        while self.lines.front().is_some_and(|line| line.time <= time) {
            self.drop_first();
        }
    }

    /// Takes the followed lines between two times (exclusive).
    pub(super) fn between(&mut self, from: LogTime, to: LogTime) -> Vec<Line> {
        self.forget_up_to(from);
        let mut lines = Vec::new();
        while self.lines.front().is_some_and(|line| line.time < to) {
            lines.extend(self.lines.front().cloned());
            self.drop_first();
        }
        lines
    }
}

fn follow(
    client: &EngineClient,
    id: ContainerId,
) -> Result<BoxStream<'static, Result<Bytes, EngineError>>, EngineError> {
    let query = LogQuery { tail: Tail::Lines(0), since: None, until: None, streams: Streams::All, timestamps: true };
    Ok(client.logs(id, &query, true)?.boxed())
}
