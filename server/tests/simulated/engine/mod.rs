//! Connection to an engine, and its faults.

pub(crate) mod bad_responses;
pub(crate) mod churn;
pub(crate) mod clock;
pub(crate) mod economy;
pub(crate) mod events;
pub(crate) mod events_memory;
pub(crate) mod healing;
pub(crate) mod hostile;
pub(crate) mod isolation;
pub(crate) mod killed;
pub(crate) mod link;
#[cfg(target_os = "linux")]
pub(crate) mod network;
pub(crate) mod numbers;
pub(crate) mod overrun;
pub(crate) mod settings;
pub(crate) mod several;
pub(crate) mod sources;
pub(crate) mod ssh;
pub(crate) mod ssh_keys;
pub(crate) mod ssh_traffic;
pub(crate) mod tls;
