//! Stage 1, the source: where the engine is, how it is called, what its answers mean.
//!
//! Every call has a time limit of its own, because bollard's covers only the wait for headers, and every answer a length at which it
//! is given up ([`raw`]). Responses are read field by field ([`Answer`]) from JSON ([`json`]), because one word that a typed model does
//! not know would cost the whole; [`convert`] makes the shared vocabulary of them.
//! What is not in the table of [`permissions`] is not sent. Next: [`crate::watcher`].

mod address;
mod answer;
mod client;
pub mod convert;
mod counters;
mod discover;
mod documents;
mod error;
mod event_message;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod json;
mod links;
mod logs;
pub mod permissions;
mod raw;
mod runs;
mod terms;

pub use address::EngineAddress;
pub(crate) use answer::Answer;
pub use client::{EngineClient, EngineFacts, Listed, Listing};
pub use counters::{Counters, Memory};
pub use discover::{Found, find};
pub use error::EngineError;
pub use event_message::{EventActor, EventMessage};
pub use links::{Containers, Links, SamplingLink, SourceChoice, concurrency};
pub(crate) use logs::stamp;
pub use logs::{BAD_TIME, BadQuery, Framing, LogQuery, LogQueryText, LogTime, Streams, Tail, TimeText};
pub use permissions::Permissions;
pub use runs::{Network, Run, Runs};
pub use terms::Terms;
