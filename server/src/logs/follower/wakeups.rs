//! Says when a log that is rotated is to be read again.
//!
//! The log is followed for that from its end on. Engines lose track there: dockerd 20.10 repeats the last line of a file when it begins
//! the next one, and with the `local` driver stops for good. So what is followed is no more than a hint, the log is looked at now and
//! then without one, and a connection that missed something is opened again. What it brought is kept for a while all the same: it may
//! be all that is left of lines that the engine has thrown away.

use super::super::{Decoder, Entry, LONGEST_LINE, Line};
use crate::engine::{EngineClient, EngineError, Framing, LogQuery, LogTime, Streams, Tail};
use app::model::ContainerId;
use bytes::Bytes;
use futures::{StreamExt as _, stream::BoxStream};
use std::{collections::VecDeque, time::Duration};
use tokio::time::{Instant, sleep_until};

/// Between two readings: lines that come faster are read together.
const READ_INTERVAL: Duration = Duration::from_millis(100);
/// A log that says nothing is looked at after this long; then after twice as long, and so on.
const FIRST_CHECK: Duration = Duration::from_secs(2);
/// The longest such pause.
const MAX_CHECK: Duration = Duration::from_secs(16);
/// Lines kept for the case that the engine throws them away before they are read.
const MAX_LINES: usize = 4_096;
/// Their text together.
const MAX_BYTES: usize = 4 << 20;

/// A connection that is followed, and what it brought.
pub(super) struct Wakeups {
    client: EngineClient,
    id: ContainerId,
    pieces: BoxStream<'static, Result<Bytes, EngineError>>,
    decoder: Decoder,
    lines: VecDeque<Line>,
    bytes: usize,
    /// Something came since the last reading.
    due: bool,
    /// The connection was asked for.
    opened: bool,
    /// The connection is at its end.
    ended: bool,
    /// A reading began after that: it is the last.
    last: bool,
    read_at: Instant,
    readings: u64,
    pause: Duration,
    /// Where the log stood when it was looked at without a hint.
    checked: Option<Option<LogTime>>,
}

impl Wakeups {
    pub(super) fn open(client: &EngineClient, id: ContainerId, framing: Framing) -> Result<Self, EngineError> {
        Ok(Self {
            client: client.clone(),
            id,
            pieces: follow(client, id)?,
            decoder: Decoder::new(framing, LONGEST_LINE),
            lines: VecDeque::new(),
            bytes: 0,
            due: true,
            opened: false,
            ended: false,
            last: false,
            read_at: Instant::now(),
            readings: 0,
            pause: FIRST_CHECK,
            checked: None,
        })
    }

    /// Waits until the log is to be read. Cancel safe.
    pub(super) async fn wait(&mut self) -> Result<(), EngineError> {
        // What is printed until the connection is there is read all the same.
        self.due |= !std::mem::replace(&mut self.opened, true);
        let until = self.read_at + if self.due { READ_INTERVAL } else { self.pause };
        tokio::select! {
            piece = self.pieces.next(), if !self.ended => match piece {
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

    /// How many lines are new, as far as is known, when it is time to read; `place`: the time of the last line that was read.
    pub(super) fn begin_reading(&mut self, place: Option<LogTime>) -> Result<Option<u32>, EngineError> {
        let now = Instant::now();
        if let Some(before) = self.checked.take() {
            if before == place {
                self.pause = (self.pause * 2).min(MAX_CHECK);
            } else if !self.due && !self.ended {
                // It missed something.
                self.pieces = follow(&self.client, self.id)?;
                self.decoder = Decoder::new(self.decoder.framing(), LONGEST_LINE);
                (self.opened, self.pause) = (false, FIRST_CHECK);
            }
        }
        let is_time = now >= self.read_at + if self.due { READ_INTERVAL } else { self.pause };
        if self.last || !is_time {
            return Ok(None);
        }
        if std::mem::take(&mut self.due) {
            self.pause = FIRST_CHECK;
        } else {
            self.checked = Some(place);
        }
        (self.read_at, self.last) = (now, self.ended);
        self.readings += 1;
        Ok(Some(u32::try_from(self.lines.len()).unwrap_or(u32::MAX)))
    }

    /// Whether anything was read after the first reading.
    pub(super) fn has_read(&self) -> bool {
        self.readings > 0
    }

    /// Whether the connection ended before the newest reading began.
    pub(super) fn is_last_reading(&self) -> bool {
        self.last
    }

    /// Whether nothing is to be read any more.
    pub(super) fn is_over(&self) -> bool {
        self.last
    }

    /// These were read.
    pub(super) fn forget_up_to(&mut self, time: LogTime) {
        while self.lines.front().is_some_and(|line| line.time <= time) {
            self.drop_first();
        }
    }

    /// What was followed between two times, both left out.
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
