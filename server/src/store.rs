//! Stage 3, the owner: one task holds the state and gives every change a revision.
//!
//! In: [`Observation`]s from watcher and sampler, through a bounded queue (full: the sender waits, nothing is dropped). Out: a
//! publication to the [`Feed`](crate::feed::Feed), at once when the last one is old enough, folded otherwise. Next: [`crate::feed`].

mod state;

pub use state::{Catchup, State};

use crate::{feed::Publisher, now};
use app::model::{Container, ContainerId, ContainerStats, Engine, Timestamp};
use std::time::Duration;
use tokio::{sync::mpsc, time::Instant};

/// At most 20 frames a second: a storm of events is folded into this.
const FRAME_GAP: Duration = Duration::from_millis(50);

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
}

/// A sample and the run it belongs to, so that a late one cannot land on the next run.
#[derive(Debug)]
pub struct Sample {
    /// Start of the run.
    pub started_at: Option<Timestamp>,
    /// The figures.
    pub stats: ContainerStats,
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
    let mut published_at = Instant::now();
    while let Some(observation) = observations.recv().await {
        let mut changed = state.apply(observation, now());
        while Instant::now() < published_at + FRAME_GAP {
            match tokio::time::timeout_at(published_at + FRAME_GAP, observations.recv()).await {
                Ok(Some(observation)) => changed |= state.apply(observation, now()),
                Ok(None) | Err(_) => break,
            }
        }
        while let Ok(observation) = observations.try_recv() {
            changed |= state.apply(observation, now());
        }
        if changed {
            let event_at = state.seal();
            publisher.publish(&state, event_at);
            published_at = Instant::now();
        }
    }
}
