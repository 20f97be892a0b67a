//! Quaylight's server: from the Docker Engine's events to server-sent frames.
//!
//! The road, in the order the data travels:
//! 1. [`engine`]: finds the engine, calls it under time limits, turns its answers into the shared vocabulary.
//! 2. [`watcher`]: events say which container is dirty, inspect says what it is; [`sampler`] takes the numbers.
//! 3. [`store`]: one task owns the state and gives every change a revision.
//! 4. [`feed`]: each frame is encoded once; every viewer pulls from the same bytes.
//! 5. [`http`]: the stream, the API and the pages.
//!
//! In front of the last, [`auth`] says who asks, [`openid`] by asking a provider; [`scopes`] has what those see who may not see everything, and [`audit`] what they did.
//!
//! Beside it, for the page of one container: [`details`], without its [`secrets`], and its [`logs`]; and [`timeline`], what
//! happened to all of them. Large documents are worked on in [`bulk`]. [`site`] has the page's files.
//!
//! [`demand`] tells 2 whether anybody watches; all of them count in [`metrics`], and [`cost`] reads what that comes to; [`startup`] puts the stages together, and [`supervisor`] watches their tasks.

pub mod audit;
pub mod auth;
pub mod bulk;
pub mod commands;
pub mod config;
pub mod cost;
pub mod demand;
pub mod details;
pub mod engine;
pub mod feed;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
pub mod history;
pub mod http;
pub mod logs;
pub mod metrics;
pub mod openid;
pub mod plain;
pub mod printable;
pub mod process;
pub mod sampler;
pub mod scopes;
pub mod secrets;
pub mod shares;
pub mod site;
pub mod startup;
pub mod store;
pub mod supervisor;
pub mod timeline;
pub mod watcher;

use app::model::Timestamp;
use std::time::{SystemTime, UNIX_EPOCH};

/// This server's clock.
pub fn now() -> Timestamp {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX))
}
