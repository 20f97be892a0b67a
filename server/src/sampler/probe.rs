//! Determines the source of measurements by trying to read the files of a few containers.

use super::Files;
use crate::engine::Runs;
use app::model::StatsSource;

/// Maximum number of containers to try, because one may be exiting or be this server's own.
const MAX_TRIED: usize = 8;

/// Finds the source of samples; `None` if no container is running. Blocks.
pub fn find_stats_source(runs: &Runs) -> Option<StatsSource> {
    let mut files = Files::here(None);
    let mut ids = runs.ids().take(MAX_TRIED).peekable();
    ids.peek()?;
    let read = ids.any(|id| files.counters(id, runs).is_some());
    Some(if read { StatsSource::Files } else { StatsSource::Api })
}
