//! One container: identity and state, no running numbers, nothing that changes with the clock alone.

use super::{ContainerId, EngineId, Timestamp};
use litemap::LiteMap;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Labels, by their keys.
pub type Labels = LiteMap<String, String>;

/// A container as `inspect` describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Container {
    /// The full id.
    pub id: ContainerId,
    /// The engine it lives on.
    pub engine: EngineId,
    /// Its name, without the leading slash.
    pub name: String,
    /// The image as it was given at creation.
    pub image: String,
    /// The image's content digest.
    pub image_id: String,
    /// The command line, words joined by spaces.
    pub command: String,
    /// What it is doing.
    pub state: ContainerState,
    /// What its health check says; `None` without a health check.
    pub health: Option<Health>,
    /// Exit code of the last run that ended.
    pub exit_code: Option<i64>,
    /// Whether the last run was ended by the kernel for lack of memory.
    pub oom_killed: bool,
    /// How often the restart policy started it again.
    pub restart_count: i64,
    /// The engine's own sentence about what went wrong.
    pub error: Option<String>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// When the last run began.
    pub started_at: Option<Timestamp>,
    /// When the last run that ended did so.
    pub finished_at: Option<Timestamp>,
    /// Exposed and published ports, ordered.
    pub ports: Vec<Port>,
    /// Names of its networks, ordered.
    pub networks: Vec<String>,
    /// The container whose network it uses; traffic is then counted for both together. Left out where it has its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_of: Option<ContainerId>,
    /// How much processor time it may use, in billionths of a core. Left out where it may use all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nano_cpus: Option<u64>,
    /// Its mounts, ordered by destination.
    pub mounts: Vec<Mount>,
    /// Its labels.
    pub labels: Labels,
    /// Compose project, from its label.
    pub project: Option<String>,
    /// Compose service, from its label.
    pub service: Option<String>,
}

impl Container {
    /// One of which nothing is known but the id, and that it was created: to be filled in.
    pub fn unknown(id: ContainerId) -> Self {
        Self {
            id,
            engine: EngineId::local(),
            name: String::new(),
            image: String::new(),
            image_id: String::new(),
            command: String::new(),
            state: ContainerState::Created,
            health: None,
            exit_code: None,
            oom_killed: false,
            restart_count: 0,
            error: None,
            created_at: None,
            started_at: None,
            finished_at: None,
            ports: Vec::new(),
            networks: Vec::new(),
            network_of: None,
            nano_cpus: None,
            mounts: Vec::new(),
            labels: Labels::new(),
            project: None,
            service: None,
        }
    }

    /// With the Compose project and service that its labels name.
    pub fn place_in_compose(&mut self) {
        let label = |name| self.labels.get(name).filter(|value| !value.is_empty()).cloned();
        let (project, service) = (label("com.docker.compose.project"), label("com.docker.compose.service"));
        (self.project, self.service) = (project, service);
    }
}

/// The seven states of the Engine API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ContainerState {
    /// Made, never started.
    Created,
    /// Its main process runs.
    Running,
    /// Its processes are frozen.
    Paused,
    /// Waiting for the restart policy's next try.
    Restarting,
    /// Being removed.
    Removing,
    /// Its main process has ended.
    Exited,
    /// The engine failed to remove it.
    Dead,
}

impl ContainerState {
    /// Every state, in the order lists and filters show them.
    pub const ALL: [Self; 7] =
        [Self::Running, Self::Restarting, Self::Paused, Self::Created, Self::Exited, Self::Removing, Self::Dead];

    /// The Engine API's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Restarting => "restarting",
            Self::Removing => "removing",
            Self::Exited => "exited",
            Self::Dead => "dead",
        }
    }

    /// The word a person sees.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Created => "Created",
            Self::Running => "Running",
            Self::Paused => "Paused",
            Self::Restarting => "Restarting",
            Self::Removing => "Removing",
            Self::Exited => "Stopped",
            Self::Dead => "Dead",
        }
    }

    /// Whether there are processes to take samples of. A paused container's are frozen, but hold their memory.
    pub const fn has_processes(self) -> bool {
        matches!(self, Self::Running | Self::Paused)
    }
}

impl fmt::Display for ContainerState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ContainerState {
    type Err = String;

    /// # Errors
    /// The text itself, when it is none of the seven words.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or_else(|| text.to_owned())
    }
}

/// What a health check says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// No verdict yet.
    Starting,
    /// The last checks passed.
    Healthy,
    /// The last checks failed.
    Unhealthy,
}

impl Health {
    /// Every verdict.
    pub const ALL: [Self; 3] = [Self::Starting, Self::Healthy, Self::Unhealthy];

    /// The Engine API's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Healthy => "healthy",
            Self::Unhealthy => "unhealthy",
        }
    }
}

/// One exposed port, and where it is published, if it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Port {
    /// The host address it is published on.
    pub ip: Option<String>,
    /// The port inside the container.
    pub private_port: u16,
    /// The port on the host; `None` when only exposed.
    pub public_port: Option<u16>,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: String,
}

/// One mount.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mount {
    /// `bind`, `volume`, `tmpfs`, `npipe` or `cluster`.
    pub kind: String,
    /// Host path or volume name.
    pub source: String,
    /// Path inside the container.
    pub destination: String,
    /// Whether the container may not write to it.
    pub read_only: bool,
}
