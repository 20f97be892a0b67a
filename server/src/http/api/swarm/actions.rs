//! Actions on the services and nodes of a swarm: a manager accepts the change, the stream shows the
//! result.
//!
//! Services are for operators who see them; nodes are for admins who see everything, because a
//! drain moves everybody's tasks.

use crate::{
    audit::Outcome,
    auth::{AuthMethod, Role},
    engine::{EngineClient, EngineError},
    http::{
        api::actions::audited,
        entry::caller::Caller,
        state::EngineState,
        wire::problem::{Problem, ProblemCode, problems},
    },
    swarm::{
        ClusterPicture,
        change::{self, Availability, Change},
    },
};
use axum::{
    body::Bytes,
    extract::{
        Path, State,
        rejection::{BytesRejection, PathRejection},
    },
    http::StatusCode,
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _},
};
use serde_json::{Map, Value};
use std::sync::Arc;
use utoipa::ToSchema;

/// The number of replicas of a service.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::http) struct ScaleBody {
    /// Number of tasks that should run.
    #[serde(deserialize_with = "whole_number")]
    #[schema(minimum = 0, maximum = 100000)]
    replicas: u64,
}

/// A whole number, also written as `8.0`: JSON has one kind of numbers.
fn whole_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let number = f64::deserialize(deserializer)?;
    if number.fract() == 0.0 && (0.0..=MAX_REPLICAS as f64).contains(&number) {
        Ok(number as u64)
    } else {
        Err(D::Error::custom(format!("replicas must be a whole number of at most {MAX_REPLICAS}")))
    }
}

/// A manager plans each task; more are a slip of the keyboard.
const MAX_REPLICAS: u64 = 100_000;

/// The availability of a node.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::http) struct AvailabilityBody {
    /// `active`: it gets tasks. `pause`: it keeps its tasks and gets no others. `drain`: its tasks
    /// are moved to other nodes.
    availability: NodeAvailability,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum NodeAvailability {
    Active,
    Pause,
    Drain,
}

impl From<NodeAvailability> for Availability {
    fn from(availability: NodeAvailability) -> Self {
        match availability {
            NodeAvailability::Active => Self::Active,
            NodeAvailability::Pause => Self::Pause,
            NodeAvailability::Drain => Self::Drain,
        }
    }
}

type ObjectPath = Result<Path<(String, String)>, PathRejection>;

problems!(ScaleProblems: Malformed, SignInNeeded, ReadOnly, Role, NoSuchCluster, NoSuchService, NotScalable, Refused, ActionFailed, EngineLost);
problems!(ServiceProblems: SignInNeeded, ReadOnly, Role, NoSuchCluster, NoSuchService, Refused, ActionFailed, EngineLost);
problems!(NodeProblems: Malformed, SignInNeeded, ReadOnly, Role, NoSuchCluster, NoSuchNode, Refused, ActionFailed, EngineLost);

/// Sets the number of replicas of a service.
#[utoipa::path(
    post,
    path = "/api/swarm/{cluster}/services/{id}/scale",
    operation_id = "scaleService",
    tag = "Swarm",
    params(("cluster" = String, Path, description = "Id of the swarm."), ("id" = String, Path, description = "Id of the service.")),
    request_body = ScaleBody,
    responses((status = 204, description = "A manager has accepted it."), ScaleProblems)
)]
pub(in crate::http) async fn scale(
    caller: Caller,
    State(engines): State<EngineState>,
    path: ObjectPath,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, Problem> {
    let target = Target::service(&caller, &engines, path, "scaleService").await?;
    let ScaleBody { replicas } = read(body, "The body must be {\"replicas\": N}")?;
    if let Some(mode) = target.other_mode() {
        let detail = format!("The service {} is {mode}: it has no number of replicas.", target.name);
        return Err(Problem::new(ProblemCode::NotScalable, detail, "Only replicated services can be scaled."));
    }
    target.change(caller, engines, Change::Scale(replicas), Some(format!("replicas={replicas}"))).await
}

/// Replaces all tasks of a service, as its update settings say.
#[utoipa::path(
    post,
    path = "/api/swarm/{cluster}/services/{id}/restart",
    operation_id = "restartService",
    tag = "Swarm",
    params(("cluster" = String, Path, description = "Id of the swarm."), ("id" = String, Path, description = "Id of the service.")),
    responses((status = 204, description = "A manager has accepted it."), ServiceProblems)
)]
pub(in crate::http) async fn restart(
    caller: Caller,
    State(engines): State<EngineState>,
    path: ObjectPath,
) -> Result<StatusCode, Problem> {
    let target = Target::service(&caller, &engines, path, "restartService").await?;
    target.change(caller, engines, Change::Restart, None).await
}

/// Returns a service to its former specification. 409 if there is none.
#[utoipa::path(
    post,
    path = "/api/swarm/{cluster}/services/{id}/rollback",
    operation_id = "rollBackService",
    tag = "Swarm",
    params(("cluster" = String, Path, description = "Id of the swarm."), ("id" = String, Path, description = "Id of the service.")),
    responses((status = 204, description = "A manager has accepted it."), ServiceProblems)
)]
pub(in crate::http) async fn rollback(
    caller: Caller,
    State(engines): State<EngineState>,
    path: ObjectPath,
) -> Result<StatusCode, Problem> {
    let target = Target::service(&caller, &engines, path, "rollBackService").await?;
    target.change(caller, engines, Change::Rollback, None).await
}

/// Sets whether a node gets tasks. For admins who see every container.
#[utoipa::path(
    post,
    path = "/api/swarm/{cluster}/nodes/{id}/availability",
    operation_id = "setNodeAvailability",
    tag = "Swarm",
    params(("cluster" = String, Path, description = "Id of the swarm."), ("id" = String, Path, description = "Id of the node.")),
    request_body = AvailabilityBody,
    responses((status = 204, description = "A manager has accepted it."), NodeProblems)
)]
pub(in crate::http) async fn availability(
    caller: Caller,
    State(engines): State<EngineState>,
    path: ObjectPath,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, Problem> {
    let target = Target::node(&caller, &engines, path, "setNodeAvailability").await?;
    let body: AvailabilityBody = read(body, "The body must be {\"availability\": \"active\", \"pause\" or \"drain\"}")?;
    let availability = Availability::from(body.availability);
    let detail = format!("availability={}", availability.as_str());
    target.change(caller, engines, Change::Availability(availability), Some(detail)).await
}

/// The object of an action that the caller may change.
struct Target {
    action: &'static str,
    cluster: Arc<ClusterPicture>,
    id: String,
    name: String,
    /// `service` or `node`.
    kind: &'static str,
}

impl Target {
    async fn service(
        caller: &Caller,
        engines: &EngineState,
        path: ObjectPath,
        action: &'static str,
    ) -> Result<Self, Problem> {
        let find = |cluster: &ClusterPicture, id: &str| {
            cluster.service(&caller.identity.scope, id).map(|service| service.name.clone())
        };
        let found = Self::find(engines, path, (action, "service"), find, Problem::no_such_service).await;
        Self::permitted(caller, action, found, caller.may_act("This server is read-only."))
    }

    async fn node(
        caller: &Caller,
        engines: &EngineState,
        path: ObjectPath,
        action: &'static str,
    ) -> Result<Self, Problem> {
        let find = |cluster: &ClusterPicture, id: &str| cluster.node(id).map(|node| node.name.clone());
        let found = Self::find(engines, path, (action, "node"), find, Problem::no_such_node).await;
        Self::permitted(caller, action, found, may_change_nodes(caller))
    }

    /// Looks in memory first, then polls: the object may be new.
    async fn find(
        engines: &EngineState,
        path: ObjectPath,
        (action, kind): (&'static str, &'static str),
        find: impl Fn(&ClusterPicture, &str) -> Option<String>,
        missing: fn() -> Problem,
    ) -> Result<Self, Problem> {
        let Path((cluster, id)) = path.map_err(|_| Problem::no_such_cluster())?;
        let mut picture = engines.swarm.picture();
        for attempt in 0..2 {
            if let Some(cluster) = picture.cluster(&cluster)
                && let Some(name) = find(cluster, &id)
            {
                return Ok(Self { action, cluster: Arc::clone(cluster), id, name, kind });
            }
            if attempt == 0 {
                picture = engines.swarm.polled().await;
            }
        }
        Err(if picture.cluster(&cluster).is_some() { missing() } else { Problem::no_such_cluster() })
    }

    /// Refusals are part of the audit log.
    fn permitted(
        caller: &Caller,
        action: &'static str,
        found: Result<Self, Problem>,
        may: Result<(), Problem>,
    ) -> Result<Self, Problem> {
        let denied = |target: Option<&Self>, problem: &Problem| {
            let entry = caller.entry(action);
            let entry = target.map_or(entry.clone(), |target| entry.on(&target.words()));
            caller.audit.record(entry.ended(Outcome::Denied, Some(problem.words().1)));
        };
        let target = found.inspect_err(|problem| denied(None, problem))?;
        may.inspect_err(|problem| denied(Some(&target), problem))?;
        Ok(target)
    }

    /// `service web`.
    fn words(&self) -> String {
        format!("{} {}", self.kind, self.name)
    }

    /// The mode of a service that is not replicated.
    fn other_mode(&self) -> Option<&str> {
        let service = self.cluster.cluster.services.iter().find(|service| service.id == self.id);
        service.map(|service| service.mode.as_str()).filter(|mode| *mode != "replicated")
    }

    /// Makes the change, and polls at once.
    async fn change(
        self,
        caller: Caller,
        engines: EngineState,
        change: Change,
        detail: Option<String>,
    ) -> Result<StatusCode, Problem> {
        let managers = managers(&caller, &self.cluster)?;
        let entry = caller.entry(self.action).on(&self.words()).ended(Outcome::Done, detail.as_deref());
        let running = async move {
            let done = change::change(managers, &self.id, change).await;
            engines.swarm.poll_now();
            match done {
                Ok(()) => Ok(StatusCode::NO_CONTENT),
                Err(error) if error.status() == Some(404) && self.kind == "node" => Err(Problem::no_such_node()),
                Err(error) if error.status() == Some(404) => Err(Problem::no_such_service()),
                Err(EngineError::Refused { message, .. }) => {
                    let hint = "The manager of the swarm refused the request for the reason above.";
                    Err(Problem::new(ProblemCode::Refused, message, hint))
                }
                Err(error) => Err(Problem::from(error)),
            }
        };
        audited(caller.audit, entry, running).await
    }
}

/// Clients of the managers that are connected, first the one that responded last.
fn managers(caller: &Caller, cluster: &ClusterPicture) -> Result<Vec<EngineClient>, Problem> {
    let mut clients = Vec::new();
    let mut problem = None;
    for name in cluster.managers() {
        match caller.engine(name) {
            Ok(client) => {
                caller.allow_actions(name);
                clients.push(client);
            }
            Err(error) => problem = Some(error),
        }
    }
    match problem {
        Some(problem) if clients.is_empty() => Err(problem),
        _ => Ok(clients),
    }
}

/// Nodes are for admins who see every container, or for everyone if sign-in is not required.
fn may_change_nodes(caller: &Caller) -> Result<(), Problem> {
    let identity = &caller.identity;
    if identity.method == AuthMethod::None {
        return caller.may_act("This server is read-only.");
    }
    if identity.role == Role::Admin && identity.scope.is_all() {
        return Ok(());
    }
    let hint = if identity.scope.is_all() {
        caller.role_hint(Role::Admin)
    } else {
        "Sign in as an admin who sees every container.".to_owned()
    };
    Err(Problem::new(ProblemCode::Role, "Nodes are changed by admins who see every container.", hint))
}

fn read<T: DeserializeOwned>(body: Result<Bytes, BytesRejection>, expected: &str) -> Result<T, Problem> {
    let body = body.map_err(|error| malformed(&error.body_text()).with_status(error.status()))?;
    // Not the struct directly: serde would accept an array.
    let fields: Result<Map<String, Value>, _> = serde_json::from_slice(&body);
    let read = fields.and_then(|fields| serde_json::from_value(Value::Object(fields)));
    read.map_err(|error| malformed(&format!("{expected}: {error}.")))
}

fn malformed(detail: &str) -> Problem {
    Problem::new(ProblemCode::Malformed, detail, "GET /api/openapi.json describes the body.")
}
