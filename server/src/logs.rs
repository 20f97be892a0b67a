//! Container logs, read from the engine line by line for each viewer.
//!
//! ```text
//! engine bytes ─▶ Decoder ─▶ Line ─▶ Seeker ─▶ Follower ─▶ Merge ─▶ http (SSE)
//!                 framing    parse   resume    reopen      by time
//! ```
//! In: the engine's bytes. Out: [`LogEvent`] events for [`crate::http`], which owns the readers.
//!
//! Each viewer has its own reader, which is polled when the viewer's socket is writable and in turn
//! reads the engine's connection. Only the current chunk and lines of at most [`MAX_LINE_BYTES`]
//! bytes are buffered. A [`LogPosition`] is the time of a line and its number among the lines of
//! that time, so that an interrupted reader continues with the next line. Pure except for
//! [`Follower`]. Read next: [`Decoder`].

mod decoder;
mod follower;
mod line;
mod line_buffer;
mod lines_before;
mod merge;
mod newest_line;
mod position;
mod pump;
mod seeker;

pub use decoder::{Decoder, Entry, MAX_LINE_BYTES};
pub use follower::{Follower, LogEvent, LogSources, engine_time};
pub use line::{Line, visible};
pub use lines_before::SILENCE_TIMEOUT;
pub use merge::Merge;
pub use newest_line::SKIPPED_LINES;
pub(crate) use newest_line::{NewestLine, Progress};
pub use position::{LogPosition, Place, PositionCounter};
pub use pump::with_idle_timeout;

use crate::{
    engine::{EngineClient, EngineError, Framing, LogQuery, Tail},
    process::{
        metrics::Metrics,
        shares::{self, ClientLimits, LimitReached},
    },
};
use app::model::ContainerId;

/// Reads the lines of a query with both an end and a number of lines, oldest first. Returns `None`
/// for other queries, which the engine supports itself.
///
/// # Errors
/// As any call.
pub async fn lines_before_end(
    client: &EngineClient,
    id: ContainerId,
    query: &LogQuery,
    framing: Framing,
) -> Result<Option<Vec<Entry>>, EngineError> {
    match (query.until, query.tail) {
        (Some(_), Tail::Lines(lines)) => lines_before::newest_before(client, id, query, lines, framing).await.map(Some),
        _ => Ok(None),
    }
}

/// Maximum number of concurrent log readers of all clients. Each has a connection to the engine,
/// which reads a file for it.
const MAX_READERS: usize = 256;
/// Maximum number of concurrent log readers per client: three pages with the maximum number of
/// merged logs.
const MAX_READERS_PER_CLIENT: usize = 96;

/// Limits the number of log readers; clones share the count.
#[derive(Debug, Clone)]
pub struct LogReaders {
    free: ClientLimits,
    metrics: Metrics,
}

/// Permit for one log reader, released when dropped.
#[derive(Debug)]
pub struct LogReader {
    _permit: shares::Permit,
    metrics: Metrics,
}

impl LogReaders {
    /// Creates a limit without any readers.
    pub fn new(metrics: Metrics) -> Self {
        Self { free: ClientLimits::new(MAX_READERS, MAX_READERS_PER_CLIENT), metrics }
    }

    /// Acquires a permit.
    ///
    /// # Errors
    /// If all permits or those of this client are taken.
    pub fn take(&self, key: &shares::Key) -> Result<LogReader, LimitReached> {
        let permit = self.free.take(key)?;
        self.metrics.log_reader(1);
        Ok(LogReader { _permit: permit, metrics: self.metrics.clone() })
    }
}

impl Drop for LogReader {
    fn drop(&mut self) {
        self.metrics.log_reader(-1);
    }
}
