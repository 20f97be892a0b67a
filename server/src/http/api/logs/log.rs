//! A followed log of any engine.

use super::{super::far, far_log::FarLog, refused};
use crate::{
    far::link::FarError,
    http::wire::problem::Problem,
    logs::{Follower, LogEvent, Place},
};
use futures::{
    StreamExt as _,
    stream::{self, BoxStream},
};

/// A followed log of an engine of this server, or of one that another Quaylight server watches.
pub(super) enum Log {
    Own(Box<Follower>),
    Far(Box<FarLog>),
}

impl Log {
    /// Opens the log.
    ///
    /// # Errors
    /// When the log does not exist or cannot be read.
    pub(super) async fn open(&mut self) -> Result<(), Problem> {
        match self {
            Self::Own(follower) => follower.open().await.map_err(refused),
            // Other errors are retried later, as for an own engine.
            Self::Far(log) => match log.open().await {
                Err(error @ FarError::Refused { .. }) => Err(far::problem(&error)),
                _ => Ok(()),
            },
        }
    }

    /// Place at which another stream would continue.
    pub(super) fn place(&self) -> Place {
        match self {
            Self::Own(follower) => follower.place(),
            Self::Far(log) => log.place(),
        }
    }

    async fn next(&mut self) -> Option<LogEvent> {
        match self {
            Self::Own(follower) => follower.next().await,
            Self::Far(log) => log.next().await,
        }
    }

    /// Events of the log.
    pub(super) fn events(self) -> BoxStream<'static, LogEvent> {
        let events = stream::unfold(self, |mut log| async move {
            let event = log.next().await?;
            Some((event, log))
        });
        events.boxed()
    }
}
