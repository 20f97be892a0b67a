//! Stage 1, the source: where the engine is, how it is called, what its answers mean.
//!
//! Every call has a time limit of its own, because bollard's covers only the wait for headers. [`convert`] is the only file
//! that knows bollard's models; [`words`] reads answers that bollard cannot, and [`raw`] gives answers as they came.
//! What is not in the table of [`permissions`] is not sent. Next: [`crate::watcher`].

mod address;
mod client;
pub mod convert;
mod discover;
mod documents;
mod error;
mod logs;
pub mod permissions;
mod raw;
mod words;

pub use address::EngineAddress;
pub use client::{EngineClient, EngineFacts, Listed};
pub use discover::{Found, find};
pub use error::EngineError;
pub use permissions::Permissions;
