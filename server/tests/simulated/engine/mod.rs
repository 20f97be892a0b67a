//! Connection to an engine, and its faults.

pub(crate) mod bad_responses;
pub(crate) mod churn;
pub(crate) mod clock;
pub(crate) mod economy;
pub(crate) mod events;
pub(crate) mod events_memory;
pub(crate) mod far;
pub(crate) mod far_access;
pub(crate) mod far_link;
pub(crate) mod far_newer;
pub(crate) mod healing;
pub(crate) mod hostile;
pub(crate) mod isolation;
pub(crate) mod join;
pub(crate) mod join_access;
pub(crate) mod killed;
pub(crate) mod link;
pub(crate) mod numbers;
pub(crate) mod overrun;
pub(crate) mod settings;
pub(crate) mod several;
pub(crate) mod sources;
pub(crate) mod ssh;
pub(crate) mod ssh_keys;
pub(crate) mod ssh_traffic;
pub(crate) mod tls;
