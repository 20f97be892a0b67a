//! One round over everything that has processes, and what the next round needs of it.

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

/// The newest counters of one run of one container, and when they came, by the clock and steadily.
type Readings = HashMap<Key, (Counters, Timestamp, Instant)>;

/// One run of one container.
type Key = (ContainerId, Option<Timestamp>);

/// What lasts from sweep to sweep; made anew for each spell of watching.
#[derive(Debug, Default)]
pub(super) struct Sweeper {
    readings: Readings,
    files: Option<Files>,
    one_shots: OneShots,
}

/// What the files said of the containers that can be read, and who is left for the engine.
type FileRound = (Vec<(Arc<Container>, Option<Counters>)>, Vec<Arc<Container>>);

impl Sweeper {
    /// Samples of all these containers, but for those that were started a moment ago and have not been inspected since; and how long it
    /// took to get them, apart from those that are late.
    pub(super) async fn sweep(
        &mut self,
        link: &SamplingLink,
        running: Vec<Arc<Container>>,
        runs: Runs,
    ) -> (Vec<Sample>, Duration) {
        let began = Instant::now();
        let (read, left) = match link.source {
            SourceChoice::Api => (Vec::new(), running),
            SourceChoice::Auto | SourceChoice::Files => self.read_files(link, running, runs).await,
        };
        let read_at = (now(), Instant::now());
        let (asked, took) = self.one_shots.ask(link, &left).await;
        let answered: HashSet<_> = asked.iter().map(|(container, ..)| container.id).collect();
        let read = read.into_iter().map(|(container, counters)| (container, counters, read_at));
        let asked = asked.into_iter().map(|(container, answer, came_at)| {
            let counters = answer.inspect_err(|error| {
                tracing::debug!(container.id = %container.id, %error, "no sample");
            });
            (container, counters.ok(), came_at)
        });
        let late_at = (now(), Instant::now());
        let late = left.into_iter().filter(|container| !answered.contains(&container.id));
        let late = late.map(|container| (container, None, late_at));
        let mut next = Readings::new();
        let mut samples = Vec::new();
        for (container, counters, (taken_at, came_at)) in read.chain(asked).chain(late) {
            let key = (container.id, container.started_at);
            let earlier = self.readings.remove(&key);
            let known_at = earlier.as_ref().map(|(_, taken_at, _)| *taken_at);
            let usable = earlier.as_ref().zip(counters.as_ref()).filter(|((earlier, _, at), later)| {
                formula::clock_went_on(earlier, later, came_at.duration_since(*at))
            });
            let usable = usable.map(|((earlier, ..), _)| earlier);
            // Without an answer, since the last one nothing is known.
            let of = if counters.is_some() { taken_at } else { known_at.unwrap_or(taken_at) };
            let stats = sample(&container, usable, counters.as_ref(), of);
            let cpu_nanos = counters.as_ref().and_then(|counters| counters.cpu_nanos);
            next.extend(counters.map(|counters| (counters, taken_at, came_at)).or(earlier).map(|newest| (key, newest)));
            samples.push(Sample { started_at: container.started_at, stats, cpu_nanos });
        }
        self.readings = next;
        (samples, read_at.1.duration_since(began) + took)
    }

    /// On a thread that may block: the kernel adds counters up while it is read, and may have to wait for a lock. One thread
    /// reads all, and gives the open files back; tokio keeps it for the next sweep.
    async fn read_files(&mut self, link: &SamplingLink, running: Vec<Arc<Container>>, runs: Runs) -> FileRound {
        let files = self.files.take();
        let (source, memory_total) = (link.source, link.memory_total);
        let reading = tokio::task::spawn_blocking(move || {
            let mut files = files.unwrap_or_else(|| Files::here(memory_total));
            files.retain(&runs);
            let round = read(&mut files, source, running, &runs);
            (files, round)
        });
        match reading.await {
            Ok((files, round)) => {
                self.files = Some(files);
                round
            }
            // It panicked, or the server stops.
            Err(error) => {
                tracing::error!(%error, "reading files failed");
                FileRound::default()
            }
        }
    }

    /// Closes the files of the runs that are over.
    pub(super) fn close_ended(&mut self, runs: &Runs) {
        if let Some(files) = &mut self.files {
            files.retain(runs);
        }
    }

    /// Closes all files: nobody tells which runs are over.
    pub(super) fn close_all(&mut self) {
        self.files = None;
    }
}

fn read(files: &mut Files, source: SourceChoice, running: Vec<Arc<Container>>, runs: &Runs) -> FileRound {
    let (mut read, mut left) = FileRound::default();
    for container in running {
        let is_inspected = runs.get(container.id).is_some_and(|run| run.started_at == container.started_at);
        // An event told of its start; what its first process is, inspect will tell within a moment, unless that fails.
        if !is_inspected && container.inspect_error.is_none() {
            continue;
        }
        match files.counters(container.id, runs) {
            None if source == SourceChoice::Auto => left.push(container),
            counters => read.push((container, counters)),
        }
    }
    (read, left)
}

fn sample(
    container: &Container,
    earlier: Option<&Counters>,
    counters: Option<&Counters>,
    taken_at: Timestamp,
) -> ContainerStats {
    let (id, name) = (container.id, container.name.clone());
    match counters {
        Some(counters) => formula::stats(id, name, earlier, counters, taken_at),
        None => ContainerStats::unknown(id, name, taken_at),
    }
}
