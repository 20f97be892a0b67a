//! The containers that a restricted user has ever been able to see, so that events of removed ones
//! stay visible.

use app::model::ContainerKey;
use std::{
    collections::HashSet,
    sync::{Arc, PoisonError, RwLock},
};

/// Number of containers remembered. Beyond it, removed containers are forgotten, and so are their
/// events.
const SEEN_CAPACITY: usize = 50_000;

/// The containers that were ever in a scope; clones share them.
#[derive(Debug, Clone, Default)]
pub struct Seen(Arc<RwLock<HashSet<ContainerKey>>>);

impl Seen {
    /// True if the container was ever in the scope.
    pub fn contains(&self, key: ContainerKey) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains(&key)
    }

    /// Adds containers. Those for which `exists` is false may be forgotten.
    pub fn learn(&self, keys: impl Iterator<Item = ContainerKey>, exists: impl Fn(ContainerKey) -> bool) {
        let mut seen = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if seen.len() > SEEN_CAPACITY {
            seen.retain(|key| exists(*key));
        }
        seen.extend(keys);
    }
}
