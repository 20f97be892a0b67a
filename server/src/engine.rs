//! Stage 1: finds the engine, calls its API and converts its responses to the shared model.
//!
//! In: an address, and requests from the later stages. Out: [`app::model`] values, event streams
//! and log bytes. Owned by the watcher's session; clones of [`EngineClient`] share the connections.
//!
//! - Every call has its own timeout, because bollard's covers only the wait for headers.
//! - Every response has a maximum length ([`raw`]).
//! - Responses are read field by field ([`JsonRef`]) from JSON ([`json`]), because a typed model
//!   would reject a whole response for one unknown value. [`convert`] makes model values of them.
//! - Requests that are not in the table of [`permissions`] are not sent.
//!
//! Read next: [`crate::watcher`].

mod address;
mod certificates;
mod client;
pub mod convert;
mod counters;
mod discover;
mod documents;
mod engines;
mod error;
mod event_message;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod json;
mod json_ref;
mod lifecycle_settings;
mod links;
mod logs;
pub mod permissions;
mod raw;
mod runs;
mod swarm;
mod transport;

pub use address::{EngineAddress, TlsFiles};
pub use certificates::check_certificates;
pub use client::{ClockOffset, ContainerList, EngineClient, EngineFacts, ListRow};
pub use counters::{Counters, Memory};
pub use discover::{DiscoveredEngine, context, contexts, discover};
pub use engines::{EngineHandle, Engines};
pub use error::EngineError;
pub use event_message::{EventActor, EventMessage};
pub(crate) use json_ref::JsonRef;
pub use lifecycle_settings::LifecycleSettings;
pub use links::{Containers, Links, SamplingLink, SourceChoice, concurrency};
pub(crate) use logs::parse_timestamp;
pub use logs::{BAD_TIME, BadQuery, Framing, LogQuery, LogQueryText, LogTime, Streams, Tail, TimeText};
pub use permissions::Permissions;
pub use runs::{Network, Run, Runs};
pub use swarm::{SwarmLists, SwarmMembership, SwarmObject, Versioned};
pub use transport::{HostKey, LinkError, SshFiles, Trust, expiring_certificates};
