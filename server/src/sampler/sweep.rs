//! One round over everything that has processes, and what the next round needs of it.

use super::{Counters, Files, Runs, SamplingLink, formula, one_shot};
use crate::{config::SourceChoice, now, store::Sample};
use app::model::{Container, ContainerId, ContainerStats, Timestamp};
use std::{collections::HashMap, sync::Arc, time::Instant};

/// The newest counters of one run of one container, and when they came.
type Readings = HashMap<(ContainerId, Option<Timestamp>), (Counters, Instant)>;

/// What lasts from sweep to sweep; made anew for each spell of watching.
#[derive(Debug, Default)]
pub(super) struct Sweeper {
    readings: Readings,
    files: Option<Files>,
}

/// What the files said of the containers that can be read, and who is left for the engine.
type FileRound = (Vec<(Arc<Container>, Option<Counters>)>, Vec<Arc<Container>>);

impl Sweeper {
    /// Samples of all these containers, but for those that were started a moment ago and have not been inspected since.
    pub(super) async fn sweep(&mut self, link: &SamplingLink, running: Vec<Arc<Container>>, runs: Runs) -> Vec<Sample> {
        let (read, left) = match link.source {
            SourceChoice::Api => (Vec::new(), running),
            SourceChoice::Auto | SourceChoice::Files => self.read_files(link, running, runs).await,
        };
        let read_at = (now(), Instant::now());
        let read = read.into_iter().map(|(container, counters)| (container, counters, read_at));
        let asked = one_shot::ask(link, left).await.into_iter().map(|(container, answer, came_at)| {
            let counters = answer.inspect_err(|error| {
                tracing::debug!(container.id = %container.id, %error, "no sample");
            });
            (container, counters.ok(), came_at)
        });
        let mut next = Readings::new();
        let samples = read.chain(asked).map(|(container, counters, (taken_at, came_at))| {
            let key = (container.id, container.started_at);
            let earlier =
                self.readings.get(&key).zip(counters.as_ref()).filter(|((earlier, at), later)| {
                    formula::clock_went_on(earlier, later, came_at.duration_since(*at))
                });
            let earlier = earlier.map(|((earlier, _), _)| earlier);
            let stats = sample(&container, earlier, counters.as_ref(), taken_at);
            let cpu_nanos = counters.as_ref().and_then(|counters| counters.cpu_nanos);
            next.extend(counters.map(|counters| (key, (counters, came_at))));
            Sample { started_at: container.started_at, stats, cpu_nanos }
        });
        let samples = samples.collect();
        self.readings = next;
        samples
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
        // An event told of its start; what its first process is, inspect will tell within a moment.
        if runs.get(&container.id).is_none_or(|run| run.started_at != container.started_at) {
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
