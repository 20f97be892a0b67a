//! Reads the newest lines before a time.
//!
//! In: a query with an end and a number of lines. Out: those lines, oldest first.
//!
//! Engines apply `tail` first and `until` to the result, which is empty if the container has
//! printed more since. Therefore, more and more of the newest lines are read until enough match.

use super::{Decoder, Entry, MAX_LINE_BYTES};
use crate::engine::{EngineClient, EngineError, Framing, LogQuery, LogTime, Tail};
use app::model::ContainerId;
use futures::StreamExt as _;
use std::{collections::VecDeque, time::Duration};
use tokio::time::timeout;

/// Maximum total text in bytes; beyond it, the oldest lines are dropped.
const MAX_BYTES: usize = 8 << 20;
/// Number of lines of the first read, which only accesses the end of the file. Each further read
/// has ten times as many.
const INITIAL_TAIL: u32 = 1_000;
/// Maximum number of lines per read; beyond it, the whole log is read.
const MAX_TAIL: u32 = 1_000_000;
/// Timeout for silence between two chunks. The engine sends data continuously while it reads a
/// file.
pub const SILENCE_TIMEOUT: Duration = Duration::from_secs(30);

/// Reads the newest `lines` before the query's end, oldest first.
///
/// # Errors
/// As any call; `Timeout` if the engine pauses for longer than [`SILENCE_TIMEOUT`].
pub(super) async fn newest_before(
    client: &EngineClient,
    id: ContainerId,
    query: &LogQuery,
    lines: u32,
    framing: Framing,
) -> Result<Vec<Entry>, EngineError> {
    let mut tail_lines = INITIAL_TAIL.max(lines);
    loop {
        let tail = if tail_lines > MAX_TAIL { Tail::All } else { Tail::Lines(tail_lines) };
        let mut ring = Ring::new(query, lines);
        let request = LogQuery { tail, since: None, until: None, ..*query };
        let mut chunks = client.logs(id, &request, false)?;
        let mut decoder = Decoder::new(framing, MAX_LINE_BYTES);
        loop {
            let chunk = timeout(SILENCE_TIMEOUT, chunks.next()).await;
            match chunk.map_err(|_| EngineError::Timeout(SILENCE_TIMEOUT))? {
                Some(bytes) => decoder.take(bytes?),
                None => {
                    decoder.end();
                    ring.take_all(&mut decoder);
                    break;
                }
            }
            ring.take_all(&mut decoder);
        }
        // If the engine cannot read the log, reading more fails in the same way.
        if ring.is_enough() || ring.is_broken || tail == Tail::All {
            return Ok(ring.entries.into());
        }
        tail_lines = tail_lines.saturating_mul(10);
    }
}

/// Ring buffer of the newest matching lines and the engine's errors between them.
struct Ring {
    since: LogTime,
    until: LogTime,
    max_lines: usize,
    entries: VecDeque<Entry>,
    lines: usize,
    bytes: usize,
    /// True if a line was too old or was evicted, so that no older lines are needed.
    reaches_back: bool,
    is_broken: bool,
}

impl Ring {
    fn new(query: &LogQuery, lines: u32) -> Self {
        Self {
            since: query.since.unwrap_or_default(),
            until: query.until.unwrap_or(LogTime(u64::MAX)),
            max_lines: usize::try_from(lines).unwrap_or(usize::MAX),
            entries: VecDeque::new(),
            lines: 0,
            bytes: 0,
            reaches_back: false,
            is_broken: false,
        }
    }

    fn take_all(&mut self, decoder: &mut Decoder) {
        while let Some(entry) = decoder.entry() {
            self.take(entry);
        }
    }

    fn take(&mut self, entry: Entry) {
        match &entry {
            Entry::Line(line) => {
                self.reaches_back |= line.time < self.since;
                if line.time < self.since || line.time > self.until {
                    return;
                }
                self.bytes += line.text.len();
                self.lines += 1;
            }
            Entry::Error(_) => self.is_broken = true,
        }
        self.entries.push_back(entry);
        while self.lines > self.max_lines || self.bytes > MAX_BYTES {
            match self.entries.pop_front() {
                Some(Entry::Line(gone)) => {
                    self.bytes -= gone.text.len();
                    self.lines -= 1;
                    self.reaches_back = true;
                }
                Some(Entry::Error(_)) => {}
                None => return,
            }
        }
    }

    fn is_enough(&self) -> bool {
        self.reaches_back || self.lines == self.max_lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{engine::Streams, logs::Line};
    use app::model::LogStream;

    fn ring(since: Option<u64>, until: u64, max_lines: u32, times: &[u64]) -> Ring {
        let (since, until) = (since.map(LogTime), Some(LogTime(until)));
        let query = LogQuery { tail: Tail::All, since, until, streams: Streams::All, timestamps: true };
        let mut ring = Ring::new(&query, max_lines);
        for time in times {
            let line = Line { stream: LogStream::Stdout, time: LogTime(*time), text: b"x".into(), truncated: false };
            ring.take(Entry::Line(line));
        }
        ring
    }

    #[test]
    fn the_newest_matching_lines_are_kept_and_completeness_is_known() {
        let times = |ring: &Ring| {
            ring.entries
                .iter()
                .map(|entry| if let Entry::Line(line) = entry { line.time.0 } else { u64::MAX })
                .collect::<Vec<_>>()
        };
        let enough = ring(None, 5, 2, &[1, 2, 3, 5, 6, 7]);
        assert_eq!((times(&enough), enough.is_enough()), (vec![3, 5], true));
        let all_after = ring(None, 5, 2, &[6, 7]);
        assert_eq!((times(&all_after), all_after.is_enough()), (vec![], false));
        let mut broken = ring(None, 5, 2, &[4]);
        broken.take(Entry::Error("no".to_owned()));
        assert_eq!((times(&broken), broken.is_broken), (vec![4, u64::MAX], true));
        let too_few = ring(None, 5, 3, &[4, 5, 6]);
        assert!(!too_few.is_enough());
        let since = ring(Some(4), 5, 3, &[3, 4, 5, 6]);
        assert_eq!((times(&since), since.is_enough()), (vec![4, 5], true));
    }
}
