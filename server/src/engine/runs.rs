//! What reading a container's files takes, and no reader of the stream has to know: its first process and its network.
//!
//! In: inspect. Owned by the watcher, read by the sampler.

use app::model::{ContainerId, Timestamp};
use std::collections::HashMap;

/// From a start to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// Its first process, as the engine's host counts processes; 0 when the engine does not tell.
    pub pid: u32,
    /// Whose network it uses.
    pub network: Network,
}

/// Whose network a container uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Network {
    /// One of its own.
    Own,
    /// The host's: nothing is counted.
    Host,
    /// That of another container, by the name the engine gives it: both tell the same bytes.
    Of(String),
}

impl Network {
    /// From the engine's network mode.
    pub fn from_mode(mode: &str) -> Self {
        match mode.split_once(':') {
            None if mode == "host" => Self::Host,
            Some(("container", whose)) => Self::Of(whose.to_owned()),
            _ => Self::Own,
        }
    }
}

/// The run of every container that has processes, and whose network each container uses, whether it runs or not.
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

    /// The containers that have processes.
    pub fn ids(&self) -> impl Iterator<Item = ContainerId> {
        self.runs.keys().copied()
    }

    /// Takes in what inspect says of a container: its run, if it has processes, and its network. Whether that is news.
    pub fn insert(&mut self, id: ContainerId, run: Option<Run>, network: Network) -> bool {
        let is_known = self.runs.get(&id) == run.as_ref() && self.networks.get(&id) == Some(&network);
        self.networks.insert(id, network);
        match run {
            Some(run) => self.runs.insert(id, run),
            None => self.runs.remove(&id),
        };
        !is_known
    }

    /// Its run is over; whether that is news.
    pub fn end(&mut self, id: ContainerId) -> bool {
        self.runs.remove(&id).is_some()
    }

    /// It is gone; whether that is news.
    pub fn remove(&mut self, id: ContainerId) -> bool {
        self.networks.remove(&id).is_some() | self.end(id)
    }

    /// Whether a network is the host's, in the end; `None` when it is that of a container nobody knows.
    pub fn share_host(&self, network: &Network) -> Option<bool> {
        /// A container can only join one that was there before it, so a chain ends; this is for an engine that says otherwise.
        const LONGEST: usize = 16;
        let mut network = network;
        for _ in 0..LONGEST {
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
    fn a_joined_network_is_followed_to_its_owner() {
        let [a, b, c] = ["aa", "bb", "cc"].map(|pair| pair.repeat(32));
        let modes = [(&a, "host"), (&b, &format!("container:{a}")), (&c, "bridge")];
        let mut runs = Runs::default();
        for (id, mode) in modes {
            // None of them runs: whose network it is stays known.
            runs.insert(id.parse().unwrap_or_else(|error| panic!("{error}")), None, Network::from_mode(mode));
        }
        let shares = |mode: &str| runs.share_host(&Network::from_mode(mode));
        assert_eq!((shares("host"), shares("none"), shares("shop_default")), (Some(true), Some(false), Some(false)));
        assert_eq!(shares(&format!("container:{b}")), Some(true)); // b joined a, which has the host's
        assert_eq!(shares(&format!("container:{c}")), Some(false));
        assert_eq!(shares("container:web"), None);
    }

    #[test]
    fn a_ring_has_no_end() {
        let a = "aa".repeat(32);
        let mut runs = Runs::default();
        runs.insert(a.parse().unwrap_or_else(|error| panic!("{error}")), None, Network::Of(a.clone()));
        assert_eq!(runs.share_host(&Network::Of(a)), None);
    }
}
