//! Properties of a container that only inspect shows.

use std::collections::BTreeMap;

/// Further properties, as given in `create`; empty values mean dockerd's defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extras {
    /// Host name inside the container; empty for the first digits of the id.
    pub hostname: String,
    /// Name or number of user and group.
    pub user: String,
    /// Working directory.
    pub working_dir: String,
    /// Number of words of the command that belong to the entrypoint.
    pub entrypoint_words: usize,
    /// CPU weight; 0 for the default.
    pub cpu_shares: u64,
    /// Maximum number of processes and threads; `None` for no limit.
    pub pids_limit: Option<i64>,
    /// Ulimits of the container's processes.
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

/// A ulimit of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ulimit {
    /// Name, such as `nofile`.
    pub name: String,
    /// Soft limit.
    pub soft: i64,
    /// Hard limit.
    pub hard: i64,
}
