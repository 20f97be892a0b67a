//! The server with a real Docker Engine: timing and accuracy, which simulated engines cannot prove.
//!
//! Skipped with a message without an engine; with `REQUIRE_DOCKER=1`, that is a failure.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "tests that print their measurements"
)]

#[path = "real/daemon.rs"]
mod daemon;
#[path = "real/docker_stats.rs"]
mod docker_stats;
#[path = "real/events.rs"]
mod events;
#[path = "real/files_and_api.rs"]
mod files_and_api;
#[path = "real/harbour.rs"]
mod harbour;
#[path = "real/leftovers.rs"]
mod leftovers;
#[path = "real/live_changes.rs"]
mod live_changes;
#[path = "real/logs.rs"]
mod logs;
#[path = "real/one_container.rs"]
mod one_container;
#[path = "real/ports_and_images.rs"]
mod ports_and_images;
mod support;
#[path = "real/swarm.rs"]
mod swarm;
