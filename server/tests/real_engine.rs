//! The server in front of a real Docker Engine: what simulated engines cannot prove, which is when and how right it is.
//!
//! Skipped with a line that says why where there is no engine; `REQUIRE_DOCKER=1` makes that a failure.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "tests that tell what they measured"
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
