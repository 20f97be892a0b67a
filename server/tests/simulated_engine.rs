//! The whole server with the simulated engine: a real listener, real HTTP, real bollard.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, missing_docs, reason = "tests")]

#[path = "simulated/access/mod.rs"]
mod access;
#[path = "simulated/api/mod.rs"]
mod api;
#[path = "simulated/engine/mod.rs"]
mod engine;
#[path = "simulated/far/mod.rs"]
mod far;
#[path = "simulated/logs/mod.rs"]
mod logs;
#[path = "simulated/process/mod.rs"]
mod process;
mod support;
