//! Requests to another Quaylight server, which watches an engine for this one.
//!
//! In: an address, and optionally a token and a certificate authority; or a connection that the other
//! server has opened ([`joined`]). Out: responses and
//! server-sent events of its API, or a [`FarError`]. [`crate::far`] watches with it, and
//! [`crate::http`] passes on requests for containers of its engine. Redirects are not followed,
//! because the token must not reach another server.

mod address;
mod error;
mod event_stream;
mod hub;
pub mod joined;
mod server;
mod tls;
mod token;

pub use address::FarAddress;
pub use error::FarError;
pub(crate) use error::shortened;
pub use event_stream::{EventStream, FarEvent};
pub use hub::{ENROL_PATH, Enrolled, Enrolment, Hub, JOIN_PATH, Opened, PROTOCOL, VERSION_HEADER};
pub use joined::{JoinedHosts, JoinedLink};
pub use server::{FarServer, FarSettings, refusal};
pub use tls::check_authority;
pub use token::{check_token, read_token};
