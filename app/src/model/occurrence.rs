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
    /// Of an end: what the cause was concluded from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(nullable = false))]
    pub evidence: Option<Evidence>,
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
    /// The engine itself stopped or was restarted.
    EngineRestart,
}

impl Cause {
    /// Every cause. New ones go to the end: the compact form names them by their place.
    pub const ALL: [Self; 5] =
        [Self::Request, Self::Itself, Self::OutOfMemory, Self::RestartPolicy, Self::EngineRestart];
}

/// What the cause of an end was concluded from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// The fact that decided.
    pub basis: Basis,
    /// True if the cause is only probable: something else may have led to the same facts.
    pub probable: bool,
    /// Signals that were sent through the engine before the end, oldest first: the newest few of the run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signals: Vec<SentSignal>,
}

/// The fact that decided on a cause.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum Basis {
    /// Nothing was asked of the engine that explains the end.
    #[default]
    NoRequest,
    /// This server was asked to end it.
    Action,
    /// The engine reported that it stopped or restarted the container.
    StopEvent,
    /// The exit code is 128 and the number of a signal that was sent.
    ExitCode,
    /// The signal was sent that asks this container to stop.
    StopSignal,
    /// A signal was sent that asks any program to end.
    EndSignal,
    /// The engine reported that the kernel killed for lack of memory.
    OomEvent,
    /// Inspect says that the kernel killed for lack of memory.
    OomFlag,
    /// The engine was away, and no container that ran before outlived that.
    EngineAway,
}

/// A signal that was sent through the engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SentSignal {
    /// Its name; `None` where the engine does not say.
    pub signal: Option<String>,
    /// When, on the engine's clock.
    pub at: Timestamp,
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
    /// True if a process inside was killed for lack of memory and the main process went on. Left out where none was.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub process_oom_killed: bool,
    /// Name of the signal that ended it, such as `SIGKILL`; null without one.
    pub signal: Option<String>,
    /// Cause of the end; null if unknown.
    pub cause: Option<Cause>,
    /// What the cause was concluded from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(nullable = false))]
    pub evidence: Option<Evidence>,
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
