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
mod query;
mod seeker;
mod time;
mod writing;

pub use decoder::{Decoder, Entry, Framing, LONGEST_LINE};
pub use ending::SILENCE_LIMIT;
pub use follower::{Follower, LogSources, Tailed};
pub use line::{Line, visible};
pub use merge::Merge;
pub use place::{Counter, Place};
pub use query::{BAD_TIME, BadQuery, LogQuery, LogQueryText, Streams, Tail};
pub use time::LogTime;

use crate::{
    engine::{EngineClient, EngineError},
    metrics::Metrics,
};
use app::model::ContainerId;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

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

/// Hands out the right to read a log; clones share the count.
#[derive(Debug, Clone)]
pub struct LogReaders {
    free: Arc<Semaphore>,
    metrics: Metrics,
}

/// The right to read one log; dropping it gives it back.
#[derive(Debug)]
pub struct LogReader {
    _permit: OwnedSemaphorePermit,
    metrics: Metrics,
}

impl LogReaders {
    /// All are free.
    pub fn new(metrics: Metrics) -> Self {
        Self { free: Arc::new(Semaphore::new(READERS)), metrics }
    }

    /// `None` while all are taken.
    pub fn take(&self) -> Option<LogReader> {
        let permit = Arc::clone(&self.free).try_acquire_owned().ok()?;
        self.metrics.log_reader(1);
        Some(LogReader { _permit: permit, metrics: self.metrics.clone() })
    }
}

impl Drop for LogReader {
    fn drop(&mut self) {
        self.metrics.log_reader(-1);
    }
}
