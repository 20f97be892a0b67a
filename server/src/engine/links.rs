//! Engine data that the watcher publishes for the sampler and for requests.

use super::{EngineClient, Runs, SwarmMembership};
use app::model::{Container, ContainerId};
use clap::ValueEnum;
use std::{collections::HashMap, sync::Arc};
use tokio::sync::watch;

/// State that a watcher publishes for other stages.
#[derive(Debug, Clone)]
pub struct Links {
    /// Sampling parameters; `None` while the engine is lost.
    pub sampling: watch::Receiver<Option<SamplingLink>>,
    /// Processes of the containers, from their latest inspect.
    pub runs: watch::Receiver<Runs>,
    /// All containers of the engine, for the sampler.
    pub containers: watch::Receiver<Containers>,
    /// The client, for actions and pages; `None` while the engine is lost.
    pub client: watch::Receiver<Option<EngineClient>>,
    /// Membership of the engine in a swarm at its last connection; `None` if unknown.
    pub swarm: watch::Receiver<Option<SwarmMembership>>,
}

impl Links {
    /// Links of an engine that this server does not call itself.
    pub fn none() -> Self {
        Self {
            sampling: watch::channel(None).1,
            runs: watch::channel(Runs::default()).1,
            containers: watch::channel(Containers::default()).1,
            client: watch::channel(None).1,
            swarm: watch::channel(None).1,
        }
    }
}

/// All containers of an engine, shared with the store.
pub type Containers = HashMap<ContainerId, Arc<Container>>;

/// Sampling parameters that the watcher provides while the link is up.
#[derive(Debug, Clone)]
pub struct SamplingLink {
    /// Client of the engine.
    pub client: EngineClient,
    /// Maximum number of concurrent stats calls; see [`concurrency`].
    pub concurrency: usize,
    /// Configured source of measurements.
    pub source: SourceChoice,
    /// The host's memory in bytes, if the engine reports it.
    pub memory_total: Option<u64>,
    /// True if the engine is called over a Unix socket.
    pub is_local: bool,
}

/// `--stats-source`, parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SourceChoice {
    /// Files where they can be read, the Engine API otherwise.
    Auto,
    /// Files only.
    Files,
    /// The Engine API only.
    Api,
}

/// Number of concurrent one-shot calls for an engine version.
///
/// Since 23.0.8, 24.0.7 and 25.0, engines respond immediately, and 8 calls keep one busy without
/// blocking other clients. Older engines respond to all pending calls together, once a second;
/// there, all calls at once cost 0.3 CPU seconds per 100 samples. A stream per container would cost
/// 0.4 and cannot be slower than 1 s.
pub fn concurrency(version: Option<&str>) -> usize {
    const DIRECT: usize = 8;
    const ALL_AT_ONCE: usize = 512;
    let mut parts = version.unwrap_or_default().split(['.', '-', '+']).map_while(|part| part.parse::<u32>().ok());
    let version = (parts.next(), parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    match version {
        (Some(major), minor, patch) if major < 23 || (major == 23 && minor == 0 && patch < 8) => {
            // Podman has its own version numbers (4.x, 5.x); it responds immediately.
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
    fn old_engines_get_all_sample_requests_at_once() {
        for old in ["20.10.24+dfsg1", "19.03.1", "23.0.7", "24.0.6"] {
            assert_eq!(concurrency(Some(old)), 512, "{old}");
        }
        for new in ["23.0.8", "24.0.7", "25.0.0", "28.5.2", "29.1.0-rc1", "5.4.0"] {
            assert_eq!(concurrency(Some(new)), 8, "{new}");
        }
        assert_eq!(concurrency(None), 8);
    }
}
