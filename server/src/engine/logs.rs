//! Engine calls for container logs and their query. Out: raw bytes, decoded in [`crate::logs`].

mod query;
mod time;
mod time_text;

pub use query::{BAD_TIME, BadQuery, LogQuery, LogQueryText, Streams, Tail};
pub use time::LogTime;
pub(crate) use time::parse_timestamp;
pub use time_text::TimeText;

use super::{EngineClient, EngineError, raw::target};
use app::model::ContainerId;
use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use std::time::Duration;

/// Format of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Frames with headers.
    Frames,
    /// Output of a terminal, separated by line ends.
    Terminal,
}

/// Timeout for opening a log, for which the engine opens a file or a journal.
const OPEN_TIMEOUT: Duration = Duration::from_secs(10);

impl EngineClient {
    /// Checks that the engine can read the container's log, which some log drivers do not allow.
    ///
    /// # Errors
    /// As any call; a refusal has the engine's own message.
    pub async fn can_read_logs(&self, id: ContainerId) -> Result<(), EngineError> {
        let target = target(&format!("/containers/{id}/logs"), &[("stdout", "1"), ("stderr", "1"), ("tail", "0")])?;
        self.timed_call("logs", OPEN_TIMEOUT, async {
            match self.bytes(target).next().await {
                Some(Err(error)) => Err(error),
                _ => Ok(()),
            }
        })
        .await
    }

    /// Detects the framing of a log from its newest line: a frame begins with its stream number and
    /// three zeros.
    ///
    /// # Errors
    /// As [`Self::can_read_logs`].
    pub async fn log_framing(&self, id: ContainerId) -> Result<Framing, EngineError> {
        let target = target(&format!("/containers/{id}/logs"), &[("stdout", "1"), ("stderr", "1"), ("tail", "1")])?;
        self.timed_call("logs", OPEN_TIMEOUT, async {
            match self.bytes(target).next().await.transpose()?.as_deref() {
                None | Some([] | [0..=3] | [0..=3, 0, ..]) => Ok::<_, EngineError>(Framing::Frames),
                Some(_) => Ok(Framing::Terminal),
            }
        })
        .await
    }

    /// Streams the log's bytes, each line with a timestamp. With `follow`, continues until the
    /// container stops. There is no timeout for silence; the reader checks the connection itself.
    ///
    /// # Errors
    /// If the request target is invalid, which does not happen.
    pub fn logs(
        &self,
        id: ContainerId,
        query: &LogQuery,
        follow: bool,
    ) -> Result<impl Stream<Item = Result<Bytes, EngineError>> + Send + Unpin + use<>, EngineError> {
        let flag = |set: bool| if set { "1" } else { "0" };
        let tail = match query.tail {
            Tail::All => "all".to_owned(),
            Tail::Lines(lines) => lines.to_string(),
        };
        let time = |time: Option<LogTime>| time.map_or_else(|| "0".to_owned(), |time| time.to_string());
        let (since, until) = (time(query.since), time(query.until));
        let query = [
            ("stdout", flag(query.streams != Streams::Stderr)),
            ("stderr", flag(query.streams != Streams::Stdout)),
            ("follow", flag(follow)),
            ("timestamps", "1"),
            ("tail", &tail),
            ("since", &since),
            ("until", &until),
        ];
        self.metrics.call(self.name, "logs");
        Ok(self.bytes(target(&format!("/containers/{id}/logs"), &query)?))
    }
}
