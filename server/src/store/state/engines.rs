//! The engines of the state, ordered by name.

use super::State;
use app::model::{Engine, EngineName};
use std::time::Duration;

impl State {
    /// All engines.
    pub fn engines(&self) -> &[Engine] {
        &self.engines
    }

    /// Looks up an engine.
    pub fn engine(&self, name: EngineName) -> Option<&Engine> {
        self.engines.iter().find(|engine| engine.id == name)
    }

    pub(super) fn set_engine(&mut self, mut engine: Engine) -> bool {
        let known = self.engines.iter().find(|known| known.id == engine.id);
        // The watcher sends the engine without the sampling interval.
        engine.stats_interval_millis = known.and_then(|known| known.stats_interval_millis);
        // Set below.
        engine.same_engine_as = known.map(|known| known.same_engine_as.clone()).unwrap_or_default();
        match self.engines.iter_mut().find(|known| known.id == engine.id) {
            Some(known) if *known == engine => return false,
            Some(known) => *known = engine,
            None => {
                let place = self.engines.partition_point(|known| known.id < engine.id);
                self.engines.insert(place, engine);
            }
        }
        self.compare_engine_ids();
        self.engines_changed = self.next();
        true
    }

    /// Removes an engine and its containers.
    pub(super) fn remove_engine(&mut self, name: EngineName) -> bool {
        let keys: Vec<_> = self.rows.keys().filter(|key| key.engine == name).copied().collect();
        for key in keys {
            self.remove(key);
        }
        self.sampled_by.remove(&name);
        let count = self.engines.len();
        self.engines.retain(|engine| engine.id != name);
        if self.engines.len() == count {
            return false;
        }
        self.compare_engine_ids();
        self.engines_changed = self.next();
        true
    }

    /// Adds the names of other engines with the same engine id to an engine: clones, or one engine
    /// under two names.
    fn compare_engine_ids(&mut self) {
        let ids: Vec<_> = self.engines.iter().map(|engine| (engine.id, engine.engine_id.clone())).collect();
        for engine in &mut self.engines {
            let is_same = |(name, id): &&(EngineName, Option<String>)| {
                *name != engine.id && id.is_some() && *id == engine.engine_id
            };
            engine.same_engine_as = ids.iter().filter(is_same).map(|(name, _)| *name).collect();
        }
    }

    pub(super) fn set_stats_interval(&mut self, name: EngineName, interval: Option<Duration>) -> bool {
        let millis = interval.and_then(|interval| u64::try_from(interval.as_millis()).ok());
        let engine = self.engines.iter_mut().find(|engine| engine.id == name);
        let changed =
            engine.is_some_and(|engine| std::mem::replace(&mut engine.stats_interval_millis, millis) != millis);
        if changed {
            self.engines_changed = self.next();
        }
        changed
    }
}
