//! Logs losses of an engine: each kind at most once a minute, so that an engine that sends nonsense
//! after each connection does not fill the log.

use app::model::EngineName;
use std::{collections::BTreeMap, time::Duration};
use tokio::time::Instant;

/// Minimum time between two messages of one kind.
const INTERVAL: Duration = Duration::from_secs(60);

/// Target of the messages: log filters name the watcher.
const TARGET: &str = "server::watcher";

/// The log messages about losses of one engine.
#[derive(Debug, Default)]
pub(super) struct LossLog {
    /// Time of the last message of each kind, and number of losses since.
    kinds: BTreeMap<&'static str, (Instant, u32)>,
    is_quiet: bool,
}

impl LossLog {
    /// Records a loss of this kind. Returns the number of suppressed messages if the loss is to be
    /// logged.
    fn note(&mut self, kind: &'static str) -> Option<u32> {
        let now = Instant::now();
        let (logged_at, count) = self.kinds.entry(kind).or_insert((now, 0));
        let is_due = *count == 0 || now.duration_since(*logged_at) >= INTERVAL;
        let repeated = count.saturating_sub(1);
        (*logged_at, *count) = if is_due { (now, 1) } else { (*logged_at, *count + 1) };
        self.is_quiet = !is_due;
        is_due.then_some(repeated)
    }

    /// Logs a loss.
    pub(super) fn lost(&mut self, name: EngineName, host: &str, code: &'static str, error: &str) {
        match self.note(code) {
            Some(repeated) => {
                tracing::warn!(target: TARGET, { engine.name = %name, engine.host = host, code, error, repeated }, "engine lost");
            }
            None => {
                tracing::debug!(target: TARGET, { engine.name = %name, engine.host = host, code, error }, "engine lost");
            }
        }
    }

    /// Logs that the engine responds, unless the loss was not logged either.
    pub(super) fn up(&self, name: EngineName, host: &str, version: Option<&str>) {
        if self.is_quiet {
            tracing::debug!(target: TARGET, { engine.name = %name, engine.host = host, version }, "engine up");
        } else {
            tracing::info!(target: TARGET, { engine.name = %name, engine.host = host, version }, "engine up");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn each_kind_is_logged_once_a_minute_with_a_count() {
        let mut log = LossLog::default();
        assert_eq!(log.note("closed"), Some(0));
        assert_eq!((log.note("closed"), log.note("closed"), log.is_quiet), (None, None, true));
        assert_eq!((log.note("not_answering"), log.is_quiet), (Some(0), false));
        tokio::time::advance(INTERVAL).await;
        assert_eq!(log.note("closed"), Some(2));
        assert_eq!(log.note("closed"), None);
    }
}
