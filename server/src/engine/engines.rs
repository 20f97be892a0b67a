//! All engines by name: what requests need to reach the engine of a container.

use super::{Links, Permissions};
use crate::far::link::FarServer;
use app::model::EngineName;
use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

/// The engines, which change with the settings; clones share them.
#[derive(Debug, Clone, Default)]
pub struct Engines(Arc<RwLock<Arc<BTreeMap<EngineName, EngineHandle>>>>);

/// One engine.
#[derive(Debug, Clone)]
pub struct EngineHandle {
    /// State published by the engine's watcher.
    pub links: Links,
    /// Calls that may be sent to the engine.
    pub permissions: Permissions,
    /// The other Quaylight server that watches the engine, if there is one.
    pub far: Option<FarServer>,
}

impl Engines {
    /// Adds an engine.
    pub fn insert(&self, name: EngineName, handle: EngineHandle) {
        self.change(|engines| {
            engines.insert(name, handle);
        });
    }

    /// Removes an engine.
    pub fn remove(&self, name: EngineName) {
        self.change(|engines| {
            engines.remove(&name);
        });
    }

    fn change(&self, change: impl FnOnce(&mut BTreeMap<EngineName, EngineHandle>)) {
        change(Arc::make_mut(&mut self.0.write().unwrap_or_else(PoisonError::into_inner)));
    }

    fn current(&self) -> Arc<BTreeMap<EngineName, EngineHandle>> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// All engines by name.
    pub fn all(&self) -> Vec<(EngineName, EngineHandle)> {
        self.current().iter().map(|(name, engine)| (*name, engine.clone())).collect()
    }

    /// An engine by its name.
    pub fn get(&self, name: EngineName) -> Option<EngineHandle> {
        self.current().get(&name).cloned()
    }

    /// The engine named in a request. Never stores the text of the request.
    pub fn find(&self, name: &str) -> Option<EngineName> {
        self.current().keys().find(|known| known.as_str() == name).copied()
    }

    /// The only engine; `None` if there are several.
    pub fn only(&self) -> Option<EngineName> {
        let engines = self.current();
        engines.keys().next().filter(|_| engines.len() == 1).copied()
    }

    /// True if another Quaylight watches one of the engines.
    pub fn has_far(&self) -> bool {
        self.current().values().any(|engine| engine.far.is_some())
    }

    /// True if one of them is a manager of a swarm, or was when it was last connected.
    pub fn has_swarm_manager(&self) -> bool {
        let is_manager =
            |engine: &EngineHandle| engine.links.swarm.borrow().as_ref().is_some_and(|swarm| swarm.is_manager);
        self.current().values().any(is_manager)
    }

    /// The engines that are connected.
    pub fn connected(&self) -> Vec<EngineName> {
        let engines = self.current();
        let connected = engines.iter().filter(|(_, engine)| engine.links.client.borrow().is_some());
        connected.map(|(name, _)| *name).collect()
    }
}
