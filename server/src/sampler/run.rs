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

/// The run of every container that has processes.
pub type Runs = HashMap<ContainerId, Run>;

/// Whether a container's network is the host's, in the end; `None` when it is that of a container nobody knows.
pub(super) fn shares_host(network: &Network, runs: &Runs) -> Option<bool> {
    /// A container can only join one that was there before it, so a chain ends; this is for an engine that says otherwise.
    const LONGEST: usize = 16;
    let mut network = network;
    for _ in 0..LONGEST {
        match network {
            Network::Own => return Some(false),
            Network::Host => return Some(true),
            Network::Of(whose) => network = &runs.get(&whose.parse().ok()?)?.network,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(mode: &str) -> Run {
        Run { started_at: None, pid: 1, network: Network::from_mode(mode) }
    }

    #[test]
    fn a_joined_network_is_followed_to_its_owner() {
        let [a, b, c] = ["aa", "bb", "cc"].map(|pair| pair.repeat(32));
        let modes = [(&a, "host"), (&b, &format!("container:{a}")), (&c, "bridge")];
        let runs: Runs = modes.into_iter().filter_map(|(id, mode)| Some((id.parse().ok()?, run(mode)))).collect();
        let shares = |mode: &str| shares_host(&Network::from_mode(mode), &runs);
        assert_eq!((shares("host"), shares("none"), shares("shop_default")), (Some(true), Some(false), Some(false)));
        assert_eq!(shares(&format!("container:{b}")), Some(true)); // b joined a, which has the host's
        assert_eq!(shares(&format!("container:{c}")), Some(false));
        assert_eq!(shares("container:web"), None);
    }

    #[test]
    fn a_ring_has_no_end() {
        let a = "aa".repeat(32);
        let runs: Runs = a.parse().ok().map(|id| (id, run(&format!("container:{a}")))).into_iter().collect();
        assert_eq!(shares_host(&Network::Of(a), &runs), None);
    }
}
