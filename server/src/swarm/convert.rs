//! Converts a manager's lists to the shared model. Pure.
//!
//! In: nodes, services and tasks as JSON. Out: [`Lists`]. A field that cannot be read is unknown
//! and does not affect the others; a row is dropped only if its id is missing.

use crate::{
    engine::{JsonRef, SwarmLists, convert::time},
    secrets,
    text::plain::plain_line,
};
use app::model::{ContainerId, SwarmNode, SwarmPort, SwarmReplicas, SwarmService, SwarmTask};
use serde_json::Value;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
};

/// Label of everything that belongs to a stack.
const STACK_LABEL: &str = "com.docker.stack.namespace";
/// States that a task does not leave.
const ENDED: [&str; 6] = ["complete", "shutdown", "failed", "rejected", "remove", "orphaned"];

/// The lists of a manager.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Lists {
    pub(super) nodes: Vec<SwarmNode>,
    pub(super) services: Vec<SwarmService>,
    pub(super) tasks: Vec<SwarmTask>,
    /// Labels of each service and of its containers, by the service's id.
    pub(super) labels: BTreeMap<String, Vec<(String, String)>>,
    /// Containers of tasks, by the task's id.
    pub(super) containers: BTreeMap<String, ContainerId>,
}

impl Lists {
    /// Converts the lists.
    pub(super) fn read(lists: &SwarmLists) -> Self {
        let mut nodes: Vec<_> = lists.nodes.iter().filter_map(|row| node(JsonRef(row))).collect();
        nodes.sort_by(|one, other| (&one.name, &one.id).cmp(&(&other.name, &other.id)));
        let mut services: Vec<_> = lists.services.iter().filter_map(|row| service(JsonRef(row))).collect();
        services.sort_by(|one, other| (&one.name, &one.id).cmp(&(&other.name, &other.id)));
        let labels = lists.services.iter().filter_map(|row| labels(JsonRef(row))).collect();
        let containers = lists.tasks.iter().filter_map(|row| container(JsonRef(row))).collect();
        let tasks = tasks(&lists.tasks, &services, &nodes);
        count(&mut services, &tasks, &nodes);
        Self { nodes, services, tasks, labels, containers }
    }
}

/// A text on one line, without secrets; `None` if it is empty.
fn text(json: JsonRef<'_>, pointer: &str) -> Option<String> {
    json.text(pointer).map(|text| plain_line(&secrets::message(text))).filter(|text| !text.is_empty())
}

/// A word of Docker's; `otherwise` if it is missing.
fn word(json: JsonRef<'_>, pointer: &str, otherwise: &str) -> String {
    text(json, pointer).unwrap_or_else(|| otherwise.to_owned())
}

fn node(row: JsonRef<'_>) -> Option<SwarmNode> {
    let id = row.owned("/ID")?;
    let name = text(row, "/Description/Hostname").or_else(|| text(row, "/Spec/Name")).unwrap_or_else(|| id.clone());
    Some(SwarmNode {
        name,
        role: word(row, "/Spec/Role", "worker"),
        availability: word(row, "/Spec/Availability", "active"),
        state: word(row, "/Status/State", "unknown"),
        message: text(row, "/Status/Message").or_else(|| text(row, "/ManagerStatus/Message")),
        leader: row.flag("/ManagerStatus/Leader"),
        engine: None,
        id,
    })
}

fn service(row: JsonRef<'_>) -> Option<SwarmService> {
    let id = row.owned("/ID")?;
    let mode = row.at("/Spec/Mode");
    let (mode, desired) = match ["Replicated", "Global", "ReplicatedJob", "GlobalJob"].map(|name| mode.0.get(name)) {
        [_, Some(_), ..] => ("global", 0),
        [_, _, Some(_), _] => ("replicated-job", 0),
        [.., Some(_)] => ("global-job", 0),
        // One replica unless a number is given.
        [_, None, None, None] => ("replicated", mode.number("/Replicated/Replicas").unwrap_or(1)),
    };
    let image = row.text("/Spec/TaskTemplate/ContainerSpec/Image").unwrap_or_default();
    // Managers keep the ports of the specification up to date in the endpoint, with chosen numbers.
    let endpoint = ["/Endpoint/Ports", "/Endpoint/Spec/Ports", "/Spec/EndpointSpec/Ports"];
    let ports = endpoint.map(|place| ports(row, place)).into_iter().find(|ports| !ports.is_empty());
    Some(SwarmService {
        name: text(row, "/Spec/Name").unwrap_or_else(|| id.clone()),
        stack: row.at("/Spec/Labels").field(STACK_LABEL).0.as_str().filter(|stack| !stack.is_empty()).map(plain_line),
        image: secrets::truncated(&plain_line(image.split_once('@').map_or(image, |(name, _)| name))),
        mode: mode.to_owned(),
        replicas: SwarmReplicas { running: 0, desired },
        update_state: text(row, "/UpdateStatus/State"),
        update_message: text(row, "/UpdateStatus/Message"),
        ports: ports.unwrap_or_default(),
        can_roll_back: row.at("/PreviousSpec").0.is_object(),
        id,
    })
}

fn ports(row: JsonRef<'_>, place: &str) -> Vec<SwarmPort> {
    let port = |port: JsonRef<'_>| {
        Some(SwarmPort {
            public_port: port.count("/PublishedPort").and_then(|port| u16::try_from(port).ok()),
            private_port: u16::try_from(port.count("/TargetPort")?).ok()?,
            protocol: word(port, "/Protocol", "tcp"),
            mode: word(port, "/PublishMode", "ingress"),
        })
    };
    let mut ports: Vec<_> = row.list(place).filter_map(port).collect();
    ports.sort_unstable();
    ports.dedup();
    ports
}

/// Labels by which a scope selects a service: its own, those of its containers, and those that the
/// swarm adds to its containers.
fn labels(row: JsonRef<'_>) -> Option<(String, Vec<(String, String)>)> {
    let id = row.owned("/ID")?;
    let own = ["/Spec/Labels", "/Spec/TaskTemplate/ContainerSpec/Labels"].map(|place| row.fields(place));
    let own = own.into_iter().flatten().filter_map(|(name, value)| Some((name.to_owned(), value.scalar()?)));
    let added = [("id", row.text("/ID")), ("name", row.text("/Spec/Name"))];
    let added = added
        .into_iter()
        .filter_map(|(name, value)| Some((format!("com.docker.swarm.service.{name}"), value?.to_owned())));
    Some((id, own.chain(added).collect()))
}

/// The container of a task, while it has one.
fn container(row: JsonRef<'_>) -> Option<(String, ContainerId)> {
    Some((row.owned("/ID")?, row.text("/Status/ContainerStatus/ContainerID")?.parse().ok()?))
}

fn tasks(rows: &[Value], services: &[SwarmService], nodes: &[SwarmNode]) -> Vec<SwarmTask> {
    let services: HashMap<_, _> = services.iter().map(|service| (service.id.as_str(), service.name.as_str())).collect();
    let nodes: HashMap<_, _> = nodes.iter().map(|node| (node.id.as_str(), node.name.as_str())).collect();
    let mut tasks: Vec<_> = rows
        .iter()
        .filter_map(|row| {
            let row = JsonRef(row);
            let task = task(row, &services, &nodes)?;
            let created_at = row.text("/CreatedAt").and_then(time);
            let is_over = task.desired_state != "running" && ENDED.contains(&task.state.as_str());
            let node = task.slot.is_none().then(|| task.node_name.clone());
            let place = (task.service_name.clone(), task.service.clone(), task.slot, node);
            Some(((place, is_over, Reverse(created_at), task.id.clone()), task))
        })
        .collect();
    tasks.sort_by(|(one, _), (other, _)| one.cmp(other));
    tasks.into_iter().map(|(_, task)| task).collect()
}

fn task(row: JsonRef<'_>, services: &HashMap<&str, &str>, nodes: &HashMap<&str, &str>) -> Option<SwarmTask> {
    // A task without a service attaches a container to a network.
    let (id, service) = (row.owned("/ID")?, row.owned("/ServiceID")?);
    let state = word(row, "/Status/State", "unknown");
    let has_ended = ENDED.contains(&state.as_str());
    let exit_code = row.at("/Status/ContainerStatus/ExitCode").as_i64().filter(|_| has_ended);
    let rejected = text(row, "/Status/Message").filter(|_| state == "rejected");
    let node = row.owned("/NodeID");
    Some(SwarmTask {
        service_name: services.get(service.as_str()).map_or_else(|| service.clone(), |name| (*name).to_owned()),
        slot: row.count("/Slot"),
        node_name: node
            .as_deref()
            .map(|node| nodes.get(node).map_or_else(|| node.to_owned(), |name| (*name).to_owned())),
        node,
        desired_state: word(row, "/DesiredState", "unknown"),
        state,
        error: text(row, "/Status/Err").or(rejected),
        exit_code,
        since: row.text("/Status/Timestamp").and_then(time),
        container: None,
        id,
        service,
    })
}

/// Counts the tasks of each service.
fn count(services: &mut [SwarmService], tasks: &[SwarmTask], nodes: &[SwarmNode]) {
    let down: Vec<_> = nodes.iter().filter(|node| node.state == "down").map(|node| node.id.as_str()).collect();
    let mut counts: HashMap<&str, (u64, u64)> = HashMap::new();
    for task in tasks {
        // Tasks of jobs are to be complete.
        let is_wanted = matches!(task.desired_state.as_str(), "running" | "complete");
        let is_on_a_node = !task.node.as_deref().is_some_and(|node| down.contains(&node));
        let (running, wanted) = counts.entry(&task.service).or_default();
        *running += u64::from(is_wanted && task.state == "running" && is_on_a_node);
        *wanted += u64::from(is_wanted && !ENDED.contains(&task.state.as_str()));
    }
    for service in services {
        let (running, wanted) = counts.get(service.id.as_str()).copied().unwrap_or_default();
        service.replicas.running = running;
        if service.mode != "replicated" {
            service.replicas.desired = wanted;
        }
    }
}

#[cfg(test)]
mod tests;
