//! Stage 3: owns the state. One task applies all changes and gives each a revision.
//!
//! In: [`Observation`]s from watcher and sampler through a bounded queue. If it is full, the sender
//! waits; nothing is dropped. Out: publications to the [`Feed`](crate::feed::Feed), usually
//! immediately, batched under load ([`pace`]). Read next: [`crate::feed`].

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

/// Queue of the store; enough for a burst of 300 events.
const QUEUE_CAPACITY: usize = 512;

/// A change reported to the store.
#[derive(Debug)]
pub enum Observation {
    /// State of an engine and its link.
    Engine(Box<Engine>),
    /// New, changed and removed containers.
    Containers {
        /// New or changed.
        upserted: Vec<Container>,
        /// Removed.
        removed: Vec<ContainerId>,
        /// Time of the event that caused it, on this server's clock.
        event_at: Option<Timestamp>,
    },
    /// Samples of all containers with processes.
    Samples {
        /// One per container; failed ones have unknown values.
        samples: Vec<Sample>,
        /// End of the sampling round.
        taken_at: Timestamp,
    },
    /// New sampling interval if it is wider than configured, else `None`.
    StatsInterval(Option<Duration>),
}

/// A sample and its run, so that a late one is not assigned to the next run.
#[derive(Debug)]
pub struct Sample {
    /// Start of the run.
    pub started_at: Option<Timestamp>,
    /// The measurements.
    pub stats: ContainerStats,
    /// CPU time since the run began, in nanoseconds; used by `/metrics` only.
    pub cpu_nanos: Option<u64>,
}

/// Sends observations to the store.
#[derive(Debug, Clone)]
pub struct StoreHandle(mpsc::Sender<Observation>);

impl StoreHandle {
    /// Sends an observation; waits while the queue is full. Lost only during shutdown.
    pub async fn send(&self, observation: Observation) {
        if self.0.send(observation).await.is_err() {
            tracing::debug!("the store has stopped");
        }
    }
}

/// Creates the store's queue.
pub fn channel() -> (StoreHandle, mpsc::Receiver<Observation>) {
    let (sender, receiver) = mpsc::channel(QUEUE_CAPACITY);
    (StoreHandle(sender), receiver)
}

/// Runs the single writer until all handles are dropped.
pub async fn run(mut state: State, mut observations: mpsc::Receiver<Observation>, publisher: Publisher) {
    let mut pace = Pace::new(Instant::now());
    while let Some(observation) = observations.recv().await {
        let mut changes = u32::from(state.apply(observation, now()));
        while let Ok(Some(observation)) = timeout_at(pace.due(), observations.recv()).await {
            changes += u32::from(state.apply(observation, now()));
        }
        if changes > 0 {
            let event_at = state.commit();
            publisher.publish(&state, event_at);
            pace.record_frame(changes, Instant::now());
        }
    }
}
