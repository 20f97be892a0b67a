//! A simulated swarm: nodes, services and their tasks, shared by the engines that are its nodes.
//!
//! In: requests to managers, and the containers of the engines. Out: tasks as containers of these
//! engines, lists, and events of the managers. It is brought up to date with each request: there is
//! no scheduler of its own. A node without an engine runs its tasks, too; nothing but the swarm
//! knows their containers. Read next:
//! `swarm/orchestrator.rs`, then `swarm/json.rs`.

mod json;
mod orchestrator;

use std::sync::{Arc, Mutex, PoisonError, Weak};

use serde_json::{Value, json};

use crate::clock::Moment;
use crate::daemon::Daemon;
use crate::engine::EngineError;
use crate::engine::ident::digest;

/// A swarm. Clones share it.
#[derive(Clone, Debug)]
pub struct Swarm(Arc<Mutex<State>>);

/// What an engine is in a swarm.
#[derive(Clone, Debug)]
pub(crate) struct Membership {
    pub(crate) swarm: Swarm,
    /// Id of its node.
    pub(crate) node: String,
}

#[derive(Debug, Default)]
struct State {
    id: String,
    nodes: Vec<Node>,
    services: Vec<Service>,
    tasks: Vec<Task>,
    /// Counts changes; the version of an object is the count of its last one.
    changes: u64,
    /// Updates that something else is ahead of.
    interferences: u32,
}

#[derive(Clone, Debug)]
struct Node {
    id: String,
    name: String,
    is_manager: bool,
    availability: String,
    is_down: bool,
    version: u64,
    daemon: Option<Weak<Daemon>>,
}

#[derive(Clone, Debug)]
struct Service {
    id: String,
    version: u64,
    spec: Value,
    previous: Option<Value>,
    /// State of its last update.
    update: Option<&'static str>,
    created_at: Moment,
}

#[derive(Clone, Debug)]
struct Task {
    id: String,
    service: String,
    /// 0 in a global service.
    slot: u64,
    node: String,
    desired: &'static str,
    state: &'static str,
    error: String,
    /// Its container, on any node.
    container: String,
    exit_code: i64,
    created_at: Moment,
    since: Moment,
}

/// An id of a swarm's object: 25 letters and digits that depend on `text` only.
fn id_of(text: &str) -> String {
    format!("s{}", &digest(text)[..24])
}

impl Swarm {
    /// A swarm of which `daemon` is the leading manager, with this host name.
    #[must_use]
    pub fn init(daemon: &Arc<Daemon>, name: &str) -> Self {
        let swarm = Self(Arc::new(Mutex::new(State { id: id_of(&format!("swarm:{name}")), ..State::default() })));
        swarm.add(name, true, Some(daemon));
        swarm
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> String {
        self.lock().id.clone()
    }

    /// Adds a node: a manager or a worker, and the engine that it is. Returns its id.
    pub fn add(&self, name: &str, is_manager: bool, daemon: Option<&Arc<Daemon>>) -> String {
        let mut state = self.lock();
        let version = state.changed();
        let id = id_of(&format!("{}:{name}", state.id));
        let node = Node {
            id: id.clone(),
            name: name.to_owned(),
            is_manager,
            availability: "active".to_owned(),
            is_down: false,
            version,
            daemon: daemon.map(Arc::downgrade),
        };
        state.nodes.push(node);
        drop(state);
        if let Some(daemon) = daemon {
            daemon.set_membership(Some(Membership { swarm: self.clone(), node: id.clone() }));
        }
        self.announce("node", "create", &id, name);
        id
    }

    /// An engine leaves: its node is down.
    pub fn leave(&self, daemon: &Daemon) {
        let Some(Membership { node, .. }) = daemon.membership() else { return };
        daemon.set_membership(None);
        self.set_down(&node, true);
    }

    /// Sets whether a node is down.
    pub fn set_down(&self, id: &str, is_down: bool) {
        let mut state = self.lock();
        let version = state.changed();
        if let Some(node) = state.nodes.iter_mut().find(|node| node.id == id) {
            (node.is_down, node.version) = (is_down, version);
        }
    }

    /// Creates a service from a specification, and returns its id.
    pub fn create(&self, spec: Value, now: Moment) -> String {
        let mut state = self.lock();
        let version = state.changed();
        let name = name_of(&spec).to_owned();
        let id = id_of(&format!("{}:{name}:{version}", state.id));
        let service = Service { id: id.clone(), version, spec, previous: None, update: None, created_at: now };
        state.services.push(service);
        state.reconcile(now);
        drop(state);
        self.announce("service", "create", &id, &name);
        id
    }

    /// Creates a replicated service of `replicas` idle tasks, and returns its id.
    pub fn create_replicated(&self, name: &str, replicas: u64, labels: &Value, now: Moment) -> String {
        self.create(spec(name, &json!({"Replicated": {"Replicas": replicas}}), labels), now)
    }

    /// Creates a global service, and returns its id.
    pub fn create_global(&self, name: &str, labels: &Value, now: Moment) -> String {
        self.create(spec(name, &json!({"Global": {}}), labels), now)
    }

    /// Replaces the specification of a service.
    ///
    /// # Errors
    /// `NotFound`; `Internal` if it does not have this version; `Invalid` for a rollback without a
    /// former specification.
    pub(crate) fn update_service(
        &self,
        id: &str,
        version: Option<i64>,
        rollback: bool,
        spec: Value,
        now: Moment,
    ) -> Result<(), EngineError> {
        let mut state = self.lock();
        let changed = state.changed();
        let is_late = state.interferences > 0;
        state.interferences = state.interferences.saturating_sub(1);
        let service = state.services.iter_mut().find(|service| service.id == id);
        let service = service.ok_or_else(|| EngineError::NotFound(format!("service {id} not found")))?;
        if is_late {
            service.version = changed;
        }
        check_version(service.version, version)?;
        let former = service.spec.clone();
        service.spec = if rollback {
            let missing = || {
                EngineError::Invalid(
                    "rpc error: code = FailedPrecondition desc = service does not have a previous spec".to_owned(),
                )
            };
            service.previous.clone().ok_or_else(missing)?
        } else {
            spec
        };
        let is_same_task = former.pointer("/TaskTemplate") == service.spec.pointer("/TaskTemplate");
        (service.previous, service.version) = (Some(former), changed);
        let name = name_of(&service.spec).to_owned();
        if rollback {
            service.update = Some("rollback_completed");
        } else if !is_same_task {
            service.update = Some("completed");
        }
        if !is_same_task {
            state.replace_tasks(id, now);
        }
        state.reconcile(now);
        drop(state);
        self.announce("service", "update", id, &name);
        Ok(())
    }

    /// Replaces the specification of a node; only its availability counts.
    ///
    /// # Errors
    /// `NotFound`; `Internal` if it does not have this version.
    pub(crate) fn update_node(
        &self,
        id: &str,
        version: Option<i64>,
        spec: &Value,
        now: Moment,
    ) -> Result<(), EngineError> {
        let mut state = self.lock();
        let changed = state.changed();
        let node = state.nodes.iter_mut().find(|node| node.id == id);
        let node = node.ok_or_else(|| EngineError::NotFound(format!("node {id} not found")))?;
        check_version(node.version, version)?;
        spec["Availability"].as_str().unwrap_or("active").clone_into(&mut node.availability);
        node.version = changed;
        let name = node.name.clone();
        state.reconcile(now);
        drop(state);
        self.announce("node", "update", id, &name);
        Ok(())
    }

    /// Changes the next `times` services before an update of them arrives, which is out of sequence
    /// then.
    pub fn interfere(&self, times: u32) {
        self.lock().interferences = times;
    }

    /// Sends an event of every manager.
    fn announce(&self, kind: &'static str, action: &str, id: &str, name: &str) {
        let managers: Vec<_> =
            self.lock().nodes.iter().filter(|node| node.is_manager).filter_map(Node::daemon).collect();
        for manager in managers {
            manager.act(|engine, now| engine.announce(kind, action, id, name, now));
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Node {
    fn daemon(&self) -> Option<Arc<Daemon>> {
        self.daemon.as_ref().and_then(Weak::upgrade)
    }
}

impl State {
    fn changed(&mut self) -> u64 {
        self.changes += 1;
        self.changes
    }
}

fn check_version(held: u64, given: Option<i64>) -> Result<(), EngineError> {
    if given.and_then(|given| u64::try_from(given).ok()) == Some(held) {
        Ok(())
    } else {
        Err(EngineError::Internal("rpc error: code = Unknown desc = update out of sequence".to_owned()))
    }
}

fn name_of(spec: &Value) -> &str {
    spec["Name"].as_str().unwrap_or_default()
}

fn spec(name: &str, mode: &Value, labels: &Value) -> Value {
    json!({
        "Name": name, "Labels": labels, "Mode": mode, "EndpointSpec": {"Mode": "vip"},
        "TaskTemplate": {
            "ContainerSpec": {"Image": format!("{name}:1"), "Labels": labels, "Isolation": "default"},
            "ForceUpdate": 0, "Runtime": "container",
        },
    })
}

/// `Swarm` in `/info` of an engine outside of a swarm.
pub(crate) fn outside() -> Value {
    json!({"NodeID": "", "NodeAddr": "", "LocalNodeState": "inactive", "ControlAvailable": false, "Error": "",
           "RemoteManagers": null})
}

/// The swarm of the scenario of that name: this engine and two nodes that no engine is linked to.
pub(crate) fn demo(daemon: &Arc<Daemon>, replicas: u64) {
    let now = daemon.act(|_, now| now);
    let swarm = Swarm::init(daemon, "harbour-1");
    swarm.add("harbour-2", true, None);
    swarm.add("harbour-3", false, None);
    let of_shop = json!({"com.docker.stack.namespace": "shop"});
    let mut web = spec("shop_web", &json!({"Replicated": {"Replicas": replicas}}), &of_shop);
    web["EndpointSpec"]["Ports"] =
        json!([{"Protocol": "tcp", "TargetPort": 80, "PublishedPort": 8080, "PublishMode": "ingress"}]);
    swarm.create(web, now);
    swarm.create_replicated("shop_db", 1, &of_shop, now);
    swarm.create_replicated("shop_worker", 3, &of_shop, now);
    swarm.create_global("agent", &json!({}), now);
}
