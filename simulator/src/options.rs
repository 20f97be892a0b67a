//! Options of a simulator.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use crate::clock::Clock;
use crate::engine::{CgroupVersion, Release};
use crate::scenario::Scenario;

/// Address of the Engine API.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Listen {
    /// A unix socket in a new folder below the system's folder for temporary files.
    #[default]
    Temporary,
    /// A unix socket at this path. A stale socket is replaced.
    Unix(PathBuf),
    /// A TCP port; port 0 selects a free one.
    Tcp(SocketAddr),
}

/// An invalid address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither unix:///PATH nor tcp://ADDRESS:PORT")]
pub struct ParseListenError(String);

impl FromStr for Listen {
    type Err = ParseListenError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || ParseListenError(text.to_owned());
        match text.split_once("://") {
            Some(("unix", path)) if path.starts_with('/') => Ok(Self::Unix(path.into())),
            Some(("tcp", address)) => address.parse().map(Self::Tcp).map_err(|_| wrong()),
            _ => Err(wrong()),
        }
    }
}

/// Formats the address as in `DOCKER_HOST`; a temporary socket has no address before it is bound.
impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Temporary => f.write_str("unix://"),
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Tcp(address) => write!(f, "tcp://{address}"),
        }
    }
}

/// Options of a simulator. The default is `quiet`, seed 1, engine 20.10 on cgroup v1, on a
/// temporary socket.
#[derive(Clone, Debug)]
pub struct Options {
    /// Containers of the engine, and the actions that happen automatically.
    pub scenario: Scenario,
    /// Equal seeds give equal ids, values and actions.
    pub seed: u64,
    /// Address of the Engine API.
    pub listen: Listen,
    /// Additional address of the control API; `None` for the engine's address only. Port 0 selects
    /// a free one.
    pub control: Option<SocketAddr>,
    /// Source of time. A manual clock also removes the engine's own short waits.
    pub clock: Clock,
    /// Engine release to imitate.
    pub release: Release,
    /// Control group version of the host.
    pub cgroup: CgroupVersion,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            scenario: Scenario::default(),
            seed: 1,
            listen: Listen::default(),
            control: None,
            clock: Clock::real(),
            release: Release::default(),
            cgroup: CgroupVersion::default(),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn addresses_round_trip() {
        for text in ["unix:///run/engine.sock", "tcp://127.0.0.1:2375"] {
            assert_eq!(text.parse::<Listen>().unwrap().to_string(), text);
        }
        for text in ["", "unix://relative", "tcp://nowhere", "http://127.0.0.1:1", "/run/engine.sock"] {
            assert!(text.parse::<Listen>().is_err(), "{text}");
        }
    }
}
