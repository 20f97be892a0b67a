//! Brings tasks and containers to what the services want.

use std::time::Duration;

use serde_json::Value;

use super::{Node, Service, State, Task, id_of, name_of};
use crate::clock::Moment;
use crate::engine::ident::digest;
use crate::engine::spec::ContainerSpec;

/// Former tasks that are kept for each slot.
const MAX_FORMER: usize = 4;

impl State {
    /// Notices ended containers, then adds, moves and removes tasks.
    pub(super) fn reconcile(&mut self, now: Moment) {
        self.notice_ends(now);
        self.leave_drained_nodes(now);
        for service in self.services.clone() {
            for (slot, node) in self.wanted(&service) {
                let has_one = |task: &Task| task.is_wanted() && task.service == service.id && task.slot == slot;
                let held =
                    self.tasks.iter().any(|task| has_one(task) && (slot > 0 || Some(&task.node) == node.as_ref()));
                if !held {
                    self.add_task(&service, slot, node, now);
                }
            }
            self.remove_beyond(&service, now);
        }
        self.place_pending(now);
        self.forget_former();
    }

    /// Ends all tasks of a service, so that others take their place.
    pub(super) fn replace_tasks(&mut self, service: &str, now: Moment) {
        let nodes = self.nodes.clone();
        for task in self.tasks.iter_mut().filter(|task| task.service == service && task.is_wanted()) {
            task.shut_down(&nodes, now);
        }
    }

    /// Slots of a service: in a global one, one for each node that may have tasks.
    fn wanted(&self, service: &Service) -> Vec<(u64, Option<String>)> {
        match service.replicas() {
            Some(replicas) => (1..=replicas).map(|slot| (slot, None)).collect(),
            None => {
                self.nodes.iter().filter(|node| node.takes_tasks()).map(|node| (0, Some(node.id.clone()))).collect()
            }
        }
    }

    fn notice_ends(&mut self, now: Moment) {
        let nodes = self.nodes.clone();
        for task in self.tasks.iter_mut().filter(|task| task.is_wanted() && task.state == "running") {
            let node = nodes.iter().find(|node| node.id == task.node);
            let Some(daemon) = node.and_then(Node::daemon) else { continue };
            let ended = daemon.act(|engine, _| match engine.find(&task.container) {
                Ok(container) if container.state.counts_as_running() => None,
                Ok(container) => Some(container.exit_code),
                Err(_) => Some(137),
            });
            if let Some(exit_code) = ended {
                (task.desired, task.state, task.exit_code, task.since) = ("shutdown", "failed", exit_code, now);
                task.error = format!("task: non-zero exit ({exit_code})");
            }
        }
    }

    fn leave_drained_nodes(&mut self, now: Moment) {
        let nodes = self.nodes.clone();
        for task in self.tasks.iter_mut().filter(|task| task.is_wanted() && !task.node.is_empty()) {
            let stays = nodes.iter().any(|node| node.id == task.node && node.availability != "drain" && !node.is_down);
            if !stays {
                task.shut_down(&nodes, now);
            }
        }
    }

    fn add_task(&mut self, service: &Service, slot: u64, node: Option<String>, now: Moment) {
        let change = self.changed();
        self.tasks.push(Task {
            id: id_of(&format!("{}:{slot}:{change}", service.id)),
            service: service.id.clone(),
            slot,
            node: node.unwrap_or_default(),
            desired: "running",
            state: "pending",
            error: String::new(),
            container: String::new(),
            exit_code: 0,
            created_at: now,
            since: now,
        });
    }

    /// Removes the tasks of slots that the service does not have any more.
    fn remove_beyond(&mut self, service: &Service, now: Moment) {
        let Some(replicas) = service.replicas() else { return };
        let nodes = self.nodes.clone();
        for task in self.tasks.iter_mut().filter(|task| task.service == service.id && task.slot > replicas) {
            task.shut_down(&nodes, now);
        }
        self.tasks.retain(|task| task.service != service.id || task.slot <= replicas);
    }

    /// Starts pending tasks on the nodes with the fewest.
    fn place_pending(&mut self, now: Moment) {
        for index in 0..self.tasks.len() {
            if !(self.tasks[index].is_wanted() && self.tasks[index].state == "pending") {
                continue;
            }
            if self.tasks[index].node.is_empty() {
                let count =
                    |node: &&Node| self.tasks.iter().filter(|task| task.is_wanted() && task.node == node.id).count();
                let Some(node) = self.nodes.iter().filter(|node| node.takes_tasks()).min_by_key(count) else {
                    let unavailable = self.nodes.len();
                    self.tasks[index].error =
                        format!("no suitable node ({unavailable} nodes not available for new tasks)");
                    continue;
                };
                self.tasks[index].node = node.id.clone();
            }
            let task = &self.tasks[index];
            let node = self.nodes.iter().find(|node| node.id == task.node).cloned();
            let service = self.services.iter().find(|service| service.id == task.service).cloned();
            if let (Some(node), Some(service)) = (node, service) {
                self.tasks[index].start(&service, &node, now);
            }
        }
    }

    fn forget_former(&mut self) {
        let mut counts = std::collections::BTreeMap::new();
        let mut kept: Vec<_> = std::mem::take(&mut self.tasks);
        kept.reverse();
        kept.retain(|task| {
            let count: &mut usize = counts.entry((task.service.clone(), task.slot)).or_default();
            *count += usize::from(!task.is_wanted());
            task.is_wanted() || *count <= MAX_FORMER
        });
        kept.reverse();
        self.tasks = kept;
    }
}

impl Node {
    fn takes_tasks(&self) -> bool {
        self.availability == "active" && !self.is_down
    }
}

impl Service {
    /// Number of replicas; `None` for a global one.
    fn replicas(&self) -> Option<u64> {
        self.spec.pointer("/Mode/Replicated").map(|mode| mode["Replicas"].as_u64().unwrap_or(1))
    }

    fn container(&self, name: &str, task: &Task, node: &Node) -> ContainerSpec {
        let of_container = |field: &str| self.spec["TaskTemplate"]["ContainerSpec"][field].clone();
        let mut spec = ContainerSpec::new(name, of_container("Image").as_str().unwrap_or("idle:1"));
        if let Value::Object(labels) = of_container("Labels") {
            spec.labels.extend(labels.into_iter().filter_map(|(key, value)| Some((key, value.as_str()?.to_owned()))));
        }
        let added = [
            ("node.id", node.id.as_str()),
            ("service.id", self.id.as_str()),
            ("service.name", name_of(&self.spec)),
            ("task", ""),
            ("task.id", task.id.as_str()),
            ("task.name", name),
        ];
        spec.labels.extend(added.map(|(key, value)| (format!("com.docker.swarm.{key}"), value.to_owned())));
        spec
    }
}

impl Task {
    fn is_wanted(&self) -> bool {
        self.desired == "running"
    }

    fn start(&mut self, service: &Service, node: &Node, now: Moment) {
        let place = if self.slot > 0 { self.slot.to_string() } else { node.id.clone() };
        let name = format!("{}.{place}.{}", name_of(&service.spec), self.id);
        self.container = digest(&self.id);
        if let Some(daemon) = node.daemon() {
            let spec = service.container(&name, self, node);
            let started = daemon.act(|engine, now| {
                let id = engine.create(spec, now)?;
                engine.start(id.as_str(), now).map(|()| id)
            });
            match started {
                Ok(id) => id.as_str().clone_into(&mut self.container),
                Err(error) => {
                    (self.desired, self.state, self.since) = ("shutdown", "rejected", now);
                    self.error = error.to_string();
                    return;
                }
            }
        }
        (self.state, self.since) = ("running", now);
        self.error.clear();
    }

    fn shut_down(&mut self, nodes: &[Node], now: Moment) {
        if let Some(daemon) = nodes.iter().find(|node| node.id == self.node).and_then(Node::daemon) {
            // It may have ended.
            let _ = daemon.act(|engine, now| engine.stop(&self.container, None, Duration::ZERO, now));
        }
        (self.desired, self.state, self.since) = ("shutdown", "shutdown", now);
    }
}
