//! What happened to containers, and how a run ended. For pages that tell of it only.

use super::{ContainerId, EngineId, Timestamp};
use serde::{Deserialize, Serialize};

/// Events of containers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Occurrences {
    /// Events, oldest first.
    pub events: Vec<Occurrence>,
    /// Time since which this server has recorded events. Earlier events are included as far as the engine remembered them.
    pub recorded_since: Timestamp,
}

/// An event of a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Occurrence {
    /// Id of the event; the same on every server and after a restart.
    pub id: String,
    /// Time of the event, on the engine's clock.
    pub at: Timestamp,
    /// Id of the engine.
    pub engine: EngineId,
    /// Id of the container.
    pub container_id: ContainerId,
    /// Name of the container at that time.
    pub container_name: String,
    /// Kind of the event.
    pub kind: OccurrenceKind,
    /// Exit code, of `died`.
    pub exit_code: Option<i64>,
    /// Name of the signal that was sent or that ended the run.
    pub signal: Option<String>,
    /// Image of `created`, previous name of `renamed`, result of `health`.
    pub detail: Option<String>,
    /// Cause of `died` and `started`; null if unknown.
    pub cause: Option<Cause>,
}

/// Kind of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum OccurrenceKind {
    /// It was made.
    Created,
    /// A run began.
    Started,
    /// A run was ended because somebody asked for it; follows `died`.
    Stopped,
    /// A run ended.
    Died,
    /// The kernel killed for lack of memory; as a rule `died` follows.
    Oom,
    /// It was sent a signal, which need not end it.
    Killed,
    /// Its processes were frozen.
    Paused,
    /// And thawed.
    Unpaused,
    /// It was restarted because somebody asked for it; follows `started`.
    Restarted,
    /// Its health check has another verdict.
    Health,
    /// It has another name.
    Renamed,
    /// Its limits or its policy were changed.
    Updated,
    /// It was removed.
    Destroyed,
}

impl OccurrenceKind {
    /// All of them, in the order of a container's life.
    pub const ALL: [Self; 13] = [
        Self::Created,
        Self::Started,
        Self::Stopped,
        Self::Died,
        Self::Oom,
        Self::Killed,
        Self::Paused,
        Self::Unpaused,
        Self::Restarted,
        Self::Health,
        Self::Renamed,
        Self::Updated,
        Self::Destroyed,
    ];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Started => "started",
            Self::Stopped => "stopped",
            Self::Died => "died",
            Self::Oom => "oom",
            Self::Killed => "killed",
            Self::Paused => "paused",
            Self::Unpaused => "unpaused",
            Self::Restarted => "restarted",
            Self::Health => "health",
            Self::Renamed => "renamed",
            Self::Updated => "updated",
            Self::Destroyed => "destroyed",
        }
    }
}

/// Why a run ended or began. `request`: a user or program asked the engine for it. `itself`: the program ended by itself. `outOfMemory`: the kernel killed it. `restartPolicy`: the engine restarted it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum Cause {
    /// Somebody asked the engine for it.
    Request,
    /// The program ended by itself.
    Itself,
    /// The kernel killed it for lack of memory.
    OutOfMemory,
    /// The engine started it again, as its restart policy says.
    RestartPolicy,
}

/// How the last run of a container ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LastEnd {
    /// Exit code; null if unknown.
    pub exit_code: Option<i64>,
    /// True if the kernel killed it because memory ran out.
    pub oom_killed: bool,
    /// Name of the signal that ended it, such as `SIGKILL`; null without one.
    pub signal: Option<String>,
    /// Cause of the end; null if unknown.
    pub cause: Option<Cause>,
    /// Start of the run.
    pub started_at: Option<Timestamp>,
    /// End of the run.
    pub finished_at: Timestamp,
    /// Duration of the run in seconds.
    pub ran_for_secs: Option<u64>,
    /// Number of restarts by the restart policy in the last hour.
    pub restarts_last_hour: u64,
    /// True if the container keeps restarting and exiting.
    pub crash_looping: bool,
}
