//! Takes one sample of every container that has processes, every `--stats-interval`, while somebody watches.
//!
//! In: the containers, their processes and, while the link is up, a client, from the watcher ([`Links`]). Out:
//! [`Observation::Samples`] to the store. Each round ([`Sweeper`]) reads [`files`] where it can and asks the engine
//! ([`one_shot`]) for the rest. Two readings make a processor figure; [`formula`] says how. Rounds that take
//! too long for the interval widen it ([`pacing`]); they never overlap.

mod files;
pub mod formula;
mod one_shot;
mod pacing;
mod probe;
mod sweep;

pub use files::Files;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use files::fuzzing::kernel_file;
pub use probe::find_stats_source;

use crate::{
    demand::Demand,
    engine::Links,
    history::History,
    metrics::Metrics,
    now,
    watcher::{Observation, ObservationSender},
};
use app::model::Container;
use pacing::Pacing;
use std::{sync::Arc, time::Duration};
use sweep::Sweeper;
use tokio::time::{Instant, sleep_until};

/// How often samples are taken.
#[derive(Debug, Clone, Copy)]
pub struct Intervals {
    /// While somebody watches.
    pub watched: Duration,
    /// While nobody does; `None` for not at all.
    pub idle: Option<Duration>,
}

/// Runs until its task is aborted.
pub async fn run(
    demand: Demand,
    mut links: Links,
    store: ObservationSender,
    metrics: Metrics,
    history: History,
    intervals: Intervals,
) {
    let Intervals { watched, idle } = intervals;
    let sampler = Sampler { links: links.clone(), store, metrics, history };
    let mut pacing = Pacing::new(watched);
    loop {
        let mut sweeper = Sweeper::default();
        while let Some(idle) = idle
            && tokio::time::timeout(idle, demand.wanted()).await.is_err()
        {
            sampler.sweep(&mut sweeper).await;
        }
        demand.wanted().await;
        sampler.sweep_at_pace(&mut sweeper, &mut pacing).await;
        // The second reading comes early, so that a first viewer sees processor figures after a second.
        let mut next = Instant::now() + watched.min(Duration::from_secs(1));
        while demand.is_wanted() {
            tokio::select! {
                () = sleep_until(next) => {
                    // Whoever wanted it may have left meanwhile.
                    if !demand.is_wanted() {
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

/// What every round needs.
struct Sampler {
    links: Links,
    store: ObservationSender,
    metrics: Metrics,
    history: History,
}

impl Sampler {
    /// Containers that have processes, by id.
    fn running(&self) -> Vec<Arc<Container>> {
        let containers = self.links.containers.borrow();
        let mut running: Vec<_> = containers.values().filter(|each| each.state.has_processes()).cloned().collect();
        running.sort_unstable_by_key(|container| container.id);
        running
    }

    /// One round, and what it makes of the interval.
    async fn sweep_at_pace(&self, sweeper: &mut Sweeper, pacing: &mut Pacing) {
        let Some(took) = self.sweep(sweeper).await else { return };
        let was = pacing.widened();
        if !pacing.took(took) {
            return;
        }
        let widened = pacing.widened();
        match (was, widened) {
            (None, Some(interval)) => {
                tracing::warn!(?took, ?interval, "samples are taken less often: a round takes too long");
            }
            (Some(_), None) => tracing::info!("samples are taken as often as asked for again"),
            _ => {}
        }
        self.store.send(Observation::Widened(widened)).await;
    }

    /// One round; how long it took. `None` without an engine, also where it was lost meanwhile: its silence says nothing of what rounds take.
    async fn sweep(&self, sweeper: &mut Sweeper) -> Option<Duration> {
        let mut sampling = self.links.sampling.clone();
        let link = sampling.borrow_and_update().clone()?;
        let (running, runs) = (self.running(), self.links.runs.borrow().clone());
        let (samples, took) = sweeper.sweep(&link, running, runs).await;
        self.metrics.sweep(took, samples.len());
        // Whether it is back by now or not.
        if sampling.has_changed().unwrap_or(true) {
            return None;
        }
        let taken_at = now();
        let present = self.links.containers.borrow().keys().copied().collect();
        self.history.record(&samples, taken_at, &present);
        self.store.send(Observation::Samples { samples, taken_at }).await;
        Some(took)
    }
}
