//! The server through its outer edge, with the simulated engine behind it: a real listener, real HTTP, real bollard.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "tests")]

#[path = "simulated/stream.rs"]
mod stream;
mod support;
