//! Stage 3, the owner: one task holds the state and gives every change a revision.
//!
//! In: [`Observation`]s from watcher and sampler, through a bounded queue (full: the sender waits, nothing is dropped). Out: a
//! publication to the [`Feed`](crate::feed::Feed), at once as a rule, folded in a storm ([`pace`]). Next: [`crate::feed`].

mod pace;
mod state;

#[cfg(test)]
pub(crate) use state::examples;
pub use state::{Catchup, Measured, State};

use crate::{feed::Publisher, now};
use app::model::{Container, ContainerId, ContainerStats, Engine, Timestamp};
use pace::Pace;
use std::time::Duration;
use tokio::{
    sync::mpsc,
    time::{Instant, timeout_at},
};

/// Observations waiting for the store; a burst of 300 events fits.
const QUEUE: usize = 512;

/// What was seen.
#[derive(Debug)]
pub enum Observation {
    /// How an engine and its link are doing.
    Engine(Box<Engine>),
    /// Containers that are new, differ or are gone.
    Containers {
        /// New or different.
        upserted: Vec<Container>,
        /// Gone.
        removed: Vec<ContainerId>,
        /// When the event behind it happened, on this server's clock.
        event_at: Option<Timestamp>,
    },
    /// One sweep over everything that has processes.
    Samples {
        /// One each; one that failed is all unknown.
        samples: Vec<Sample>,
        /// When the sweep was over.
        taken_at: Timestamp,
    },
    /// How far apart sweeps are from now on, if that is more than was asked for.
    Widened(Option<Duration>),
}

/// A sample and the run it belongs to, so that a late one cannot land on the next run.
#[derive(Debug)]
pub struct Sample {
    /// Start of the run.
    pub started_at: Option<Timestamp>,
    /// The figures.
    pub stats: ContainerStats,
    /// Processor time used since the run began, in nanoseconds; only `/metrics` tells it.
    pub cpu_nanos: Option<u64>,
}

/// Sends observations to the store.
#[derive(Debug, Clone)]
pub struct StoreHandle(mpsc::Sender<Observation>);

impl StoreHandle {
    /// Hands one over; waits while the queue is full. Lost only while the server stops.
    pub async fn send(&self, observation: Observation) {
        if self.0.send(observation).await.is_err() {
            tracing::debug!("the store has stopped");
        }
    }
}

/// The store's two ends.
pub fn channel() -> (StoreHandle, mpsc::Receiver<Observation>) {
    let (sender, receiver) = mpsc::channel(QUEUE);
    (StoreHandle(sender), receiver)
}

/// The single writer. Ends when every handle is gone.
pub async fn run(mut state: State, mut observations: mpsc::Receiver<Observation>, publisher: Publisher) {
    let mut pace = Pace::new(Instant::now());
    while let Some(observation) = observations.recv().await {
        let mut changes = u32::from(state.apply(observation, now()));
        while let Ok(Some(observation)) = timeout_at(pace.due(), observations.recv()).await {
            changes += u32::from(state.apply(observation, now()));
        }
        if changes > 0 {
            let event_at = state.seal();
            publisher.publish(&state, event_at);
            pace.left(changes, Instant::now());
        }
    }
}
