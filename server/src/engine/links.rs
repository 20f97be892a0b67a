//! What the watcher publishes about an engine, for the sampler and for requests.

use super::{EngineClient, Runs};
use app::model::{Container, ContainerId};
use clap::ValueEnum;
use std::{collections::HashMap, sync::Arc};
use tokio::sync::watch;

/// What others may ask a watcher for.
#[derive(Debug, Clone)]
pub struct Links {
    /// For the sampler.
    pub sampling: watch::Receiver<Option<SamplingLink>>,
    /// For the sampler: the containers' processes, as inspect told last.
    pub runs: watch::Receiver<Runs>,
    /// For the sampler: every container of the engine.
    pub containers: watch::Receiver<Containers>,
    /// For actions; `None` while the engine is lost.
    pub client: watch::Receiver<Option<EngineClient>>,
}

/// Every container of an engine, shared with the store.
pub type Containers = HashMap<ContainerId, Arc<Container>>;

/// What the watcher hands over while the link is up.
#[derive(Debug, Clone)]
pub struct SamplingLink {
    /// Whom to ask.
    pub client: EngineClient,
    /// How many samples may be asked for at once; see [`concurrency`].
    pub concurrency: usize,
    /// Where numbers may come from.
    pub source: SourceChoice,
    /// The host's memory in bytes, as the engine tells it.
    pub memory_total: Option<u64>,
}

/// `--stats-source`, parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SourceChoice {
    /// Files where they can be read, else the engine.
    Auto,
    /// Files only.
    Files,
    /// The engine only.
    Api,
}

/// How many one-shot calls suit an engine of this version.
///
/// From 23.0.8, 24.0.7 and 25.0 on a call is answered at once, and 8 keep an engine busy without
/// crowding others out. Older ones answer all that wait together, once a second: there, asking for
/// all at once costs 0.3 CPU seconds per 100 samples, where a stream per container costs 0.4 and
/// cannot go slower than 1 s.
pub fn concurrency(version: Option<&str>) -> usize {
    const DIRECT: usize = 8;
    const ALL_AT_ONCE: usize = 512;
    let mut parts = version.unwrap_or_default().split(['.', '-', '+']).map_while(|part| part.parse::<u32>().ok());
    let version = (parts.next(), parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    match version {
        (Some(major), minor, patch) if major < 23 || (major == 23 && minor == 0 && patch < 8) => {
            // Podman's own numbers (4.x, 5.x) do not follow Docker's; it answers at once.
            if major < 17 { DIRECT } else { ALL_AT_ONCE }
        }
        (Some(24), 0, patch) if patch < 7 => ALL_AT_ONCE,
        _ => DIRECT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_engines_are_asked_for_all_samples_at_once() {
        for old in ["20.10.24+dfsg1", "19.03.1", "23.0.7", "24.0.6"] {
            assert_eq!(concurrency(Some(old)), 512, "{old}");
        }
        for new in ["23.0.8", "24.0.7", "25.0.0", "28.5.2", "29.1.0-rc1", "5.4.0"] {
            assert_eq!(concurrency(Some(new)), 8, "{new}");
        }
        assert_eq!(concurrency(None), 8);
    }
}
