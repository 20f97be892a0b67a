//! What the watcher and the sampler see, on its way to the store.

use app::model::{Container, ContainerId, ContainerStats, Engine, Timestamp};
use std::{sync::Arc, time::Duration};
use tokio::sync::mpsc;

/// Observations waiting for the store; a burst of 300 events fits.
const QUEUE_CAPACITY: usize = 512;

/// What was seen.
#[derive(Debug)]
pub enum Observation {
    /// How an engine and its link are doing.
    Engine(Box<Engine>),
    /// Containers that are new, differ or are gone.
    Containers {
        /// New or different.
        upserted: Vec<Arc<Container>>,
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
pub struct ObservationSender(mpsc::Sender<Observation>);

impl ObservationSender {
    /// Hands one over; waits while the queue is full. Lost only while the server stops.
    pub async fn send(&self, observation: Observation) {
        if self.0.send(observation).await.is_err() {
            tracing::debug!("the store has stopped");
        }
    }
}

/// Both ends of the queue.
pub fn observations() -> (ObservationSender, mpsc::Receiver<Observation>) {
    let (sender, receiver) = mpsc::channel(QUEUE_CAPACITY);
    (ObservationSender(sender), receiver)
}
