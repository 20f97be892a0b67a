//! What a container prints, as the engine sends it, and the query for it.

mod query;
mod time;
mod time_text;

pub use query::{BAD_TIME, BadQuery, LogQuery, LogQueryText, Streams, Tail};
pub use time::LogTime;
pub(crate) use time::stamp;
pub use time_text::TimeText;

use super::{EngineClient, EngineError, raw::target};
use app::model::ContainerId;
use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use std::time::Duration;

/// How the engine separates lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// With headers.
    Frames,
    /// By line ends alone, as a terminal prints.
    Terminal,
}

/// The engine opens a file, or a journal.
const OPEN_LIMIT: Duration = Duration::from_secs(10);

impl EngineClient {
    /// Whether the engine can read the container's log at all; it cannot where the driver sends it elsewhere.
    ///
    /// # Errors
    /// As any call; the engine's refusal with its own sentence.
    pub async fn can_read_logs(&self, id: ContainerId) -> Result<(), EngineError> {
        let target = target(&format!("/containers/{id}/logs"), &[("stdout", "1"), ("stderr", "1"), ("tail", "0")])?;
        self.within("logs", OPEN_LIMIT, async {
            match self.bytes(target).next().await {
                Some(Err(error)) => Err(error),
                _ => Ok(()),
            }
        })
        .await
    }

    /// How the log is framed, by its newest line: a frame begins with the number of its stream and three zeros.
    ///
    /// # Errors
    /// As [`Self::can_read_logs`].
    pub async fn log_framing(&self, id: ContainerId) -> Result<Framing, EngineError> {
        let target = target(&format!("/containers/{id}/logs"), &[("stdout", "1"), ("stderr", "1"), ("tail", "1")])?;
        self.within("logs", OPEN_LIMIT, async {
            match self.bytes(target).next().await.transpose()?.as_deref() {
                None | Some([] | [0..=3] | [0..=3, 0, ..]) => Ok::<_, EngineError>(Framing::Frames),
                Some(_) => Ok(Framing::Terminal),
            }
        })
        .await
    }

    /// The log's bytes, each line behind its stamp; with `follow` also those to come, until the container stops. Silence is no error:
    /// whoever reads minds the link.
    ///
    /// # Errors
    /// When the address cannot be written, which does not happen.
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
        self.metrics.call("logs");
        Ok(self.bytes(target(&format!("/containers/{id}/logs"), &query)?))
    }
}
