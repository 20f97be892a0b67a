//! Stage 1, the source: where the engine is, how it is called, what its answers mean.
//!
//! Every call has a time limit of its own, because bollard's covers only the wait for headers, and every answer a length at which it
//! is given up ([`raw`]). [`convert`] is the only file that knows bollard's models; [`words`] reads answers that bollard cannot.
//! What is not in the table of [`permissions`] is not sent. Next: [`crate::watcher`].

mod address;
mod client;
pub mod convert;
mod discover;
mod documents;
mod error;
mod event_message;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod logs;
pub mod permissions;
mod raw;
mod words;

pub use address::EngineAddress;
pub use client::{EngineClient, EngineFacts, Listed};
pub use discover::{Found, find};
pub use error::EngineError;
pub use event_message::{EventActor, EventMessage};
pub use permissions::Permissions;
