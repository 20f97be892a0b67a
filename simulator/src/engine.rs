//! The engine: plain state without HTTP, timers or a clock.
//!
//! In: actions with the current time. Out: results, and events in an outbox that
//! [`crate::daemon::Daemon`] empties after each action. Later actions are in a heap that
//! [`Engine::advance`] processes. Read next: `engine/lifecycle.rs`.

pub mod container;
pub mod error;
pub mod event;
pub mod extras;
pub mod health;
pub mod ident;
pub mod lifecycle;
pub mod load;
mod process;
pub mod program;
pub mod registry;
pub mod script;
pub mod seeding;
pub mod service;
pub mod settings;
pub mod signal;
pub mod spec;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

pub use container::{Container, State};
pub use error::EngineError;
pub use event::Event;
pub use health::HealthStatus;
pub use ident::ContainerId;
pub use settings::{CgroupVersion, Release, Settings, Stamps};
pub use spec::ContainerSpec;

use crate::clock::Moment;
use ident::Idents;
use registry::Image;

/// All containers and images of one engine.
#[derive(Debug)]
pub struct Engine {
    pub(crate) settings: Settings,
    containers: BTreeMap<ContainerId, Container>,
    names: BTreeMap<String, ContainerId>,
    images: BTreeMap<String, Image>,
    idents: Idents,
    outbox: Vec<Event>,
    /// Times at which to check a container. Pending actions are stored in the container, so an
    /// outdated time has no effect.
    alarms: BinaryHeap<Reverse<(Moment, ContainerId)>>,
    next_pid: u32,
    last_event_nano: i64,
}

impl Engine {
    /// An engine without containers.
    #[must_use]
    pub fn new(settings: Settings, seed: u64) -> Self {
        Self {
            settings,
            containers: BTreeMap::new(),
            names: BTreeMap::new(),
            images: BTreeMap::new(),
            idents: Idents::new(seed),
            outbox: Vec::new(),
            alarms: BinaryHeap::new(),
            next_pid: 2_000,
            last_event_nano: 0,
        }
    }

    /// All containers, by id.
    pub fn containers(&self) -> impl ExactSizeIterator<Item = &Container> {
        self.containers.values()
    }

    /// The container with this id, name or unambiguous id prefix.
    ///
    /// # Errors
    /// `NoSuchContainer`, or `Invalid` for an ambiguous id prefix.
    pub fn find(&self, reference: &str) -> Result<&Container, EngineError> {
        let id = self.resolve(reference)?;
        self.containers.get(&id).ok_or_else(|| EngineError::NoSuchContainer(reference.to_owned()))
    }

    /// Sets the precision of log timestamps, including those of earlier lines.
    pub fn set_log_stamps(&mut self, stamps: Stamps) {
        self.settings.log_stamps = stamps;
    }

    /// Takes the events since the last call, oldest first, each with a different time.
    pub fn take_events(&mut self) -> Vec<Event> {
        let mut events = std::mem::take(&mut self.outbox);
        for event in &mut events {
            // Clients distinguish events by their time; a real engine never has two in one
            // nanosecond.
            event.time_nano = event.time_nano.max(self.last_event_nano + 1);
            self.last_event_nano = event.time_nano;
        }
        events
    }

    /// Time of the next pending action.
    #[must_use]
    pub fn next_due(&self) -> Option<Moment> {
        self.alarms.peek().map(|Reverse((at, _))| *at)
    }

    /// Runs all actions due by `now`, in order.
    pub fn advance(&mut self, now: Moment) {
        while self.next_due().is_some_and(|at| at <= now) {
            let Some(Reverse((at, id))) = self.alarms.pop() else { return };
            self.run_due(&id, at);
        }
    }

    pub(super) fn resolve(&self, reference: &str) -> Result<ContainerId, EngineError> {
        let wanted = reference.strip_prefix('/').unwrap_or(reference);
        if let Some(id) = self.names.get(wanted) {
            return Ok(id.clone());
        }
        let mut found = self.containers.keys().filter(|id| !wanted.is_empty() && id.as_str().starts_with(wanted));
        match (found.next(), found.next()) {
            (Some(id), None) => Ok(id.clone()),
            (Some(_), Some(_)) => {
                Err(EngineError::Invalid(format!("Multiple IDs found with provided prefix: {wanted}")))
            }
            (None, _) => Err(EngineError::NoSuchContainer(reference.to_owned())),
        }
    }

    /// Applies `change` to the container and resets its alarm.
    fn edit<T>(&mut self, id: &ContainerId, change: impl FnOnce(&mut Container) -> T) -> Option<T> {
        let container = self.containers.get_mut(id)?;
        let result = change(container);
        if let Some(at) = container.due.next() {
            self.alarms.push(Reverse((at, id.clone())));
        }
        Some(result)
    }

    fn emit(&mut self, id: &ContainerId, action: &str, extra: &[(&str, &str)], now: Moment) {
        if let Some(container) = self.containers.get(id) {
            self.outbox.push(Event::for_container(container, action, extra, now));
        }
    }

    /// Sends an event of a swarm.
    pub(crate) fn announce(&mut self, kind: &'static str, action: &str, id: &str, name: &str, now: Moment) {
        self.outbox.push(Event::for_swarm(kind, action, id, name, now));
    }

    fn emit_networks(&mut self, id: &ContainerId, action: &str, now: Moment) {
        let Some(container) = self.containers.get(id) else { return };
        let networks = container.networks();
        let events =
            networks.iter().map(|(name, network_id)| Event::for_network(container, name, network_id, action, now));
        self.outbox.extend(events);
    }
}
