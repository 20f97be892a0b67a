//! Docker Swarm: polls the managers among the engines while there are viewers.
//!
//! In: the memberships and clients of the engines, from their [`Links`](crate::engine::Links), and
//! events of swarms as a reason to poll at once. Out: a [`Picture`] of all clusters, dated, with the
//! nodes joined to the engines that they are. Owned by the supervisor's task `swarm` ([`poller`]);
//! [`Swarm`] gives others its picture. Without viewers and requests, it calls nothing.
//!
//! - One manager of each cluster is asked; the others follow in turn if it fails.
//! - What could not be polled stays, dated, with the reason.
//! - Managers announce no events of tasks, so these are as new as the poll.
//!
//! Reading order: [`convert`] and [`clusters`] (pure), [`picture`], [`poller`], [`feed`],
//! [`change`].

pub mod change;
mod clusters;
mod convert;
mod feed;
mod picture;
mod poller;

pub use feed::{PictureReader, Swarm};
pub use picture::{ClusterPicture, Picture};
