//! A container: identity and state, without samples and without values that change with the clock.

use super::{Cause, ContainerId, ContainerKey, EngineName, EngineProblem, Labels, Timestamp};
use litemap::LiteMap;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A container: identity and state, as the engine's inspect describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Container {
    /// Full id: 64 hexadecimal digits.
    pub id: ContainerId,
    /// Name of the container's engine.
    pub engine: EngineName,
    /// Name, without the leading slash.
    pub name: String,
    /// Image, as given at creation.
    pub image: String,
    /// Content digest of the image.
    pub image_id: String,
    /// True if the name in `image` no longer refers to this image on the engine: its tag was moved
    /// or removed. Omitted otherwise.
    #[serde(default, skip_serializing_if = "is_false")]
    pub image_outdated: bool,
    /// Command line, words separated by spaces; secrets are masked.
    pub command: String,
    /// State of the container.
    pub state: ContainerState,
    /// Result of the health check; null without a health check, and while the container is stopped,
    /// paused or restarting.
    pub health: Option<Health>,
    /// Exit code of the last run; null while the container runs, and if unknown.
    pub exit_code: Option<i64>,
    /// True if the kernel killed the last run because memory ran out; false while the container
    /// runs.
    pub oom_killed: bool,
    /// Number of restarts by the restart policy.
    pub restart_count: i64,
    /// Error message from the engine; null without an error.
    pub error: Option<String>,
    /// Time of creation.
    pub created_at: Option<Timestamp>,
    /// Start of the last run.
    pub started_at: Option<Timestamp>,
    /// End of the last run that ended.
    pub finished_at: Option<Timestamp>,
    /// Exposed and published ports, ordered; the configured ones while the container does not run.
    pub ports: Vec<Port>,
    /// Names of the networks, ordered.
    pub networks: Vec<String>,
    /// Id of the container whose network this one uses; traffic is then counted for both together.
    /// Omitted if the container has its own network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(nullable = false))]
    pub network_of: Option<ContainerId>,
    /// CPU limit in billionths of a core. Omitted without a limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(nullable = false))]
    pub nano_cpus: Option<u64>,
    /// True if a process inside the container was killed for lack of memory in this run, or in the
    /// last one, while the main process went on. Omitted otherwise.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub process_oom_killed: bool,
    /// Cause of the end of the last run, if known; omitted while the container runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(nullable = false))]
    pub end_cause: Option<Cause>,
    /// Mounts, ordered by destination.
    pub mounts: Vec<Mount>,
    /// Labels; values of secret labels are masked.
    pub labels: Labels,
    /// Compose project, from the label; null if there is none.
    pub project: Option<String>,
    /// Compose service, from the label; null if there is none.
    pub service: Option<String>,
    /// Original values of the labels that are masked, truncated or omitted in [`Self::labels`].
    /// Kept on the server; never sent.
    #[serde(skip)]
    pub concealed_labels: ConcealedLabels,
    /// Reason why inspect fails for this container; the other fields are then from the engine's
    /// list, or the last known ones. Omitted while inspect works.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(nullable = false))]
    pub inspect_error: Option<EngineProblem>,
}

/// Labels whose original values are not shown, kept to decide which accounts may see the container.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ConcealedLabels(LiteMap<String, Option<String>>);

impl ConcealedLabels {
    /// Creates the collection from labels sorted by name. A value is `None` if it is too long to
    /// compare.
    pub fn new(sorted: impl IntoIterator<Item = (String, Option<String>)>) -> Self {
        Self(sorted.into_iter().collect())
    }
}

/// Omits the labels, because some are secrets.
impl fmt::Debug for ConcealedLabels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConcealedLabels({})", self.0.len())
    }
}

impl Container {
    /// True if the collection has this label, with this value or, for `None`, any value. Compares
    /// original values, not masked ones.
    pub fn has_label(&self, name: &str, value: Option<&str>) -> bool {
        let held = match self.concealed_labels.0.get(name) {
            Some(held) => Some(held.as_deref()),
            None => self.labels.get(name).map(|held| Some(held.as_str())),
        };
        held.is_some_and(|held| value.is_none() || value == held)
    }

    /// Identity of the container.
    pub const fn key(&self) -> ContainerKey {
        ContainerKey::new(self.engine, self.id)
    }

    /// A new container of which only the identity is known.
    pub fn unknown(ContainerKey { engine, id }: ContainerKey) -> Self {
        Self {
            id,
            engine,
            name: String::new(),
            image: String::new(),
            image_id: String::new(),
            image_outdated: false,
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
            process_oom_killed: false,
            end_cause: None,
            mounts: Vec::new(),
            labels: Labels::new(),
            project: None,
            service: None,
            concealed_labels: ConcealedLabels::default(),
            inspect_error: None,
        }
    }

    /// Sets the Compose project and service from the labels.
    pub fn place_in_compose(&mut self) {
        let label = |name| self.labels.get(name).filter(|value| !value.is_empty()).cloned();
        let (project, service) = (label("com.docker.compose.project"), label("com.docker.compose.service"));
        (self.project, self.service) = (project, service);
    }
}

/// State of a container. `created`: never started. `paused`: the processes are frozen.
/// `restarting`: waits for the restart policy's next attempt. `exited`: the main process has ended.
/// `dead`: the engine failed to remove the container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum ContainerState {
    /// Never started.
    Created,
    /// The main process runs.
    Running,
    /// The processes are frozen.
    Paused,
    /// Waiting for the restart policy's next attempt.
    Restarting,
    /// Being removed.
    Removing,
    /// The main process has ended.
    Exited,
    /// The engine failed to remove the container.
    Dead,
}

impl ContainerState {
    /// Every state, in the order lists and filters show them.
    pub const ALL: [Self; 7] =
        [Self::Running, Self::Restarting, Self::Paused, Self::Created, Self::Exited, Self::Removing, Self::Dead];

    /// Name in the Engine API.
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

    /// Label in the UI.
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

    /// True if there are processes to sample. Those of a paused container are frozen, but hold
    /// their memory.
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

    /// Parses the name in the Engine API.
    ///
    /// # Errors
    /// The text itself, if it is not one of the seven states.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or_else(|| text.to_owned())
    }
}

/// Result of a health check. `starting`: no result yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// No result yet.
    Starting,
    /// The last checks passed.
    Healthy,
    /// The last checks failed.
    Unhealthy,
}

impl Health {
    /// Every result.
    pub const ALL: [Self; 3] = [Self::Starting, Self::Healthy, Self::Unhealthy];

    /// Name in the Engine API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Healthy => "healthy",
            Self::Unhealthy => "unhealthy",
        }
    }
}

/// An exposed port, and the host port on which it is published.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Port {
    /// Host address on which the port is published; null if not published.
    pub ip: Option<String>,
    /// Port inside the container.
    pub private_port: u16,
    /// Port on the host; null if not published.
    pub public_port: Option<u16>,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: String,
    /// False if the port is only configured: the container does not run, or its network is not
    /// connected. Omitted if true.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub open: bool,
}

const fn yes() -> bool {
    true
}

const fn is_true(value: &bool) -> bool {
    *value
}

const fn is_false(value: &bool) -> bool {
    !*value
}

/// A mount of a container.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Mount {
    /// `bind`, `volume`, `tmpfs`, `npipe` or `cluster`.
    pub kind: String,
    /// Host path or volume name.
    pub source: String,
    /// Path inside the container.
    pub destination: String,
    /// True if the container cannot write to the mount.
    pub read_only: bool,
}
