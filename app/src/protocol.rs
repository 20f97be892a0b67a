//! The frames of `/api/containers/stream`, and the picture a reader makes of them.
//!
//! In: JSON of one server-sent event and its name. Out: a [`Frame`]; applied to a [`Picture`], what the server held at that
//! revision. The server makes its frames from the same types. Next: [`crate::client`] in the browser, `server::store` behind it.

pub mod compact;
mod frame;
mod picture;

pub use frame::{Delta, Frame, FrameId, Heartbeat, InvalidFrame, RemovedContainer, Revision, Snapshot};
pub use picture::{Applied, ById, Picture};
