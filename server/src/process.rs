//! The server's process: its counters, limits, tasks and usage of resources.
//!
//! - [`metrics`] counts what happens, [`usage`] reads the usage of processes, and [`cost`] derives
//!   the cost of watching from both.
//! - [`demand`] tracks whether there are viewers, and [`shares`] limits what each may hold.
//! - [`supervisor`] ends the server when one of its tasks ends; [`bulk`] keeps long work away from
//!   the asynchronous threads.
//! - [`demo`] runs the simulated engine, [`file_version`] detects changes of a file, and
//!   [`small_file`] reads files that the settings name.

pub mod bulk;
pub mod cost;
pub mod demand;
pub mod demo;
pub mod file_version;
pub mod metrics;
pub mod shares;
pub mod small_file;
pub mod supervisor;
pub mod usage;
