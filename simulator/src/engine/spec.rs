//! Specification of a container: everything in `create`, before it has an id or a state.

use std::collections::BTreeMap;
use std::time::Duration;

use super::extras::Extras;
use super::ident::{digest, hash_number};
use super::load::Load;
use super::program::{Body, OnTerm, Program, Script, Step};

/// Restart policy of a container.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RestartPolicy {
    /// Never.
    #[default]
    No,
    /// After every exit without a stop request, and at engine start.
    Always,
    /// As `Always`, except at engine start after a manual stop.
    UnlessStopped,
    /// After an exit with a code other than 0, at most this often (0 for no limit).
    OnFailure(u32),
}

impl RestartPolicy {
    /// Name in the Engine API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Always => "always",
            Self::UnlessStopped => "unless-stopped",
            Self::OnFailure(_) => "on-failure",
        }
    }

    /// True if the policy restarts the container after `restarts` restarts, if the last run exited
    /// with `exit_code`.
    #[must_use]
    pub fn wants_restart(self, exit_code: i64, restarts: u32) -> bool {
        match self {
            Self::No => false,
            Self::Always | Self::UnlessStopped => true,
            Self::OnFailure(most) => exit_code != 0 && (most == 0 || restarts < most),
        }
    }
}

/// A health check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Healthcheck {
    /// The test as given in `create`: `["CMD", …]` or `["CMD-SHELL", "…"]`.
    pub test: Vec<String>,
    /// Interval between probes.
    pub interval: Duration,
    /// Time after the start in which failures do not count.
    pub start_period: Duration,
    /// Number of consecutive failures that make the container unhealthy.
    pub retries: u32,
    /// True if probes succeed.
    pub passes: bool,
}

/// A port of a container, published or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// Port inside the container.
    pub private: u16,
    /// Port on the host; `None` if the port is only exposed.
    pub public: Option<u16>,
    /// Host address that the port is bound to.
    pub host_ip: String,
    /// `tcp` or `udp`.
    pub protocol: String,
}

/// A mount of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// `bind`, `volume` or `tmpfs`.
    pub kind: String,
    /// Host path, or volume name.
    pub source: String,
    /// Path inside the container.
    pub destination: String,
    /// True if the mount is read-only.
    pub read_only: bool,
}

/// A network of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Name of the network.
    pub network: String,
    /// Address while the container runs; empty for `none` and `host`.
    pub ip: String,
    /// Aliases inside the network.
    pub aliases: Vec<String>,
}

impl Attachment {
    /// An attachment to `network`, with an address derived from both names.
    #[must_use]
    pub fn new(network: &str, container: &str) -> Self {
        let ip = if matches!(network, "none" | "host") {
            String::new()
        } else {
            let (net, host) = (hash_number(network) % 12, hash_number(container) % 240);
            format!("172.{}.{}.{}", 18 + net, hash_number(container) / 240 % 4, 2 + host)
        };
        Self { network: network.to_owned(), ip, aliases: Vec::new() }
    }

    /// Id of the network.
    #[must_use]
    pub fn network_id(&self) -> String {
        digest(&format!("network:{}", self.network))
    }
}

/// Properties given in `create`.
#[derive(Clone, Debug, PartialEq)]
pub struct ContainerSpec {
    /// Name without the slash; `None` lets the engine choose one.
    pub name: Option<String>,
    /// Image, as given.
    pub image: String,
    /// Entrypoint and arguments.
    pub command: Vec<String>,
    /// Environment variables: `KEY=value`.
    pub env: Vec<String>,
    /// Labels of the container.
    pub labels: BTreeMap<String, String>,
    /// Memory limit in bytes; 0 for no limit.
    pub memory_bytes: u64,
    /// CPU limit in billionths of a core; 0 for no limit.
    pub nano_cpus: u64,
    /// Restart policy.
    pub restart: RestartPolicy,
    /// True if the container is removed when it exits.
    pub auto_remove: bool,
    /// `bridge`, `host`, `none`, `container:…` or a network's name.
    pub network_mode: String,
    /// Networks to which the container is connected.
    pub attachments: Vec<Attachment>,
    /// Exposed and published ports.
    pub ports: Vec<Port>,
    /// Mounts of the container.
    pub mounts: Vec<Mount>,
    /// Health check.
    pub healthcheck: Option<Healthcheck>,
    /// True if the container has a terminal, so that its log stream is raw.
    pub tty: bool,
    /// Signal of `stop`; empty for SIGTERM.
    pub stop_signal: String,
    /// Program that the container runs.
    pub program: Program,
    /// Load of the program.
    pub load: Load,
    /// Properties that only inspect shows.
    pub extras: Extras,
}

impl ContainerSpec {
    /// A container of `image` that is idle until it is stopped, without networks.
    #[must_use]
    pub fn new(name: &str, image: &str) -> Self {
        let cycle = vec![Step::Sleep(Duration::from_secs(3600))];
        Self {
            name: Some(name.to_owned()),
            image: image.to_owned(),
            command: vec!["sleep".to_owned(), "infinity".to_owned()],
            env: Vec::new(),
            labels: BTreeMap::new(),
            memory_bytes: 0,
            nano_cpus: 0,
            restart: RestartPolicy::No,
            auto_remove: false,
            network_mode: "none".to_owned(),
            attachments: vec![Attachment::new("none", name)],
            ports: Vec::new(),
            mounts: Vec::new(),
            healthcheck: None,
            tty: false,
            stop_signal: String::new(),
            program: Program {
                body: Body::Script(Script { once: Vec::new(), cycle }),
                on_term: OnTerm::Exit { code: 0, after: Duration::ZERO },
            },
            load: Load::idle(hash_number(name)),
            extras: Extras::default(),
        }
    }
}
