//! The response of `GET /api/containers/{id}`: the inspect facts, and how the last run ended.
//!
//! Filled in by the server with secrets masked. Used on the page of one container only, to keep it
//! out of the list.

use super::{ContainerId, EngineName, EngineProblem, LastEnd, Timestamp};
use serde::{Deserialize, Serialize};

/// Inspect facts and last end of a container.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ContainerReport {
    /// End of the last run; null if no run has ended.
    #[serde(default)]
    pub last_end: Option<LastEnd>,
    /// Inspect facts; null while the engine does not respond.
    pub details: Option<Details>,
    /// Reason why there are no details; omitted if there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(nullable = false))]
    pub problem: Option<EngineProblem>,
}

/// Facts from the engine's inspect.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Details {
    /// True if secrets are shown, as requested.
    pub secrets_shown: bool,
    /// Environment variables, in the engine's order.
    pub env: Vec<EnvVariable>,
    /// First words of the command line.
    pub entrypoint: Vec<String>,
    /// Remaining words of the command line.
    pub command: Vec<String>,
    /// Working directory inside the container.
    pub working_dir: Option<String>,
    /// User, or user and group, by name or number; null for the user of the image, usually root.
    pub user: Option<String>,
    /// Host name inside the container.
    pub hostname: Option<String>,
    /// Platform: `linux`, `linux/arm64` …
    pub platform: Option<String>,
    /// True if the container has a terminal, so that its output is one stream.
    pub tty: bool,
    /// True if the container has the privileges of the host's root user.
    pub privileged: bool,
    /// True if the engine removes the container when it exits.
    pub auto_remove: bool,
    /// Networks, ordered by name.
    pub networks: Vec<NetworkPlace>,
    /// Mounts, ordered by destination.
    pub mounts: Vec<MountFacts>,
    /// Resource limits.
    pub limits: Limits,
    /// Restart policy of the container.
    pub restart_policy: RestartPolicy,
    /// Health check and its newest results; null if there is no health check.
    pub health: Option<HealthFacts>,
    /// Log driver: `json-file`, `journald`, `none` …
    pub log_driver: Option<String>,
    /// Equivalent `docker run` command; secrets are written as `$NAME`.
    pub docker_run: String,
}

/// An environment variable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct EnvVariable {
    /// Name of the variable.
    pub name: String,
    /// Value, masked if it is a secret.
    pub value: String,
    /// True if the value is masked.
    pub masked: bool,
}

/// A network to which the container is connected. Addresses are null while the container does not
/// run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct NetworkPlace {
    /// Name of the network.
    pub name: String,
    /// IPv4 address.
    pub ip: Option<String>,
    /// IPv6 address.
    pub ip6: Option<String>,
    /// Gateway address.
    pub gateway: Option<String>,
    /// MAC address.
    pub mac: Option<String>,
    /// Aliases inside the network.
    pub aliases: Vec<String>,
}

/// A mount, with details that only inspect has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct MountFacts {
    /// `bind`, `volume`, `tmpfs` …
    pub kind: String,
    /// Name of the volume.
    pub name: Option<String>,
    /// Path on the host.
    pub source: Option<String>,
    /// Path inside the container.
    pub destination: String,
    /// Driver of the volume.
    pub driver: Option<String>,
    /// True if the container cannot write to the mount.
    pub read_only: bool,
}

/// Resource limits of a container; null means no limit.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    /// Memory in bytes.
    pub memory: Option<u64>,
    /// Memory and swap together in bytes; null means twice the memory, or no limit.
    pub memory_swap: Option<u64>,
    /// Memory reservation in bytes.
    pub memory_reservation: Option<u64>,
    /// Number of cores, such as 0.5 for half a core.
    pub cpus: Option<f64>,
    /// CPU weight relative to other containers; the default is 1024.
    pub cpu_shares: Option<u64>,
    /// CPU set: `0-2,5`.
    pub cpuset: Option<String>,
    /// Number of processes and threads.
    pub pids: Option<u64>,
    /// Ulimits of the container's processes.
    pub ulimits: Vec<Ulimit>,
}

/// A ulimit; -1 is unlimited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Ulimit {
    /// `nofile`, `nproc` …
    pub name: String,
    /// Soft limit.
    pub soft: i64,
    /// Hard limit.
    pub hard: i64,
}

/// Restart policy of a container.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RestartPolicy {
    /// `no`, `always`, `unless-stopped` or `on-failure`.
    pub name: String,
    /// Maximum number of restarts of `on-failure`; null means no limit.
    pub maximum_retry_count: Option<u64>,
}

/// A health check and its results.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct HealthFacts {
    /// Command; the first word is its form (`CMD`, `CMD-SHELL`). Empty if only the image defines
    /// it.
    pub test: Vec<String>,
    /// Number of consecutive failures; 0 while nothing is checked, because the container does not
    /// run or is paused.
    pub failing_streak: u64,
    /// The newest results of this run, or of the last one, oldest first; the engine keeps five.
    pub checks: Vec<HealthResult>,
}

/// A run of a health check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct HealthResult {
    /// Start time.
    pub started_at: Option<Timestamp>,
    /// End of the run.
    pub finished_at: Option<Timestamp>,
    /// Exit code of the check; -1 if it timed out or could not be run.
    pub exit_code: Option<i64>,
    /// Outcome of the check.
    #[serde(default)]
    pub outcome: Option<HealthOutcome>,
    /// Output of the check, without escape sequences and control characters; the engine keeps at
    /// most 4,096 bytes.
    pub output: String,
}

/// Outcome of one run of a health check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum HealthOutcome {
    /// The check reported the container healthy.
    Passed,
    /// The check reported the container unhealthy.
    Failed,
    /// The check did not finish in time.
    TimedOut,
    /// The command was not found, may not be executed, or could not be started.
    NotRun,
}

/// Processes of a container.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Processes {
    /// Name of the engine.
    #[serde(default)]
    #[cfg_attr(feature = "ssr", schema(required = true))]
    pub engine: EngineName,
    /// Id of the container.
    pub container_id: ContainerId,
    /// Time of the response of the engine.
    pub at: Timestamp,
    /// Processes, in the engine's order.
    pub processes: Vec<Process>,
}

/// A process of a container, as the host sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Process {
    /// Process id on the host.
    pub pid: u64,
    /// Process id of the parent.
    pub parent_pid: Option<u64>,
    /// Name or id of the process's user on the host.
    pub user: String,
    /// CPU usage since the start of the process, in percent of one core.
    pub cpu_percent: Option<f64>,
    /// Resident memory in bytes.
    pub memory: Option<u64>,
    /// Start time.
    pub started_at: Option<Timestamp>,
    /// Command line; secrets are masked.
    pub command: String,
}
