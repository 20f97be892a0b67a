//! Where an engine's numbers come from, as far as can be told: by reading the files of one of its containers.

use super::{Observation, Watcher};
use crate::engine::SourceChoice;
use app::model::StatsSource;

impl Watcher {
    /// What is known; `None` while no container runs that could be tried.
    pub(super) async fn stats_source(&self) -> Option<StatsSource> {
        match self.source {
            SourceChoice::Files => Some(StatsSource::Files),
            SourceChoice::Api => Some(StatsSource::Api),
            SourceChoice::Auto => {
                let (runs, find) = (self.runs.borrow().clone(), self.find_stats_source);
                // Reads files, a millisecond at most where nothing has to be looked for.
                tokio::task::spawn_blocking(move || find(&runs)).await.ok()?
            }
        }
    }

    /// Tries again after a start, while all that is known is that the engine has to be asked.
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
