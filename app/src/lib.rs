//! The code that the Quaylight server and the browser share.
//!
//! Modules are listed from the lowest layer to the highest: each uses only modules above it in this
//! file (`tests/layering.rs`). To follow the data, read [`model`] (the vocabulary), [`protocol`]
//! (frames, and the picture they add up to), [`client`] (connection, rows, the
//! `use_realtime_containers` hook), then [`pages`].

// Addresses below a base path, and the prelude of every view.
pub mod base_path;
pub mod prelude;

// Vocabulary and wire format.
pub mod model;

pub mod protocol;

// Pure functions: texts, then what is computed from containers, samples and lines.
pub mod format;

pub mod chart;
pub mod diagnosis;
pub mod query;

pub mod logs;

// The connection to the server, and the store of the page.
pub mod client;

// Views: leaves, then preferences, then what a page consists of, then the pages.
pub mod parts;

pub mod prefs;

pub mod chunks;
pub mod page_request;

pub mod acting;

pub mod frame;

pub mod list;

pub mod keyboard;

pub mod pages;

pub mod app;

// For tests and the styleguide.
#[cfg(feature = "ssr")]
pub mod cost_check;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
#[cfg(any(test, feature = "ssr"))]
pub mod samples;
