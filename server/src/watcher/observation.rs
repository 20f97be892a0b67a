//! Changes that the watcher and the sampler report to the store.

use app::model::{Container, ContainerKey, ContainerStats, Engine, EngineName, Timestamp};
use std::{sync::Arc, time::Duration};
use tokio::sync::mpsc;

/// Capacity of the store's queue: enough for a burst of 300 events.
const QUEUE_CAPACITY: usize = 512;

/// A change reported to the store.
#[derive(Debug)]
pub enum Observation {
    /// State of an engine and its link.
    Engine(Box<Engine>),
    /// Removal of an engine that is no longer watched, and of its containers.
    EngineRemoved(EngineName),
    /// New, changed and removed containers.
    Containers {
        /// New or changed containers.
        upserted: Vec<Arc<Container>>,
        /// Removed containers.
        removed: Vec<ContainerKey>,
        /// Time of the event that caused the change, on this server's clock.
        event_at: Option<Timestamp>,
    },
    /// Samples of all containers with processes of an engine.
    Samples {
        /// Name of the engine.
        engine: EngineName,
        /// One sample per container; failed ones have unknown values.
        samples: Vec<Sample>,
        /// Time at which the sampling round ended.
        taken_at: Timestamp,
    },
    /// Sampling interval of an engine: the interval if it is longer than configured, otherwise
    /// `None`.
    StatsInterval(EngineName, Option<Duration>),
}

/// A sample and its run, so that a late sample is not assigned to the next run.
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
pub struct ObservationSender(mpsc::Sender<Observation>);

impl ObservationSender {
    /// Sends an observation; waits while the queue is full. Lost only during shutdown.
    pub async fn send(&self, observation: Observation) {
        if self.0.send(observation).await.is_err() {
            tracing::debug!("the store has stopped");
        }
    }
}

/// Creates the store's queue.
pub fn observations() -> (ObservationSender, mpsc::Receiver<Observation>) {
    let (sender, receiver) = mpsc::channel(QUEUE_CAPACITY);
    (ObservationSender(sender), receiver)
}
