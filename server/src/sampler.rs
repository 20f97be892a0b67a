//! Takes one sample of every container that has processes, every `--stats-interval`, while somebody watches.
//!
//! In: the list from the [`Feed`], the containers' processes and a client from the watcher while the link is up. Out:
//! [`Observation::Samples`] to the store. Each round ([`Sweeper`]) reads [`files`] where it can and asks the engine
//! ([`one_shot`]) for the rest. Two readings make a processor figure; [`formula`] says how. A sweep that takes longer than the
//! interval delays the next one; sweeps never overlap.

mod files;
pub mod formula;
mod one_shot;
mod run;
mod sweep;

pub use files::Files;
pub use formula::Counters;
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
use std::time::Duration;
use sweep::Sweeper;
use tokio::time::{Instant, MissedTickBehavior};

/// What the watcher hands over while the link is up.
#[derive(Debug, Clone)]
pub struct SamplingLink {
    /// Whom to ask.
    pub client: EngineClient,
    /// How many samples may be asked for at once; see [`concurrency`].
    pub concurrency: usize,
    /// Where numbers may come from.
    pub source: SourceChoice,
    /// The host's memory in bytes, as the engine tells it.
    pub memory_total: Option<u64>,
}

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
    feed: Feed,
    mut links: Links,
    store: StoreHandle,
    metrics: Metrics,
    history: History,
    intervals: Intervals,
) {
    let Intervals { watched: interval, idle } = intervals;
    loop {
        let mut sweeper = Sweeper::default();
        while let Some(idle) = idle
            && tokio::time::timeout(idle, demand.wanted()).await.is_err()
        {
            sweep(&mut sweeper, &feed, &links, &store, &metrics, &history).await;
        }
        demand.wanted().await;
        // The second reading comes early, so that a first viewer sees processor figures after a second.
        let early = interval.min(Duration::from_secs(1));
        sweep(&mut sweeper, &feed, &links, &store, &metrics, &history).await;
        let mut ticks = tokio::time::interval_at(Instant::now() + early, interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while demand.is_wanted() {
            tokio::select! {
                _ = ticks.tick() => sweep(&mut sweeper, &feed, &links, &store, &metrics, &history).await,
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

async fn sweep(
    sweeper: &mut Sweeper,
    feed: &Feed,
    links: &Links,
    store: &StoreHandle,
    metrics: &Metrics,
    history: &History,
) {
    let Some(link) = links.sampling.borrow().clone() else { return };
    let began = Instant::now();
    let (running, runs) = (feed.state().running(), links.runs.borrow().clone());
    let samples = sweeper.sweep(&link, running, runs).await;
    metrics.sweep(began.elapsed(), samples.len());
    if links.sampling.borrow().is_some() {
        let taken_at = now();
        let present = feed.state().containers().map(|container| container.id).collect();
        history.record(&samples, taken_at, &present);
        store.send(Observation::Samples { samples, taken_at }).await;
    }
}
