//! Quaylight's server: from the Docker Engine's events to server-sent events in every browser.
//!
//! | Group | Module | Does |
//! |---|---|---|
//! | Pipeline | [`engine`] | finds the engine, calls it under timeouts, converts its responses |
//! | | [`watcher`] | observes containers: events mark them dirty, inspect returns their state |
//! | | [`far`] | watches engines of other Quaylight servers, as their viewer |
//! | | [`sampler`] | takes samples of the running containers |
//! | | [`store`] | owns the state; every change gets a revision |
//! | | [`feed`] | encodes each revision once and shares it with all viewers |
//! | | [`http`] | serves the streams, the API and the pages; feeds of users who may not see every container |
//! | Access | [`auth`] | users, tokens, sessions, roles |
//! | | [`openid`] | sign-in at an OpenID provider |
//! | | [`audit`] | audit log |
//! | Other data | [`details`] | one container in full, without its [`secrets`] |
//! | | [`logs`] | logs of containers |
//! | | [`timeline`] | events of the last day |
//! | | [`history`] | samples of the last hours |
//! | | [`swarm`] | clusters of Docker Swarm |
//! | Process | [`startup`] | assembles the stages; start reading here |
//! | | [`config`], [`commands`] | settings and subcommands |
//! | | [`process`] | counters and resource usage; stops the server when a required task ends |
//! | | [`text`] | makes texts from engines and containers safe to show |
//!
//! `tests/layering.rs` checks the dependencies between these modules.

// The pipeline: engine, watcher, sampler, store, feed, http.
pub mod engine;
pub mod far;
pub mod feed;
pub mod http;
pub mod sampler;
pub mod store;
pub mod watcher;

// Access: authentication, roles and scopes, and the audit log.
pub mod audit;
pub mod auth;
pub mod openid;

// Other data about containers, beyond the list.
pub mod details;
pub mod history;
pub mod logs;
pub mod secrets;
pub mod swarm;
pub mod timeline;

// The process: settings, commands, counters, files and shared helpers.
pub mod commands;
pub mod config;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
pub mod process;
pub mod startup;
pub mod text;

use app::model::Timestamp;
use std::time::{SystemTime, UNIX_EPOCH};

/// The current time.
pub fn now() -> Timestamp {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX))
}
