//! Events of the log streams. Used by the log pages only.

use super::{ContainerId, EngineName, Timestamp};
use serde::{Deserialize, Serialize};

/// A line of a log, as sent in a stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LogLine {
    /// Id of the container; omitted in the stream of one container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(nullable = false))]
    pub container_id: Option<ContainerId>,
    /// Name of the container's engine; omitted in the stream of one container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(nullable = false))]
    pub engine: Option<EngineName>,
    /// Output stream; `stdout` for everything if the container has a terminal.
    pub stream: LogStream,
    /// Time of the line, on the engine's clock.
    pub timestamp: Timestamp,
    /// Text without the line end. Control characters other than tab, escape and carriage return are
    /// replaced by their Unicode pictures (from U+2400).
    pub text: String,
    /// True if the line was longer and its end is missing; omitted otherwise.
    #[serde(default, skip_serializing_if = "is_false")]
    pub truncated: bool,
}

// Serde passes a reference.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_false(value: &bool) -> bool {
    !*value
}

/// Output stream of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum LogStream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// End of a log, either final or until it resumes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LogEnd {
    /// Id of the container; omitted in the stream of one container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(nullable = false))]
    pub container_id: Option<ContainerId>,
    /// Name of the container's engine; omitted in the stream of one container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(nullable = false))]
    pub engine: Option<EngineName>,
    /// Reason for the end.
    pub reason: LogEndReason,
    /// True if no event follows; otherwise a `resume` event does.
    pub last: bool,
    /// Exit code of the run that ended; null if unknown.
    pub exit_code: Option<i64>,
    /// End of the run; null if unknown.
    pub at: Option<Timestamp>,
    /// Message from the engine, if it refused to send the log.
    pub detail: Option<String>,
}

/// Reason why a log ends. `stopped`: the container does not run. `removed`: the container no longer
/// exists. `until`: the requested time is over. `engineLost`: the engine does not respond.
/// `refused`: the engine refused to send the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum LogEndReason {
    /// The container does not run.
    Stopped,
    /// The container was removed.
    Removed,
    /// The end of the requested range was reached.
    Until,
    /// The engine does not respond.
    EngineLost,
    /// The engine refuses to send the log.
    Refused,
}

/// A gap: lines may be missing at this point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LogGap {
    /// Id of the container; omitted in the stream of one container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(nullable = false))]
    pub container_id: Option<ContainerId>,
    /// Name of the container's engine; omitted in the stream of one container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(nullable = false))]
    pub engine: Option<EngineName>,
    /// Reason for the gap.
    pub reason: LogGapReason,
    /// Time of the last line before the gap; null if there is none.
    pub from: Option<Timestamp>,
    /// Time of the first line after the gap; null if unknown.
    pub to: Option<Timestamp>,
    /// Message from the engine, or from the server if the engine has none.
    pub detail: Option<String>,
}

/// Reason why lines may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum LogGapReason {
    /// The engine could not read its own log.
    Unreadable,
    /// The log was rotated or emptied before it was read.
    Rotated,
}

/// The log resumes; no line is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LogResume {
    /// Id of the container; omitted in the stream of one container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(nullable = false))]
    pub container_id: Option<ContainerId>,
    /// Name of the container's engine; omitted in the stream of one container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(nullable = false))]
    pub engine: Option<EngineName>,
}
