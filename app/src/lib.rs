//! What the Quaylight server and the browser both compile.
//!
//! Reading order, the way the data flows:
//! 1. [`model`]: the vocabulary (`Container`, `ContainerStats`, `Engine`);
//! 2. [`protocol`]: the frames of the stream and how they add up to a picture;
//! 3. `client`: the browser half (connection, rows, the `use_realtime_containers` hook);
//! 4. `components` and `pages`: what is drawn.
//!
//! Beside these: [`mod@last_end`], why a container stopped, by what is known of it; [`diagnosis`], what stands between page and server.

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
