//! The state of a swarm in words. Pure, but for the badge.

use crate::prelude::*;
use crate::{
    format::listed,
    model::{ContainerKey, EngineName, SwarmCluster, SwarmNode, SwarmPort, SwarmReplicas, SwarmService, SwarmTask},
    parts::icon::{Glyph, Icon},
};

/// Former tasks of a slot that are shown at first, if they have an error.
const SHOWN_FAILURES: usize = 1;

/// `Managers: ams-1. 3 nodes, 4 services, 9 of 10 tasks running`.
pub fn summary(cluster: &SwarmCluster) -> String {
    let managers: Vec<_> = cluster.managers.iter().copied().map(EngineName::as_str).collect();
    let (running, desired) = cluster.services.iter().fold((0, 0), |(running, desired), service| {
        (running + service.replicas.running, desired + service.replicas.desired)
    });
    let (nodes, services) = (cluster.nodes.len(), cluster.services.len());
    format!(
        "{} {}, {}, {}, {running} of {desired} tasks running",
        if managers.len() == 1 { "Manager" } else { "Managers" },
        listed(&managers),
        counted(nodes, "node"),
        counted(services, "service"),
    )
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// A state, by shape and word.
pub fn badge(tone: &'static str, words: String) -> Erased {
    let glyph = match tone {
        "running" => Glyph::Disc,
        "failed" => Glyph::Warning,
        "paused" => Glyph::Pause,
        _ => Glyph::Circle,
    };
    view! {
        <span class=format!("state-badge state-badge--{tone}")>
            <Icon glyph />
            {words}
        </span>
    }
    .erased()
}

/// Tone of the number of running tasks.
pub fn replicas_tone(SwarmReplicas { running, desired }: SwarmReplicas) -> &'static str {
    match (running, desired) {
        (0, 0) => "exited",
        (running, desired) if running == desired => "running",
        (0, _) => "failed",
        _ => "restarting",
    }
}

/// `3 of 4`.
pub fn replicas_words(SwarmReplicas { running, desired }: SwarmReplicas) -> String {
    format!("{running} of {desired}")
}

/// `update paused: …`; empty without an update, and once it is complete.
pub fn update_words(service: &SwarmService) -> String {
    let state = match service.update_state.as_deref() {
        None | Some("completed") => return String::new(),
        Some("updating") => "updating".to_owned(),
        Some("paused") => "update paused".to_owned(),
        Some("rollback_started") => "rolling back".to_owned(),
        Some("rollback_paused") => "rollback paused".to_owned(),
        Some("rollback_completed") => "rolled back".to_owned(),
        Some(other) => other.replace('_', " "),
    };
    match &service.update_message {
        // Otherwise the message says the same again.
        Some(message) if state.ends_with("paused") => format!("{state}: {message}"),
        _ => state,
    }
}

/// `8080 → 80/tcp`; `host` for a port of the task's node only.
pub fn port_words(port: &SwarmPort) -> String {
    let public = port.public_port.map_or_else(|| "any".to_owned(), |port| port.to_string());
    let mode = if port.mode == "host" { " (host)" } else { "" };
    format!("{public} → {}/{}{mode}", port.private_port, port.protocol)
}

/// Tone of a task's or node's state.
pub fn state_tone(state: &str) -> &'static str {
    match state {
        "running" | "ready" => "running",
        "failed" | "rejected" | "orphaned" | "down" | "disconnected" => "failed",
        "complete" | "shutdown" | "remove" | "unknown" => "exited",
        _ => "restarting",
    }
}

/// `running`; `starting, should be running`; `running, should be shutdown`.
pub fn task_state(task: &SwarmTask) -> String {
    let has_ended = matches!(state_tone(&task.state), "exited" | "failed");
    // A former task, and one that does what it should.
    let is_expected = task.state == task.desired_state || (has_ended && task.desired_state != "running");
    if is_expected { task.state.clone() } else { format!("{}, should be {}", task.state, task.desired_state) }
}

/// `1`; the node for a global service.
pub fn slot_words(task: &SwarmTask) -> String {
    task.slot.map_or_else(|| "–".to_owned(), |slot| slot.to_string())
}

/// `Exited with 137: task: non-zero exit (137)`; empty without an error.
pub fn error_words(task: &SwarmTask) -> String {
    match (&task.error, task.exit_code) {
        (Some(error), _) => error.clone(),
        (None, Some(code)) if code != 0 => format!("exited with {code}"),
        _ => String::new(),
    }
}

/// True for a task that is over and was replaced.
pub fn is_former(task: &SwarmTask) -> bool {
    task.desired_state != "running" && task.desired_state != "complete" && state_tone(&task.state) != "running"
}

/// A task and its node.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TaskPlace {
    /// The task.
    pub task: SwarmTask,
    /// Label of its node; a dash before one is assigned.
    pub node: String,
    /// True if an engine is its node.
    pub is_linked: bool,
}

impl TaskPlace {
    /// The place of a task among these nodes.
    pub fn of(task: &SwarmTask, nodes: &[SwarmNode]) -> Self {
        let node = nodes.iter().find(|node| Some(&node.id) == task.node.as_ref());
        let name = || task.node_name.clone().unwrap_or_else(|| "–".to_owned());
        Self {
            task: task.clone(),
            node: node.map_or_else(name, |node| node_label(node, nodes)),
            is_linked: node.is_some_and(|node| node.engine.is_some()),
        }
    }
}

/// Name of a node; if others have the same, with its engine or the start of its id.
pub fn node_label(node: &SwarmNode, nodes: &[SwarmNode]) -> String {
    let is_unique = nodes.iter().filter(|other| other.name == node.name).count() < 2;
    let other = || node.engine.map_or_else(|| node.id.chars().take(8).collect(), |engine| engine.to_string());
    if is_unique { node.name.clone() } else { format!("{} ({})", node.name, other()) }
}

/// The tasks to show: current ones, and the newest failed one of each slot; with `all`, every one.
pub fn shown(tasks: &[TaskPlace], all: bool) -> Vec<TaskPlace> {
    let mut failures: Vec<(Option<u64>, Option<String>)> = Vec::new();
    let mut is_shown = |task: &SwarmTask| {
        if all || !is_former(task) {
            return true;
        }
        let place = (task.slot, task.node.clone().filter(|_| task.slot.is_none()));
        let earlier = failures.iter().filter(|known| **known == place).count();
        let is_new = !error_words(task).is_empty() && earlier < SHOWN_FAILURES;
        if is_new {
            failures.push(place);
        }
        is_new
    };
    tasks.iter().filter(|place| is_shown(&place.task)).cloned().collect()
}

/// Containers of the current tasks on nodes that are engines.
pub fn logged(tasks: &[TaskPlace]) -> Vec<ContainerKey> {
    let current = tasks.iter().map(|place| &place.task).filter(|task| !is_former(task));
    current.filter_map(|task| task.container).map(|container| container.key()).collect()
}

/// `Manager, leader`.
pub fn role_words(node: &SwarmNode) -> String {
    let role = if node.role == "manager" { "manager" } else { node.role.as_str() };
    if node.leader { format!("{role}, leader") } else { role.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(id: &str, slot: u64, desired: &str, state: &str, error: Option<&str>) -> SwarmTask {
        SwarmTask {
            id: id.to_owned(),
            slot: Some(slot),
            desired_state: desired.to_owned(),
            state: state.to_owned(),
            error: error.map(str::to_owned),
            ..SwarmTask::default()
        }
    }

    #[test]
    fn a_task_that_differs_from_what_the_swarm_wants_is_explained() {
        let words = |desired: &str, state: &str| task_state(&task("t", 1, desired, state, None));
        assert_eq!(words("running", "running"), "running");
        assert_eq!(words("running", "preparing"), "preparing, should be running");
        assert_eq!(words("shutdown", "running"), "running, should be shutdown");
        assert_eq!(words("shutdown", "failed"), "failed");
        assert_eq!(words("running", "failed"), "failed, should be running");
        assert_eq!(words("complete", "complete"), "complete");
    }

    #[test]
    fn former_tasks_are_hidden_except_the_newest_failure_of_each_slot() {
        let tasks = [
            task("t1", 1, "running", "running", None),
            task("t2", 1, "shutdown", "shutdown", None),
            task("t3", 1, "shutdown", "failed", Some("exit 1")),
            task("t4", 1, "shutdown", "failed", Some("exit 1")),
            task("t5", 2, "running", "pending", Some("no suitable node")),
        ];
        let tasks = tasks.each_ref().map(|task| TaskPlace::of(task, &[]));
        let ids = |all| shown(&tasks, all).into_iter().map(|place| place.task.id).collect::<Vec<_>>();
        assert_eq!(ids(false), ["t1", "t3", "t5"]);
        assert_eq!(ids(true).len(), 5);
    }

    #[test]
    fn nodes_of_the_same_name_are_told_apart() {
        let node = |id: &str, engine: Option<&str>| SwarmNode {
            id: id.to_owned(),
            name: "vm".to_owned(),
            engine: engine.map(|name| EngineName::new(name).unwrap_or_default()),
            ..SwarmNode::default()
        };
        let nodes = [node("iz8wcfw5a89g", Some("ams-1")), node("9a4c82tctf53", None)];
        assert_eq!(nodes.each_ref().map(|node| node_label(node, &nodes)), ["vm (ams-1)", "vm (9a4c82tc)"]);
        assert_eq!(node_label(&nodes[0], &nodes[..1]), "vm");
        let task = SwarmTask { node: Some("iz8wcfw5a89g".to_owned()), ..SwarmTask::default() };
        let place = TaskPlace::of(&task, &nodes);
        assert_eq!((place.node.as_str(), place.is_linked), ("vm (ams-1)", true));
    }

    #[test]
    fn replicas_stand_out_if_they_differ() {
        let tone = |running, desired| replicas_tone(SwarmReplicas { running, desired });
        assert_eq!([tone(4, 4), tone(3, 4), tone(0, 4), tone(0, 0)], ["running", "restarting", "failed", "exited"]);
    }

    #[test]
    fn updates_are_mentioned_until_they_are_complete() {
        let words = |state: &str| {
            let (update_state, update_message) = (Some(state.to_owned()), Some("task t1 failed".to_owned()));
            update_words(&SwarmService { update_state, update_message, ..SwarmService::default() })
        };
        assert_eq!(words("completed"), "");
        assert_eq!(words("updating"), "updating");
        assert_eq!(words("paused"), "update paused: task t1 failed");
        assert_eq!(words("rollback_completed"), "rolled back");
        assert_eq!(update_words(&SwarmService::default()), "");
    }

    #[test]
    fn a_cluster_is_summed_up() {
        let service = SwarmService { replicas: SwarmReplicas { running: 3, desired: 4 }, ..SwarmService::default() };
        let cluster = SwarmCluster {
            managers: vec![EngineName::new("ams-1").unwrap_or_default()],
            nodes: vec![SwarmNode::default(), SwarmNode::default()],
            services: vec![service],
            ..SwarmCluster::default()
        };
        assert_eq!(summary(&cluster), "Manager ams-1, 2 nodes, 1 service, 3 of 4 tasks running");
    }

    #[test]
    fn ports_name_both_sides() {
        let port =
            SwarmPort { public_port: Some(8080), private_port: 80, protocol: "tcp".into(), mode: "ingress".into() };
        assert_eq!(port_words(&port), "8080 → 80/tcp");
        assert_eq!(port_words(&SwarmPort { public_port: None, mode: "host".into(), ..port }), "any → 80/tcp (host)");
    }
}
