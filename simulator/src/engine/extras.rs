//! Properties of a container that only inspect shows.

use std::collections::BTreeMap;

/// As `create` says them; the empty ones are what dockerd chooses by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extras {
    /// Host name inside; empty: the beginning of the id.
    pub hostname: String,
    /// Name or number of user and group.
    pub user: String,
    /// Where it begins.
    pub working_dir: String,
    /// How many words of the command are the entrypoint.
    pub entrypoint_words: usize,
    /// Weight among containers; 0: the usual one.
    pub cpu_shares: u64,
    /// Most processes and threads; `None`: no limit.
    pub pids_limit: Option<i64>,
    /// Limits of each process.
    pub ulimits: Vec<Ulimit>,
    /// Where output goes; empty: `json-file`.
    pub log_driver: String,
    /// The driver's options.
    pub log_options: BTreeMap<String, String>,
    /// Temporary file systems: path and options.
    pub tmpfs: BTreeMap<String, String>,
}

impl Extras {
    /// The log driver by its name.
    #[must_use]
    pub fn log_driver(&self) -> &str {
        if self.log_driver.is_empty() { "json-file" } else { &self.log_driver }
    }
}

/// One limit of each process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ulimit {
    /// `nofile` and the like.
    pub name: String,
    /// What it has.
    pub soft: i64,
    /// How far it may raise that.
    pub hard: i64,
}
