//! What containers print, read from the engine line by line for whoever looks.
//!
//! ```text
//! engine bytes ─▶ Decoder ─▶ Line ─▶ Seeker ─▶ Follower ─▶ Merge ─▶ http (SSE)
//!                 framing    stamp   resume    reopens     by time
//! ```
//! Each viewer has a reader of its own, which is pulled when the viewer's socket has room and pulls on the engine's connection in
//! turn: nothing is queued here but the piece that is being read, and lines of at most [`LONGEST_LINE`]. A [`Place`] in a log is a
//! line's time and its number among the lines of that time, so that a reader that was cut off goes on with the very next line. Pure
//! but for [`Follower`]. Next: [`Decoder`].

mod decoder;
mod ending;
mod follower;
mod line;
mod merge;
mod place;
mod pump;
mod seeker;
mod writing;

pub use decoder::{Decoder, Entry, LONGEST_LINE};
pub use ending::SILENCE_LIMIT;
pub use follower::{Follower, LogSources, Tailed};
pub use line::{Line, visible};
pub use merge::Merge;
pub use place::{Counter, Place};
pub use pump::pumped;

use crate::{
    engine::{EngineClient, EngineError, Framing, LogQuery, Tail},
    metrics::Metrics,
    shares::{self, Full, Shares},
};
use app::model::ContainerId;

/// The lines of a query that names an end and how many lines before it, oldest first; `None` for any other query, which the engine
/// answers as it is meant.
///
/// # Errors
/// As any call.
pub async fn last_words(
    client: &EngineClient,
    id: ContainerId,
    query: &LogQuery,
    framing: Framing,
) -> Result<Option<Vec<Entry>>, EngineError> {
    match (query.until, query.tail) {
        (Some(_), Tail::Lines(lines)) => ending::newest_before(client, id, query, lines, framing).await.map(Some),
        _ => Ok(None),
    }
}

/// Readers of logs at once, for all viewers together: each holds a connection to the engine, which reads a file for it.
const READERS: usize = 256;
/// Readers of one client: three pages of as many logs as one page merges.
const READERS_OF_ONE: usize = 96;

/// Hands out the right to read a log; clones share the count.
#[derive(Debug, Clone)]
pub struct LogReaders {
    free: Shares,
    metrics: Metrics,
}

/// The right to read one log; dropping it gives it back.
#[derive(Debug)]
pub struct LogReader {
    _place: shares::Place,
    metrics: Metrics,
}

impl LogReaders {
    /// All are free.
    pub fn new(metrics: Metrics) -> Self {
        Self { free: Shares::new(READERS, READERS_OF_ONE), metrics }
    }

    /// The right to read one.
    ///
    /// # Errors
    /// While all are taken, or as many as one client may have.
    pub fn take(&self, key: &shares::Key) -> Result<LogReader, Full> {
        let place = self.free.take(key)?;
        self.metrics.log_reader(1);
        Ok(LogReader { _place: place, metrics: self.metrics.clone() })
    }
}

impl Drop for LogReader {
    fn drop(&mut self) {
        self.metrics.log_reader(-1);
    }
}
