//! Logs of one and several containers.

pub(crate) mod download;
pub(crate) mod ends;
pub(crate) mod merged;
pub(crate) mod reading;
