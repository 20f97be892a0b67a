//! Responses of the API and the stream.

pub(crate) mod actions;
pub(crate) mod compact;
pub(crate) mod container;
pub(crate) mod container_metrics;
pub(crate) mod diagnosis;
pub(crate) mod endpoints;
pub(crate) mod history;
pub(crate) mod metrics;
pub(crate) mod ports_and_images;
pub(crate) mod prometheus;
pub(crate) mod stream;
pub(crate) mod swarm;
pub(crate) mod swarm_actions;
