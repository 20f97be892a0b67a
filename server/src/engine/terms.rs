//! How a container stops and is started again, from inspect.

use std::time::Duration;

/// Docker's default stop signal.
const SIGTERM: u8 = 15;

/// How a container stops and is started again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// Whether its policy starts it again after it has ended.
    pub restarts: bool,
    /// Number of the signal that asks it to stop.
    pub stop_signal: u8,
    /// What the engine waits between asking and killing, where the container says.
    pub stop_timeout: Option<Duration>,
}

impl Default for Terms {
    fn default() -> Self {
        Self { restarts: false, stop_signal: SIGTERM, stop_timeout: None }
    }
}
