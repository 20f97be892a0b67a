//! Takes one sample of every container that has processes, every `--stats-interval`, while somebody watches.
//!
//! In: the list from the [`Feed`], a client from the watcher while the link is up. Out: [`Observation::Samples`] to the store.
//! Two readings make a processor figure; [`formula`] says how. A sweep that takes longer than the interval delays the next
//! one; sweeps never overlap.

mod files;
pub mod formula;
mod run;

pub use files::Files;
pub use formula::Counters;
pub use run::{Network, Run, Runs};

use crate::{
    demand::Demand,
    engine::EngineClient,
    feed::Feed,
    metrics::Metrics,
    now,
    store::{Observation, Sample, StoreHandle},
};
use app::model::{Container, ContainerId, ContainerStats, Timestamp};
use futures::{StreamExt as _, stream};
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior},
};

/// What the watcher hands over while the link is up.
#[derive(Debug, Clone)]
pub struct SamplingLink {
    /// Whom to ask.
    pub client: EngineClient,
    /// How many samples may be asked for at once; see [`concurrency`].
    pub concurrency: usize,
}

/// How many one-shot calls suit an engine of this version.
///
/// From 23.0.8, 24.0.7 and 25.0 on a call is answered at once, and 8 keep an engine busy without crowding others out. Older
/// ones answer all that wait together, once a second: there, asking for all at once costs 0.3 CPU seconds per 100 samples,
/// where a stream per container costs 0.4 and cannot go slower than 1 s.
pub fn concurrency(version: Option<&str>) -> usize {
    const DIRECT: usize = 8;
    const ALL_AT_ONCE: usize = 512;
    let mut parts = version.unwrap_or_default().split(['.', '-', '+']).map_while(|part| part.parse::<u32>().ok());
    let version = (parts.next(), parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    match version {
        (Some(major), minor, patch) if major < 23 || (major == 23 && minor == 0 && patch < 8) => {
            // Podman's own numbers (4.x, 5.x) do not follow Docker's; it answers at once.
            if major < 17 { DIRECT } else { ALL_AT_ONCE }
        }
        (Some(24), 0, patch) if patch < 7 => ALL_AT_ONCE,
        _ => DIRECT,
    }
}

/// Runs until its task is aborted.
pub async fn run(
    demand: Demand,
    feed: Feed,
    link: watch::Receiver<Option<SamplingLink>>,
    store: StoreHandle,
    metrics: Metrics,
    interval: Duration,
) {
    loop {
        demand.wanted().await;
        let mut readings = HashMap::new();
        // The second reading comes early, so that a first viewer sees processor figures after a second.
        let early = interval.min(Duration::from_secs(1));
        sweep(&feed, &link, &store, &metrics, &mut readings).await;
        let mut ticks = tokio::time::interval_at(Instant::now() + early, interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while demand.is_wanted() {
            ticks.tick().await;
            sweep(&feed, &link, &store, &metrics, &mut readings).await;
        }
    }
}

/// The newest counters of one run of one container.
type Readings = HashMap<(ContainerId, Option<Timestamp>), Counters>;

async fn sweep(
    feed: &Feed,
    link: &watch::Receiver<Option<SamplingLink>>,
    store: &StoreHandle,
    metrics: &Metrics,
    readings: &mut Readings,
) {
    let Some(SamplingLink { client, concurrency }) = link.borrow().clone() else { return };
    let began = Instant::now();
    let running = feed.state().running();
    let client = &client;
    let taken: Vec<_> = stream::iter(running)
        .map(|container| async move {
            let counters = client.counters(container.id).await;
            (container, counters, now())
        })
        .buffer_unordered(concurrency)
        .collect()
        .await;
    let mut next = Readings::with_capacity(taken.len());
    let mut samples = Vec::with_capacity(taken.len());
    for (container, counters, taken_at) in taken {
        let stats = match counters {
            Ok(counters) => {
                let key = (container.id, container.started_at);
                let stats = sample(&container, readings.get(&key), &counters, taken_at);
                next.insert(key, counters);
                stats
            }
            Err(error) => {
                tracing::debug!(container.id = %container.id, %error, "no sample");
                ContainerStats::unknown(container.id, container.name.clone(), taken_at)
            }
        };
        samples.push(Sample { started_at: container.started_at, stats });
    }
    *readings = next;
    metrics.sweep(began.elapsed(), samples.len());
    if link.borrow().is_some() {
        store.send(Observation::Samples { samples, taken_at: now() }).await;
    }
}

fn sample(
    container: &Arc<Container>,
    earlier: Option<&Counters>,
    counters: &Counters,
    taken_at: Timestamp,
) -> ContainerStats {
    formula::stats(container.id, container.name.clone(), earlier, counters, taken_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_engines_are_asked_for_all_samples_at_once() {
        for old in ["20.10.24+dfsg1", "19.03.1", "23.0.7", "24.0.6"] {
            assert_eq!(concurrency(Some(old)), 512, "{old}");
        }
        for new in ["23.0.8", "24.0.7", "25.0.0", "28.5.2", "29.1.0-rc1", "5.4.0"] {
            assert_eq!(concurrency(Some(new)), 8, "{new}");
        }
        assert_eq!(concurrency(None), 8);
    }
}
