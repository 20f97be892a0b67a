//! What happened to containers, and how a run ended. For pages that tell of it only.

use super::{ContainerId, EngineId, Timestamp};
use serde::{Deserialize, Serialize};

/// `GET /api/events`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Occurrences {
    /// Oldest first.
    pub events: Vec<Occurrence>,
    /// Since when this server has listened. What happened earlier is told as far as the engine remembered it.
    pub recorded_since: Timestamp,
}

/// One thing that happened to one container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Occurrence {
    /// The same whichever server tells of it.
    pub id: String,
    /// When, on the engine's clock.
    pub at: Timestamp,
    /// On which engine.
    pub engine: EngineId,
    /// To whom.
    pub container_id: ContainerId,
    /// Its name then.
    pub container_name: String,
    /// What.
    pub kind: OccurrenceKind,
    /// With which code the run ended.
    pub exit_code: Option<i64>,
    /// Which signal it was sent, or ended by.
    pub signal: Option<String>,
    /// The image of one that was created, the old name of one that was renamed, the verdict of a health check.
    pub detail: Option<String>,
    /// Why it died or was started, as far as can be told.
    pub cause: Option<Cause>,
}

/// What can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

/// Why a run ended or began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

/// How a container's last run ended, and whether that happens again and again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LastEnd {
    /// `None` where the container runs again and nobody was listening when it ended.
    pub exit_code: Option<i64>,
    /// Whether the kernel ended it for lack of memory.
    pub oom_killed: bool,
    /// Which signal ended it: `SIGKILL` …
    pub signal: Option<String>,
    /// Why, as far as can be told.
    pub cause: Option<Cause>,
    /// When that run began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Timestamp,
    /// How long it had run.
    pub ran_for_secs: Option<u64>,
    /// Starts by the restart policy in the last hour, as far as is known.
    pub restarts_last_hour: u64,
    /// Whether it is being started again and again, and ends each time.
    pub crash_looping: bool,
}
