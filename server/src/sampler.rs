//! Samples every container with processes, every `--stats-interval`, while there are viewers.
//!
//! In: the containers, their processes and, while the link is up, a client, from the watcher
//! ([`Links`]). Out: [`Observation::Samples`] to the store and the [`History`]. Owned by its own
//! supervised task.
//!
//! Each round ([`Sweeper`]) reads [`files`] where possible and requests the rest from the engine
//! ([`one_shot`]). CPU usage is calculated from two readings ([`formula`]). Rounds that are too
//! slow widen the interval ([`pacing`]), and so do too many calls over all engines and too many bytes
//! from one ([`budget`]); rounds never overlap. Read next: [`crate::store`].

mod budget;
mod files;
pub mod formula;
mod one_shot;
mod pacing;
mod probe;
mod sweep;

pub use budget::CallBudget;
pub use files::Files;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use files::fuzzing::kernel_file;
pub use probe::find_stats_source;

use crate::{
    engine::Links,
    history::History,
    now,
    process::{demand::Demand, metrics::Metrics},
    watcher::{Observation, ObservationSender},
};
use app::model::{Container, EngineName};
use budget::{CallShare, interval_of_bytes};
use pacing::Pacing;
use std::{sync::Arc, time::Duration};
use sweep::{Sweep, Sweeper};
use tokio::time::{Instant, sleep_until};

/// Sampling intervals.
#[derive(Debug, Clone)]
pub struct Intervals {
    /// Interval while there are viewers.
    pub active: Duration,
    /// Interval without viewers; `None` for no samples.
    pub idle: Option<Duration>,
    /// Limit on calls of all engines together.
    pub budget: CallBudget,
}

/// Runs until its task is aborted.
pub async fn run(
    engine: EngineName,
    demand: Demand,
    mut links: Links,
    store: ObservationSender,
    metrics: Metrics,
    history: History,
    intervals: Intervals,
) {
    let Intervals { active, idle, budget } = intervals;
    let mut sampler = Sampler { engine, links: links.clone(), store, metrics, history, calls: budget.share() };
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
    engine: EngineName,
    links: Links,
    store: ObservationSender,
    metrics: Metrics,
    history: History,
    calls: CallShare,
}

impl Sampler {
    /// Containers with processes, by id.
    fn running(&self) -> Vec<Arc<Container>> {
        let containers = self.links.containers.borrow();
        let mut running: Vec<_> = containers.values().filter(|each| each.state.has_processes()).cloned().collect();
        running.sort_unstable_by_key(|container| container.id);
        running
    }

    /// Bytes received from the engine since the start of the server.
    fn received_bytes(&self) -> u64 {
        self.metrics.traffic(self.engine).totals().received_bytes
    }

    /// Runs one round and adjusts the interval.
    async fn sweep_at_pace(&mut self, sweeper: &mut Sweeper, pacing: &mut Pacing) {
        let before = self.received_bytes();
        let Some(took) = self.sweep(sweeper).await else { return };
        let was = pacing.widened();
        let is_local = self.links.sampling.borrow().as_ref().is_some_and(|link| link.is_local);
        let received = if is_local { 0 } else { self.received_bytes() - before };
        if !pacing.record(took, self.calls.interval().max(interval_of_bytes(received))) {
            return;
        }
        let widened = pacing.widened();
        match (was, widened) {
            (None, Some(interval)) => {
                tracing::warn!(engine.name = %self.engine, ?took, ?interval, "sampling interval widened: a round takes too long, or samples are too many or too large");
            }
            (Some(_), None) => {
                tracing::info!(engine.name = %self.engine, "sampling interval back to the configured one");
            }
            _ => {}
        }
        self.store.send(Observation::StatsInterval(self.engine, widened)).await;
    }

    /// Runs one round and returns its duration; `None` if there is no engine or it was lost
    /// meanwhile, because the duration is then not representative.
    async fn sweep(&mut self, sweeper: &mut Sweeper) -> Option<Duration> {
        let mut sampling = self.links.sampling.clone();
        let Some(link) = sampling.borrow_and_update().clone() else {
            self.calls.set(0);
            return None;
        };
        let (running, runs) = (self.running(), self.links.runs.borrow().clone());
        let Sweep { samples, took, calls } = sweeper.sweep(&link, running, runs).await;
        self.calls.set(calls);
        self.metrics.sweep(took, samples.len());
        // Also discarded if the link is already back.
        if sampling.has_changed().unwrap_or(true) {
            return None;
        }
        let taken_at = now();
        let present = self.links.containers.borrow().keys().copied().collect();
        self.history.record(self.engine, &samples, taken_at, &present);
        self.store.send(Observation::Samples { engine: self.engine, samples, taken_at }).await;
        Some(took)
    }
}
