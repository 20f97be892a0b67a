//! The lists of a manager, in the format of the Engine API.

use serde_json::{Value, json};

use super::{Node, Service, State, Swarm, Task};
use crate::clock::Moment;
use crate::engine::EngineError;

impl Swarm {
    /// `/nodes`
    pub(crate) fn nodes(&self, now: Moment) -> Vec<Value> {
        let mut state = self.lock();
        state.reconcile(now);
        state.nodes.iter().map(|node| state.node(node, now)).collect()
    }

    /// `/nodes/{id}`
    pub(crate) fn node(&self, id: &str, now: Moment) -> Result<Value, EngineError> {
        let state = self.lock();
        let found = state.nodes.iter().find(|node| node.id == id || node.name == id);
        found.map(|node| state.node(node, now)).ok_or_else(|| EngineError::NotFound(format!("node {id} not found")))
    }

    /// `/services`
    pub(crate) fn services(&self, now: Moment) -> Vec<Value> {
        let mut state = self.lock();
        state.reconcile(now);
        state.services.iter().map(|service| service.describe(now)).collect()
    }

    /// `/services/{id}`
    pub(crate) fn service(&self, id: &str, now: Moment) -> Result<Value, EngineError> {
        let state = self.lock();
        let found = state.services.iter().find(|service| service.id == id || super::name_of(&service.spec) == id);
        let found = found.map(|service| service.describe(now));
        found.ok_or_else(|| EngineError::NotFound(format!("service {id} not found")))
    }

    /// `/tasks`
    pub(crate) fn tasks(&self, now: Moment) -> Vec<Value> {
        let mut state = self.lock();
        state.reconcile(now);
        state.tasks.iter().map(Task::describe).collect()
    }

    /// `Swarm` in `/info` of a node.
    pub(crate) fn info(&self, node: &str) -> Value {
        let state = self.lock();
        let Some(node) = state.nodes.iter().find(|known| known.id == node) else { return super::outside() };
        let cluster =
            node.is_manager.then(|| json!({"ID": state.id, "Version": {"Index": 10}, "Spec": {"Name": "default"}}));
        json!({
            "NodeID": node.id, "NodeAddr": "10.9.0.1", "LocalNodeState": "active", "ControlAvailable": node.is_manager,
            "Error": "", "RemoteManagers": [], "Nodes": state.nodes.len(), "Managers": 1, "Cluster": cluster,
        })
    }

    /// True if this node is a manager.
    pub(crate) fn is_manager(&self, node: &str) -> bool {
        self.lock().nodes.iter().any(|known| known.id == node && known.is_manager)
    }
}

impl State {
    fn node(&self, node: &Node, now: Moment) -> Value {
        let leader = self.nodes.iter().find(|node| node.is_manager).map(|leader| leader.id.as_str());
        let role = if node.is_manager { "manager" } else { "worker" };
        let mut row = json!({
            "ID": node.id, "Version": {"Index": node.version}, "CreatedAt": now.to_string(), "UpdatedAt": now.to_string(),
            "Spec": {"Labels": {}, "Role": role, "Availability": node.availability},
            "Description": {
                "Hostname": node.name, "Platform": {"Architecture": "x86_64", "OS": "linux"},
                "Resources": {"NanoCPUs": 4_000_000_000_u64, "MemoryBytes": 8_000_000_000_u64},
                "Engine": {"EngineVersion": "28.5.2"},
            },
            "Status": {"State": if node.is_down { "down" } else { "ready" }, "Addr": "10.9.0.1"},
        });
        if node.is_manager {
            row["ManagerStatus"] = json!({"Reachability": "reachable", "Addr": "10.9.0.1:2377"});
            if leader == Some(node.id.as_str()) {
                row["ManagerStatus"]["Leader"] = true.into();
            }
        }
        row
    }
}

impl Service {
    fn describe(&self, now: Moment) -> Value {
        let mut row = json!({
            "ID": self.id, "Version": {"Index": self.version}, "CreatedAt": self.created_at.to_string(),
            "UpdatedAt": now.to_string(), "Spec": self.spec,
            "Endpoint": {"Spec": self.spec["EndpointSpec"], "Ports": self.spec["EndpointSpec"]["Ports"]},
        });
        if let Some(previous) = &self.previous {
            row["PreviousSpec"] = previous.clone();
        }
        if let Some(update) = self.update {
            row["UpdateStatus"] = json!({"State": update, "Message": update.replace('_', " ")});
        }
        row
    }
}

impl Task {
    fn describe(&self) -> Value {
        let mut row = json!({
            "ID": self.id, "Version": {"Index": 20}, "CreatedAt": self.created_at.to_string(), "ServiceID": self.service,
            "DesiredState": self.desired, "Spec": {},
            "Status": {"Timestamp": self.since.to_string(), "State": self.state, "Message": self.state},
        });
        if self.slot > 0 {
            row["Slot"] = self.slot.into();
        }
        if !self.node.is_empty() {
            row["NodeID"] = self.node.clone().into();
        }
        if !self.error.is_empty() {
            row["Status"]["Err"] = self.error.clone().into();
        }
        if !self.container.is_empty() {
            row["Status"]["ContainerStatus"] =
                json!({"ContainerID": self.container, "PID": 4_711, "ExitCode": self.exit_code});
        }
        row
    }
}
