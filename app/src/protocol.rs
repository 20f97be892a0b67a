//! The frames of `/api/containers/stream`, and the picture a reader builds from them.
//!
//! In: the name and JSON data of a server-sent event. Out: a [`Frame`]; applied to a [`Picture`],
//! it gives the server's state at that revision. The server writes its frames from the same types.
//! Next: [`crate::client`] in the browser, `server::store` on the server.

pub mod compact;
mod frame;
mod picture;

pub use frame::{Delta, Frame, FrameId, Heartbeat, InvalidFrame, RemovedContainer, Revision, Snapshot};
pub use picture::{Applied, ByKey, Picture};
