//! One sampling round over all containers with processes, and the state for the next round.
//!
//! In: containers and runs. Out: [`Sample`]s. Owned by the sampler's task.

use super::{Files, formula, one_shot::OneShots};
use crate::{
    engine::{Counters, Runs, SamplingLink, SourceChoice},
    now,
    watcher::Sample,
};
use app::model::{Container, ContainerId, ContainerStats, Timestamp};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};
use tokio::time::Instant;

/// Latest counters of each run, with their time on the wall clock and the monotonic clock.
type Readings = HashMap<RunKey, (Counters, Timestamp, Instant)>;

/// One run of one container.
type RunKey = (ContainerId, Option<Timestamp>);

/// State kept between rounds; created again each time viewers arrive.
#[derive(Debug, Default)]
pub(super) struct Sweeper {
    readings: Readings,
    files: Option<Files>,
    one_shots: OneShots,
}

/// Counters from files, and the containers left for the engine.
type FileRound = (Vec<(Arc<Container>, Option<Counters>)>, Vec<Arc<Container>>);

/// A round.
#[derive(Debug)]
pub(super) struct Sweep {
    pub(super) samples: Vec<Sample>,
    /// Duration of the round without late calls.
    pub(super) took: Duration,
    /// Number of calls of the Engine API.
    pub(super) calls: usize,
}

impl Sweeper {
    /// Samples all these containers except those that were just started and not inspected yet.
    pub(super) async fn sweep(&mut self, link: &SamplingLink, running: Vec<Arc<Container>>, runs: Runs) -> Sweep {
        let began = Instant::now();
        let (from_files, left) = match link.source {
            SourceChoice::Api => (Vec::new(), running),
            SourceChoice::Auto | SourceChoice::Files => self.read_files(link, running, runs).await,
        };
        let (calls, read_at) = (left.len(), (now(), Instant::now()));
        let (from_engine, took) = self.one_shots.read_all(link, &left).await;
        let responded: HashSet<_> = from_engine.iter().map(|(container, ..)| container.id).collect();
        let from_files = from_files.into_iter().map(|(container, counters)| (container, counters, read_at));
        let from_engine = from_engine.into_iter().map(|(container, result, came_at)| {
            let counters = result.inspect_err(|error| {
                tracing::debug!(container.id = %container.id, %error, "no sample");
            });
            (container, counters.ok(), came_at)
        });
        let late_at = (now(), Instant::now());
        let late = left.into_iter().filter(|container| !responded.contains(&container.id));
        let late = late.map(|container| (container, None, late_at));
        let mut next = Readings::new();
        let mut samples = Vec::new();
        for (container, counters, (taken_at, came_at)) in from_files.chain(from_engine).chain(late) {
            let key = (container.id, container.started_at);
            let earlier = self.readings.remove(&key);
            let known_at = earlier.as_ref().map(|(_, taken_at, _)| *taken_at);
            let usable = earlier.as_ref().zip(counters.as_ref()).filter(|((earlier, _, at), later)| {
                formula::clock_is_continuous(earlier, later, came_at.duration_since(*at))
            });
            let usable = usable.map(|((earlier, ..), _)| earlier);
            // Without a response, the data is as old as the previous one.
            let of = if counters.is_some() { taken_at } else { known_at.unwrap_or(taken_at) };
            let stats = sample(&container, usable, counters.as_ref(), of);
            let cpu_nanos = counters.as_ref().and_then(|counters| counters.cpu_nanos);
            next.extend(counters.map(|counters| (counters, taken_at, came_at)).or(earlier).map(|newest| (key, newest)));
            samples.push(Sample { started_at: container.started_at, stats, cpu_nanos });
        }
        self.readings = next;
        Sweep { samples, took: read_at.1.duration_since(began) + took, calls }
    }

    /// Reads the files of all containers on one blocking thread, because the kernel sums counters
    /// during a read and may wait for a lock.
    async fn read_files(&mut self, link: &SamplingLink, running: Vec<Arc<Container>>, runs: Runs) -> FileRound {
        let files = self.files.take();
        let (source, memory_total) = (link.source, link.memory_total);
        let reading = tokio::task::spawn_blocking(move || {
            let mut files = files.unwrap_or_else(|| Files::here(memory_total));
            files.retain(&runs);
            let round = read_all_files(&mut files, source, running, &runs);
            (files, round)
        });
        match reading.await {
            Ok((files, round)) => {
                self.files = Some(files);
                round
            }
            // It panicked, or the server is shutting down.
            Err(error) => {
                tracing::error!(%error, "reading files failed");
                FileRound::default()
            }
        }
    }

    /// Closes the files of runs that have ended.
    pub(super) fn close_ended(&mut self, runs: &Runs) {
        if let Some(files) = &mut self.files {
            files.retain(runs);
        }
    }

    /// Closes all files, because ended runs are unknown without the engine.
    pub(super) fn close_all(&mut self) {
        self.files = None;
    }
}

fn read_all_files(files: &mut Files, source: SourceChoice, running: Vec<Arc<Container>>, runs: &Runs) -> FileRound {
    let (mut from_files, mut left) = FileRound::default();
    for container in running {
        let is_inspected = runs.get(container.id).is_some_and(|run| run.started_at == container.started_at);
        // Started by an event; inspect brings its main process in a moment, unless it fails.
        if !is_inspected && container.inspect_error.is_none() {
            continue;
        }
        match files.counters(container.id, runs) {
            None if source == SourceChoice::Auto => left.push(container),
            counters => from_files.push((container, counters)),
        }
    }
    (from_files, left)
}

fn sample(
    container: &Container,
    earlier: Option<&Counters>,
    counters: Option<&Counters>,
    taken_at: Timestamp,
) -> ContainerStats {
    let (key, name) = (container.key(), container.name.clone());
    match counters {
        Some(counters) => formula::stats(key, name, earlier, counters, taken_at),
        None => ContainerStats::unknown(key, name, taken_at),
    }
}
