//! Properties of a container that only inspect shows.

use std::collections::BTreeMap;

/// As given in `create`; empty values are dockerd's defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extras {
    /// Host name inside; empty for the start of the id.
    pub hostname: String,
    /// Name or number of user and group.
    pub user: String,
    /// Working directory.
    pub working_dir: String,
    /// Number of words of the command that are the entrypoint.
    pub entrypoint_words: usize,
    /// CPU weight; 0 for the default.
    pub cpu_shares: u64,
    /// Maximum number of processes and threads; `None` for no limit.
    pub pids_limit: Option<i64>,
    /// Ulimits.
    pub ulimits: Vec<Ulimit>,
    /// Log driver; empty for `json-file`.
    pub log_driver: String,
    /// Options of the log driver.
    pub log_options: BTreeMap<String, String>,
    /// Temporary file systems: path and options.
    pub tmpfs: BTreeMap<String, String>,
}

impl Extras {
    /// Name of the log driver.
    #[must_use]
    pub fn log_driver(&self) -> &str {
        if self.log_driver.is_empty() { "json-file" } else { &self.log_driver }
    }
}

/// A ulimit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ulimit {
    /// `nofile` and so on.
    pub name: String,
    /// Soft limit.
    pub soft: i64,
    /// Hard limit.
    pub hard: i64,
}
