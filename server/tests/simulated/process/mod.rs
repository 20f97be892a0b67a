//! Commands, startup, capacity, supervision.

pub(crate) mod capacity;
pub(crate) mod check_config;
pub(crate) mod commands;
pub(crate) mod crowd;
pub(crate) mod join_commands;
pub(crate) mod startup;
pub(crate) mod supervision;
