//! What the streams of logs carry. For pages that show logs only.

use super::{ContainerId, Timestamp};
use serde::{Deserialize, Serialize};

/// `event: log`: one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogLine {
    /// Whose, where the stream tells of several containers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container_id: Option<ContainerId>,
    /// Where it was printed to; with a terminal everything is `stdout`.
    pub stream: LogStream,
    /// When, on the engine's clock.
    pub timestamp: Timestamp,
    /// The line, without its end; control characters but tab, escape and carriage return are shown as pictures.
    pub text: String,
    /// Whether it was longer, and its end is left out.
    #[serde(default, skip_serializing_if = "is_false")]
    pub truncated: bool,
}

// serde asks by reference.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_false(value: &bool) -> bool {
    !*value
}

/// Where a line was printed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogStream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// `event: end`: nothing more comes for now, or for ever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogEnd {
    /// Whose, where the stream tells of several containers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container_id: Option<ContainerId>,
    /// Why.
    pub reason: LogEndReason,
    /// Whether nothing ever follows; else an `event: resume` does.
    pub last: bool,
    /// Of the run that ended.
    pub exit_code: Option<i64>,
    /// When it ended.
    pub at: Option<Timestamp>,
    /// The engine's own sentence.
    pub detail: Option<String>,
}

/// Why nothing more comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LogEndReason {
    /// The container does not run.
    Stopped,
    /// It is gone.
    Removed,
    /// The time asked for is over.
    Until,
    /// The engine does not answer.
    EngineLost,
    /// The engine refuses.
    Refused,
}

/// `event: resume`: lines follow again, none was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogResume {
    /// Whose, where the stream tells of several containers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container_id: Option<ContainerId>,
}
