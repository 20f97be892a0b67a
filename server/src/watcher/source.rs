//! Chooses the source of samples: the configured one, or the result of [`crate::sampler`]'s probe.

use super::{Observation, Watcher};
use crate::engine::SourceChoice;
use app::model::StatsSource;

impl Watcher {
    /// The source of samples; `None` if no container is running.
    pub(super) async fn stats_source(&self) -> Option<StatsSource> {
        match self.source {
            SourceChoice::Files => Some(StatsSource::Files),
            SourceChoice::Api => Some(StatsSource::Api),
            SourceChoice::Auto => {
                let (runs, find) = (self.runs.borrow().clone(), self.find_stats_source);
                // Blocking file reads of at most 1 ms, unless cgroup folders must be searched.
                tokio::task::spawn_blocking(move || find(&runs)).await.ok()?
            }
        }
    }

    /// Tries files again after a container start, unless they are already known to work.
    pub(super) async fn reconsider_stats_source(&mut self) {
        if self.source != SourceChoice::Auto || self.engine.stats_source == Some(StatsSource::Files) {
            return;
        }
        let source = self.stats_source().await;
        if source.is_some() && source != self.engine.stats_source {
            self.engine.stats_source = source;
            self.store.send(Observation::Engine(Box::new(self.engine.clone()))).await;
        }
    }
}
