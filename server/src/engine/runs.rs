//! Main process and network of each running container, which are needed to read its files.
//!
//! In: inspect. Owned by the watcher, read by the sampler; not part of the stream.

use app::model::{ContainerId, Timestamp};
use std::collections::HashMap;

/// One run of a container, from a start to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Start time.
    pub started_at: Option<Timestamp>,
    /// PID of the main process on the engine's host; 0 if unknown.
    pub pid: u32,
    /// Network namespace of the run.
    pub network: Network,
}

/// Network namespace of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Network {
    /// A namespace of its own.
    Own,
    /// The host's namespace, which is not measured.
    Host,
    /// The namespace of another container, by id; both containers have the same traffic.
    Of(String),
}

impl Network {
    /// Parses the engine's network mode.
    pub fn from_mode(mode: &str) -> Self {
        match mode.split_once(':') {
            None if mode == "host" => Self::Host,
            Some(("container", whose)) => Self::Of(whose.to_owned()),
            _ => Self::Own,
        }
    }
}

/// Runs of all containers with processes, and the networks of all containers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Runs {
    runs: HashMap<ContainerId, Run>,
    networks: HashMap<ContainerId, Network>,
}

impl Runs {
    /// The run of a container.
    pub fn get(&self, id: ContainerId) -> Option<&Run> {
        self.runs.get(&id)
    }

    /// Ids of the containers with processes.
    pub fn ids(&self) -> impl Iterator<Item = ContainerId> {
        self.runs.keys().copied()
    }

    /// Sets run and network of a container from inspect. Returns true if they changed.
    pub fn insert(&mut self, id: ContainerId, run: Option<Run>, network: Network) -> bool {
        let is_known = self.runs.get(&id) == run.as_ref() && self.networks.get(&id) == Some(&network);
        self.networks.insert(id, network);
        match run {
            Some(run) => self.runs.insert(id, run),
            None => self.runs.remove(&id),
        };
        !is_known
    }

    /// Removes a run. Returns true if there was one.
    pub fn end(&mut self, id: ContainerId) -> bool {
        self.runs.remove(&id).is_some()
    }

    /// Removes a container. Returns true if it was known.
    pub fn remove(&mut self, id: ContainerId) -> bool {
        self.networks.remove(&id).is_some() | self.end(id)
    }

    /// True if a network resolves to the host's; `None` if the network belongs to an unknown
    /// container.
    pub fn share_host(&self, network: &Network) -> Option<bool> {
        /// Maximum length of a chain of shared networks. Containers can only join older ones, so
        /// chains end; this guards against invalid responses.
        const MAX_CHAIN_LENGTH: usize = 16;
        let mut network = network;
        for _ in 0..MAX_CHAIN_LENGTH {
            match network {
                Network::Own => return Some(false),
                Network::Host => return Some(true),
                Network::Of(whose) => network = self.networks.get(&whose.parse().ok()?)?,
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_network_is_resolved_to_its_owner() {
        let [a, b, c] = ["aa", "bb", "cc"].map(|pair| pair.repeat(32));
        let modes = [(&a, "host"), (&b, &format!("container:{a}")), (&c, "bridge")];
        let mut runs = Runs::default();
        for (id, mode) in modes {
            // The network's owner stays known while none of them is running.
            runs.insert(id.parse().unwrap_or_else(|error| panic!("{error}")), None, Network::from_mode(mode));
        }
        let shares = |mode: &str| runs.share_host(&Network::from_mode(mode));
        assert_eq!((shares("host"), shares("none"), shares("shop_default")), (Some(true), Some(false), Some(false)));
        assert_eq!(shares(&format!("container:{b}")), Some(true)); // b joined a, which has the host's
        assert_eq!(shares(&format!("container:{c}")), Some(false));
        assert_eq!(shares("container:web"), None);
    }

    #[test]
    fn circular_network_references_have_no_owner() {
        let a = "aa".repeat(32);
        let mut runs = Runs::default();
        runs.insert(a.parse().unwrap_or_else(|error| panic!("{error}")), None, Network::Of(a.clone()));
        assert_eq!(runs.share_host(&Network::Of(a)), None);
    }
}
