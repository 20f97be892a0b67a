//! The code that the Quaylight server and the browser share.
//!
//! Reading order, following the data:
//! 1. [`model`]: the data types (`Container`, `ContainerStats`, `Engine`);
//! 2. [`protocol`]: the frames of the stream, and the state they add up to;
//! 3. `client`: the browser's side (connection, rows, the `use_realtime_containers` hook);
//! 4. `components` and `pages`: the views.
//!
//! Beside these: [`mod@last_end`] computes why a container stopped; [`diagnosis`] finds proxies
//! between page and server.

pub mod app;
pub mod base_path;
pub mod chart;
pub mod client;
pub mod closures;
pub mod components;
#[cfg(feature = "ssr")]
pub mod cost_check;
pub mod diagnosis;
pub mod erased;
pub mod format;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
pub mod last_end;
pub mod logs;
pub mod model;
pub mod pages;
pub mod prelude;
pub mod protocol;
pub mod query;
pub mod reactive;
pub mod signals;
