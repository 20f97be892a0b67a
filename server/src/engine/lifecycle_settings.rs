//! Stop and restart settings of a container, from inspect.

use std::time::Duration;

/// Docker's default stop signal.
const SIGTERM: u8 = 15;

/// Stop and restart settings of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LifecycleSettings {
    /// True if the container's restart policy restarts it.
    pub restarts: bool,
    /// Number of the container's stop signal.
    pub stop_signal: u8,
    /// Time between the stop signal and SIGKILL, if set.
    pub stop_timeout: Option<Duration>,
}

impl Default for LifecycleSettings {
    fn default() -> Self {
        Self { restarts: false, stop_signal: SIGTERM, stop_timeout: None }
    }
}
