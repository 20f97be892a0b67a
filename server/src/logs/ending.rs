//! The newest lines before some time: the last words before an end.
//!
//! An engine takes the newest lines first, and of those the ones in time; for a container that has gone on since, these would be none.
//! So the newest are read, more and more of them, until enough are in time.

use super::{Decoder, Entry, Framing, LONGEST_LINE, LogQuery, LogTime, Tail};
use crate::engine::{EngineClient, EngineError};
use app::model::ContainerId;
use futures::StreamExt as _;
use std::{collections::VecDeque, time::Duration};
use tokio::time::timeout;

/// Lines that may be asked for so: they are held until the last of them is known.
pub(super) const MOST: u32 = 10_000;
/// Their text together, in bytes; beyond it the oldest go.
const MOST_BYTES: usize = 8 << 20;
/// Read at first, which is one look at the end of a file; ten times as many next.
const FIRST_LOOK: u32 = 1_000;
/// Beyond this everything is read.
const LAST_LOOK: u32 = 1_000_000;
/// The engine reads a file: it has something to send until it is done.
pub const SILENCE_LIMIT: Duration = Duration::from_secs(30);

/// The newest `lines` of those before the query's end, oldest first.
///
/// # Errors
/// As any call; `Timeout` when the engine pauses for longer than [`SILENCE_LIMIT`].
pub(super) async fn newest_before(
    client: &EngineClient,
    id: ContainerId,
    query: &LogQuery,
    lines: u32,
    framing: Framing,
) -> Result<Vec<Entry>, EngineError> {
    let mut look = FIRST_LOOK.max(lines);
    loop {
        let tail = if look > LAST_LOOK { Tail::All } else { Tail::Lines(look) };
        let mut ring = Ring::new(query, lines);
        let asked = LogQuery { tail, since: None, until: None, ..*query };
        let mut pieces = client.logs(id, &asked, false)?;
        let mut decoder = Decoder::new(framing, LONGEST_LINE);
        loop {
            let piece = timeout(SILENCE_LIMIT, pieces.next()).await;
            match piece.map_err(|_| EngineError::Timeout(SILENCE_LIMIT))? {
                Some(bytes) => decoder.take(bytes?),
                None => {
                    decoder.end();
                    ring.take_all(&mut decoder);
                    break;
                }
            }
            ring.take_all(&mut decoder);
        }
        // An engine that cannot read on would say the same of more.
        if ring.is_enough() || ring.is_broken || tail == Tail::All {
            return Ok(ring.entries.into());
        }
        look = look.saturating_mul(10);
    }
}

/// The newest lines in time of those that come, and the engine's errors among them.
struct Ring {
    since: LogTime,
    until: LogTime,
    most: usize,
    entries: VecDeque<Entry>,
    lines: usize,
    bytes: usize,
    /// A line was too old, or made room for another: whatever is older does not matter.
    reaches_back: bool,
    is_broken: bool,
}

impl Ring {
    fn new(query: &LogQuery, lines: u32) -> Self {
        Self {
            since: query.since.unwrap_or_default(),
            until: query.until.unwrap_or(LogTime(u64::MAX)),
            most: usize::try_from(lines).unwrap_or(usize::MAX),
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
        while self.lines > self.most || self.bytes > MOST_BYTES {
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
        self.reaches_back || self.lines == self.most
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::{Line, Streams};
    use app::model::LogStream;

    fn ring(since: Option<u64>, until: u64, most: u32, times: &[u64]) -> Ring {
        let (since, until) = (since.map(LogTime), Some(LogTime(until)));
        let query = LogQuery { tail: Tail::All, since, until, streams: Streams::All, timestamps: true };
        let mut ring = Ring::new(&query, most);
        for time in times {
            let line = Line { stream: LogStream::Stdout, time: LogTime(*time), text: b"x".into(), truncated: false };
            ring.take(Entry::Line(line));
        }
        ring
    }

    #[test]
    fn the_newest_in_time_are_kept_and_it_is_known_whether_they_are_all() {
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
