//! Events of containers, and how a run ended. Used by the pages that show them only.

use super::{ContainerId, ContainerKey, EngineName, Timestamp};
use serde::{Deserialize, Serialize};

/// Events of containers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Occurrences {
    /// Events, oldest first.
    pub events: Vec<Occurrence>,
    /// Time since which this server has recorded events. Earlier events are included as far as the
    /// engine remembered them.
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
    /// Name of the engine.
    pub engine: EngineName,
    /// Id of the container.
    pub container_id: ContainerId,
    /// Name of the container at that time.
    pub container_name: String,
    /// Kind of the event.
    pub kind: OccurrenceKind,
    /// Exit code of a `died` event.
    pub exit_code: Option<i64>,
    /// Name of the signal that was sent or that ended the run.
    pub signal: Option<String>,
    /// Image of a `created` event, previous name of a `renamed` event, result of a `health` event.
    pub detail: Option<String>,
    /// Cause of a `died` or `started` event; null if unknown.
    pub cause: Option<Cause>,
    /// Evidence for the cause of a `died` event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(nullable = false))]
    pub evidence: Option<Evidence>,
}

impl Occurrence {
    /// Identity of the event's container.
    pub const fn key(&self) -> ContainerKey {
        ContainerKey::new(self.engine, self.container_id)
    }
}

/// Kind of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum OccurrenceKind {
    /// The container was created.
    Created,
    /// A run began.
    Started,
    /// A run was stopped by request; follows `died`.
    Stopped,
    /// A run ended.
    Died,
    /// The kernel killed a process for lack of memory; usually `died` follows.
    Oom,
    /// The container was sent a signal; it may go on running.
    Killed,
    /// The processes were frozen.
    Paused,
    /// The processes were resumed.
    Unpaused,
    /// The container was restarted by request; follows `started`.
    Restarted,
    /// The result of the health check changed.
    Health,
    /// The container was renamed.
    Renamed,
    /// The limits or the restart policy were changed.
    Updated,
    /// The container was removed.
    Destroyed,
}

impl OccurrenceKind {
    /// Every kind, in the order of a container's life.
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

    /// Value on the wire.
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

/// Cause of the end or start of a run. `request`: a user or program requested it from the engine.
/// `itself`: the program exited on its own. `outOfMemory`: the kernel killed the program for lack
/// of memory. `restartPolicy`: the engine restarted the container. `engineRestart`: the engine
/// stopped or was restarted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum Cause {
    /// A request to the engine.
    Request,
    /// The program exited on its own.
    Itself,
    /// The kernel killed the program for lack of memory.
    OutOfMemory,
    /// The engine restarted the container, according to its restart policy.
    RestartPolicy,
    /// The engine stopped or was restarted.
    EngineRestart,
}

impl Cause {
    /// Every cause. Add new ones at the end: the compact format encodes a cause as its index.
    pub const ALL: [Self; 5] =
        [Self::Request, Self::Itself, Self::OutOfMemory, Self::RestartPolicy, Self::EngineRestart];
}

/// Evidence for the cause of an end.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// The deciding fact.
    pub basis: Basis,
    /// True if the cause is only probable: another cause may have left the same evidence.
    pub probable: bool,
    /// Signals sent through the engine before the end, oldest first; only the newest signals of the
    /// run are kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signals: Vec<SentSignal>,
}

/// The fact that decided the cause.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum Basis {
    /// No request to the engine explains the end.
    #[default]
    NoRequest,
    /// This server sent the request to stop the container.
    Action,
    /// The engine reported that it stopped or restarted the container.
    StopEvent,
    /// The exit code is 128 plus the number of a signal that was sent.
    ExitCode,
    /// The container's stop signal was sent.
    StopSignal,
    /// Another signal that ends most programs was sent.
    EndSignal,
    /// The engine reported an out-of-memory kill.
    OomEvent,
    /// Inspect reports an out-of-memory kill.
    OomFlag,
    /// The engine was down, and no container that was running before survived it.
    EngineAway,
}

/// A signal that was sent through the engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SentSignal {
    /// Name of the signal; null if the engine does not report it.
    pub signal: Option<String>,
    /// Time, on the engine's clock.
    pub at: Timestamp,
}

/// End of a container's last run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LastEnd {
    /// Exit code; null if unknown.
    pub exit_code: Option<i64>,
    /// True if the kernel killed the run because memory ran out.
    pub oom_killed: bool,
    /// True if a process inside the container was killed for lack of memory and the main process
    /// went on. Omitted otherwise.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub process_oom_killed: bool,
    /// Name of the signal that ended the run, such as `SIGKILL`; null if none did.
    pub signal: Option<String>,
    /// Cause of the end; null if unknown.
    pub cause: Option<Cause>,
    /// Evidence for the cause.
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
