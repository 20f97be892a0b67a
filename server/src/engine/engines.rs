//! All engines by name: what requests need to reach the engine of a container.

use super::{Links, Permissions};
use crate::far::link::FarServer;
use app::model::EngineName;
use std::{collections::BTreeMap, sync::Arc};

/// The engines; clones share them.
#[derive(Debug, Clone, Default)]
pub struct Engines(Arc<BTreeMap<EngineName, EngineHandle>>);

/// One engine.
#[derive(Debug, Clone)]
pub struct EngineHandle {
    /// Values of its watcher.
    pub links: Links,
    /// Calls that may be sent to it.
    pub permissions: Permissions,
    /// The Quaylight server that watches it, if this one does not itself.
    pub far: Option<FarServer>,
}

impl Engines {
    /// From the watchers.
    pub fn new(engines: impl IntoIterator<Item = (EngineName, EngineHandle)>) -> Self {
        Self(Arc::new(engines.into_iter().collect()))
    }

    /// An engine by its name.
    pub fn get(&self, name: EngineName) -> Option<&EngineHandle> {
        self.0.get(&name)
    }

    /// The engine that a request names. Never stores the text.
    pub fn find(&self, name: &str) -> Option<EngineName> {
        self.0.keys().find(|known| known.as_str() == name).copied()
    }

    /// The only engine; `None` if there are several.
    pub fn only(&self) -> Option<EngineName> {
        self.0.keys().next().filter(|_| self.0.len() == 1).copied()
    }

    /// All engines, ordered by name.
    pub fn iter(&self) -> impl Iterator<Item = (EngineName, &EngineHandle)> {
        self.0.iter().map(|(name, handle)| (*name, handle))
    }
}
