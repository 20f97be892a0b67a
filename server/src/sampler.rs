//! Samples every container with processes, every `--stats-interval`, while there are viewers.
//!
//! In: the list from the [`Feed`]; runs and a client from the watcher while the link is up. Out:
//! [`Observation::Samples`] to the store and the [`History`]. Owned by its own supervised task.
//!
//! Each round ([`Sweeper`]) reads [`files`] where possible and requests the rest from the engine
//! ([`one_shot`]). CPU usage is calculated from two readings ([`formula`]). Rounds that are too
//! slow widen the interval ([`pacing`]); they never overlap. Read next: [`crate::store`].

mod files;
pub mod formula;
mod one_shot;
mod pacing;
mod run;
mod sweep;

pub use files::Files;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use files::fuzzing::kernel_file;
pub use formula::{Counters, Memory};
pub use one_shot::concurrency;
pub use run::{Network, Run, Runs};

use crate::{
    config::SourceChoice,
    demand::Demand,
    engine::EngineClient,
    feed::Feed,
    history::History,
    metrics::Metrics,
    now,
    store::{Observation, StoreHandle},
    watcher::Links,
};
use pacing::Pacing;
use std::time::Duration;
use sweep::Sweeper;
use tokio::time::{Instant, sleep_until};

/// Sampling parameters that the watcher provides while the link is up.
#[derive(Debug, Clone)]
pub struct SamplingLink {
    /// Client of the engine.
    pub client: EngineClient,
    /// Maximum number of concurrent stats calls; see [`concurrency`].
    pub concurrency: usize,
    /// Configured source of measurements.
    pub source: SourceChoice,
    /// The host's memory in bytes, if the engine reports it.
    pub memory_total: Option<u64>,
}

/// Sampling intervals.
#[derive(Debug, Clone, Copy)]
pub struct Intervals {
    /// Interval while there are viewers.
    pub active: Duration,
    /// Interval without viewers; `None` for no samples.
    pub idle: Option<Duration>,
}

/// Runs until its task is aborted.
pub async fn run(
    demand: Demand,
    feed: Feed,
    mut links: Links,
    store: StoreHandle,
    metrics: Metrics,
    history: History,
    intervals: Intervals,
) {
    let Intervals { active, idle } = intervals;
    let sampler = Sampler { feed, links: links.clone(), store, metrics, history };
    let mut pacing = Pacing::new(active);
    loop {
        let mut sweeper = Sweeper::default();
        while let Some(idle) = idle
            && tokio::time::timeout(idle, demand.wait_for_viewers()).await.is_err()
        {
            sampler.sweep(&mut sweeper).await;
        }
        demand.wait_for_viewers().await;
        sampler.sweep_at_pace(&mut sweeper, &mut pacing).await;
        // The second reading comes early, so that the first viewer sees CPU usage after a second.
        let mut next = Instant::now() + active.min(Duration::from_secs(1));
        while demand.has_viewers() {
            tokio::select! {
                () = sleep_until(next) => {
                    // The last viewer may have left meanwhile.
                    if !demand.has_viewers() {
                        break;
                    }
                    let began = Instant::now();
                    sampler.sweep_at_pace(&mut sweeper, &mut pacing).await;
                    next = began + pacing.interval();
                }
                Ok(()) = links.runs.changed() => sweeper.close_ended(&links.runs.borrow_and_update()),
                Ok(()) = links.sampling.changed() => {
                    if links.sampling.borrow_and_update().is_none() {
                        sweeper.close_all();
                    }
                }
            }
        }
    }
}

/// Inputs and outputs of every round.
struct Sampler {
    feed: Feed,
    links: Links,
    store: StoreHandle,
    metrics: Metrics,
    history: History,
}

impl Sampler {
    /// Runs one round and adjusts the interval.
    async fn sweep_at_pace(&self, sweeper: &mut Sweeper, pacing: &mut Pacing) {
        let Some(took) = self.sweep(sweeper).await else { return };
        let was = pacing.widened();
        if !pacing.record(took) {
            return;
        }
        let widened = pacing.widened();
        match (was, widened) {
            (None, Some(interval)) => {
                tracing::warn!(?took, ?interval, "sampling interval widened: a round takes too long");
            }
            (Some(_), None) => tracing::info!("sampling interval back to the configured one"),
            _ => {}
        }
        self.store.send(Observation::StatsInterval(widened)).await;
    }

    /// Runs one round and returns its duration. Returns `None` if there is no engine or it was lost
    /// meanwhile, because then the duration is not representative.
    async fn sweep(&self, sweeper: &mut Sweeper) -> Option<Duration> {
        let mut sampling = self.links.sampling.clone();
        let link = sampling.borrow_and_update().clone()?;
        let (running, runs) = (self.feed.state().running(), self.links.runs.borrow().clone());
        let (samples, took) = sweeper.sweep(&link, running, runs).await;
        self.metrics.sweep(took, samples.len());
        // Also discarded if the link is already back.
        if sampling.has_changed().unwrap_or(true) {
            return None;
        }
        let taken_at = now();
        let present = self.feed.state().containers().map(|container| container.id).collect();
        self.history.record(&samples, taken_at, &present);
        self.store.send(Observation::Samples { samples, taken_at }).await;
        Some(took)
    }
}
