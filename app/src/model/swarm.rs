//! Docker Swarm: clusters with their nodes, services and tasks.
//!
//! In: what a manager reports, converted by the server. Out: the JSON of `GET /api/swarm`. States
//! are Docker's own words, so that a new one is shown instead of rejected.

use super::{ContainerId, ContainerKey, EngineName, EngineProblem, Timestamp};
use serde::{Deserialize, Serialize};

/// All swarms with a manager among the engines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Swarms {
    /// The clusters, ordered by id.
    pub clusters: Vec<SwarmCluster>,
}

/// A cluster, as a manager reported it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SwarmCluster {
    /// Id of the swarm.
    pub id: String,
    /// Engines that are managers of it, ordered by name.
    pub managers: Vec<EngineName>,
    /// The nodes, ordered by name.
    pub nodes: Vec<SwarmNode>,
    /// The services, ordered by name.
    pub services: Vec<SwarmService>,
    /// The tasks, ordered by service and slot; in a slot, the newest first.
    pub tasks: Vec<SwarmTask>,
    /// Time of the latest successful poll; null before it.
    pub polled_at: Option<Timestamp>,
    /// The manager that responded to it; null before it.
    pub polled_by: Option<EngineName>,
    /// Error of a poll since then; null while there is none.
    pub error: Option<EngineProblem>,
}

/// A node.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SwarmNode {
    /// Id of the node.
    pub id: String,
    /// Host name.
    pub name: String,
    /// `manager` or `worker`.
    pub role: String,
    /// `active`, `pause` or `drain`.
    pub availability: String,
    /// `ready`, `down`, `disconnected` or `unknown`.
    pub state: String,
    /// Reason of the state; null without one.
    pub message: Option<String>,
    /// True for the leader of the managers.
    pub leader: bool,
    /// The engine that is this node; null if none is.
    pub engine: Option<EngineName>,
}

/// A service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SwarmService {
    /// Id of the service.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The stack that it belongs to; null if to none.
    pub stack: Option<String>,
    /// Image, without its digest.
    pub image: String,
    /// `replicated`, `global`, `replicated-job` or `global-job`.
    pub mode: String,
    /// Tasks that run, and that should.
    pub replicas: SwarmReplicas,
    /// State of the latest update or rollback: `updating`, `paused`, `completed`,
    /// `rollback_started`, `rollback_paused` or `rollback_completed`; null before the first.
    pub update_state: Option<String>,
    /// Description of that state; null without one.
    pub update_message: Option<String>,
    /// Published ports.
    pub ports: Vec<SwarmPort>,
    /// True if there is a former version to roll back to.
    pub can_roll_back: bool,
}

/// Number of tasks of a service.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct SwarmReplicas {
    /// Tasks that run, on nodes that are not down.
    pub running: u64,
    /// Tasks that should run.
    pub desired: u64,
}

/// A published port of a service.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SwarmPort {
    /// Port on the nodes; null if the engine chooses it.
    pub public_port: Option<u16>,
    /// Port inside the containers.
    pub private_port: u16,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: String,
    /// `ingress` for a port of every node, `host` for one of the task's node.
    pub mode: String,
}

/// A task of a service: one run of a container.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SwarmTask {
    /// Id of the task.
    pub id: String,
    /// Id of its service.
    pub service: String,
    /// Name of its service.
    pub service_name: String,
    /// Its number in a replicated service; null in a global one.
    pub slot: Option<u64>,
    /// Id of its node; null before one is assigned.
    pub node: Option<String>,
    /// Name of its node; null before one is assigned.
    pub node_name: Option<String>,
    /// State that the swarm wants: `running`, `shutdown`, `remove` …
    pub desired_state: String,
    /// State as its node reported it: `new`, `pending`, `preparing`, `running`, `failed` …
    pub state: String,
    /// Error of the task; null without one.
    pub error: Option<String>,
    /// Exit code of its container; null while it runs.
    pub exit_code: Option<i64>,
    /// Time since which it has this state, on the clock of its node.
    pub since: Option<Timestamp>,
    /// Its container, if an engine is its node; null otherwise, and before it has one.
    pub container: Option<TaskContainer>,
}

/// The container of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct TaskContainer {
    /// Name of its engine.
    pub engine: EngineName,
    /// Its id.
    pub id: ContainerId,
}

impl TaskContainer {
    /// Its identity in the list of containers.
    pub const fn key(&self) -> ContainerKey {
        ContainerKey::new(self.engine, self.id)
    }
}

/// Sent instead of a snapshot if nothing but the time of the poll has changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SwarmPolled {
    /// Time of the latest successful poll of each cluster, by its id.
    pub polled_at: std::collections::BTreeMap<String, Timestamp>,
}
