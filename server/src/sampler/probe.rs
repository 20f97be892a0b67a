//! Whether the files of containers can be read here, tried on a few that run.

use super::Files;
use crate::engine::Runs;
use app::model::StatsSource;

/// Containers tried: one may be ending, or be the one this server runs in.
const MAX_TRIED: usize = 8;

/// Source of the samples; `None` while no container runs that could be tried. Blocks.
pub fn find_stats_source(runs: &Runs) -> Option<StatsSource> {
    let mut files = Files::here(None);
    let mut ids = runs.ids().take(MAX_TRIED).peekable();
    ids.peek()?;
    let read = ids.any(|id| files.counters(id, runs).is_some());
    Some(if read { StatsSource::Files } else { StatsSource::Api })
}
