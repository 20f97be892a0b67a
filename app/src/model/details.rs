//! What `GET /api/containers/{id}` says beyond the container itself: the inspect facts, and how its last run ended.
//!
//! Written by the server, each secret concealed. For the page of one container only, so that the list does not carry it.

use super::{ContainerId, EngineProblem, LastEnd, Timestamp};
use serde::{Deserialize, Serialize};

/// The fields beside those of the container, in one flat object with them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerReport {
    /// How the last run that ended did so; `None` when none has.
    #[serde(default)]
    pub last_end: Option<LastEnd>,
    /// The inspect facts; `None` while the engine cannot be asked.
    pub details: Option<Details>,
    /// Why there are no details.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<EngineProblem>,
}

/// The inspect facts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Details {
    /// Whether secrets are shown here, because that was asked for.
    pub secrets_shown: bool,
    /// Environment, in the engine's order.
    pub env: Vec<EnvVariable>,
    /// Words that begin the command line.
    pub entrypoint: Vec<String>,
    /// Words that follow them.
    pub command: Vec<String>,
    /// Where it runs inside the container.
    pub working_dir: Option<String>,
    /// User, or user and group, by name or number; `None`: the image's, which as a rule is root.
    pub user: Option<String>,
    /// Host name inside the container.
    pub hostname: Option<String>,
    /// `linux`, `linux/arm64` …
    pub platform: Option<String>,
    /// Whether it has a terminal, so that its output is one stream.
    pub tty: bool,
    /// Whether it may do what the host's root may.
    pub privileged: bool,
    /// Whether the engine removes it when it ends.
    pub auto_remove: bool,
    /// Its networks, ordered by name.
    pub networks: Vec<NetworkPlace>,
    /// Its mounts, ordered by destination.
    pub mounts: Vec<MountFacts>,
    /// What it may use.
    pub limits: Limits,
    /// When the engine starts it again.
    pub restart_policy: RestartPolicy,
    /// Its health check and the newest results; `None` without one.
    pub health: Option<HealthFacts>,
    /// Where its output goes: `json-file`, `journald`, `none` …
    pub log_driver: Option<String>,
    /// A command line that makes a container like it; secrets are written as `$NAME`.
    pub docker_run: String,
}

/// One variable of the environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvVariable {
    /// Its name.
    pub name: String,
    /// Its value, or what may be shown of it.
    pub value: String,
    /// Whether something is not shown.
    pub masked: bool,
}

/// A container's place in a network; a field is empty or `None` while it does not run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NetworkPlace {
    /// The network.
    pub name: String,
    /// IPv4 address.
    pub ip: Option<String>,
    /// IPv6 address.
    pub ip6: Option<String>,
    /// Where the rest of the world is reached.
    pub gateway: Option<String>,
    /// Hardware address.
    pub mac: Option<String>,
    /// Further names inside the network.
    pub aliases: Vec<String>,
}

/// A mount with what only inspect knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MountFacts {
    /// `bind`, `volume`, `tmpfs` …
    pub kind: String,
    /// The volume's name.
    pub name: Option<String>,
    /// Path on the host.
    pub source: Option<String>,
    /// Path inside the container.
    pub destination: String,
    /// The volume's driver.
    pub driver: Option<String>,
    /// Whether the container may not write to it.
    pub read_only: bool,
}

/// What a container may use; `None`: as much as there is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    /// Bytes.
    pub memory: Option<u64>,
    /// Bytes of memory and swap together; `None`: twice the memory, or no limit.
    pub memory_swap: Option<u64>,
    /// Bytes that are left to it when memory is scarce.
    pub memory_reservation: Option<u64>,
    /// Cores, 0.5 being half of one.
    pub cpus: Option<f64>,
    /// Weight among containers, 1024 being usual.
    pub cpu_shares: Option<u64>,
    /// Which cores: `0-2,5`.
    pub cpuset: Option<String>,
    /// Processes and threads.
    pub pids: Option<u64>,
    /// Limits of each process.
    pub ulimits: Vec<Ulimit>,
}

/// One limit of each process; -1 is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ulimit {
    /// `nofile`, `nproc` …
    pub name: String,
    /// What it has.
    pub soft: i64,
    /// How far it may raise that.
    pub hard: i64,
}

/// When the engine starts a container again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RestartPolicy {
    /// `no`, `always`, `unless-stopped` or `on-failure`.
    pub name: String,
    /// Most tries of `on-failure`; `None`: without end.
    pub maximum_retry_count: Option<u64>,
}

/// A health check and what came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HealthFacts {
    /// What is run; the first word says how (`CMD`, `CMD-SHELL`). Empty where only the image knows.
    pub test: Vec<String>,
    /// Failures in a row.
    pub failing_streak: u64,
    /// The newest results, oldest first; the engine keeps five.
    pub checks: Vec<HealthResult>,
}

/// One run of a health check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HealthResult {
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it was over.
    pub finished_at: Option<Timestamp>,
    /// 0: healthy. -1: it took too long.
    pub exit_code: Option<i64>,
    /// What it printed, at most 4,096 bytes by the engine.
    pub output: String,
}

/// `GET /api/containers/{id}/processes`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Processes {
    /// Whose.
    pub container_id: ContainerId,
    /// When it was looked.
    pub at: Timestamp,
    /// In the engine's order.
    pub processes: Vec<Process>,
}

/// One process of a container, as the host sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Process {
    /// Its number on the host.
    pub pid: u64,
    /// Its parent's.
    pub parent_pid: Option<u64>,
    /// Name or number of its user on the host.
    pub user: String,
    /// Mean since its start, of one core.
    pub cpu_percent: Option<f64>,
    /// Resident bytes.
    pub memory: Option<u64>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// Its command line, secrets concealed.
    pub command: String,
}
