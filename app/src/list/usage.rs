//! The numbers of one container: CPU and memory as meters, traffic as totals.

use crate::prelude::*;
use crate::{
    client::{Row, Trend, use_realtime_containers},
    format::{bytes, status_reason},
    frame::{freshness::NumbersAge, numbers_age::use_numbers_age},
    model::{Container, ContainerStats, Engine},
    parts::{
        meter::Meter,
        reading::{Reading, cpu_reading, memory_reading},
        sparkline::Sparkline,
    },
    prefs::remembered::use_remembered,
    query::{CpuScale, MemoryScale},
};
use std::sync::Arc;

/// Why numbers that were known are not shown.
const TOO_OLD: &str = "The newest sample is too old to say anything";

/// What 100 % CPU and 100 % memory are.
pub type Scales = (CpuScale, MemoryScale);

/// The scales of the list that this is in; outside a list, the remembered ones.
pub fn use_scales() -> Signal<Scales> {
    let remembered = use_remembered();
    use_context().unwrap_or_else(|| Signal::derive(move || remembered.query().scales()))
}

/// What the numbers are made from; one row's signals and the engines'.
#[derive(Debug, Clone, Copy)]
pub struct UsageSource {
    /// The container.
    pub container: Signal<Arc<Container>>,
    /// Its newest sample.
    pub stats: Signal<Option<Arc<ContainerStats>>>,
    /// Its CPU over the last minute.
    pub trend: Signal<Trend>,
    /// What CPU and memory are measured against.
    pub scales: Signal<Scales>,
    /// Whether the numbers are still worth showing.
    pub age: Memo<NumbersAge>,
    /// Every engine: a CPU bar names the host's cores, a memory bar tells a limit from the host's memory.
    pub engines: Signal<Vec<Engine>>,
}

impl UsageSource {
    /// Of a row, on the scales of the list it is in; outside a list, on the remembered ones.
    pub fn of(row: Row) -> Self {
        let Row { id: _, container, stats, trend } = row;
        Self {
            container: container.into(),
            stats: stats.into(),
            trend: trend.into(),
            scales: use_scales(),
            age: use_numbers_age(),
            engines: use_realtime_containers().engines,
        }
    }

    /// Whether there are processes, and so figures.
    pub(super) fn has_processes(self) -> Memo<bool> {
        Memo::new(move |_| self.container.read().state.has_processes())
    }

    fn engine(self) -> Option<Engine> {
        let id = &self.container.read().engine;
        self.engines.read().iter().find(|engine| engine.id == *id).cloned()
    }

    /// CPU, with its trend.
    pub(super) fn cpu(self) -> Erased {
        let (cpu, _) = self.scales.get();
        let stats = self.stats.get();
        let reading = self.timely(cpu_reading(stats.as_deref(), &self.container.read(), self.engine().as_ref(), cpu));
        let trend = self.trend.get();
        view! {
            <Sparkline trend=&trend />
            <Meter reading name="CPU" />
        }
        .erased()
    }

    /// Memory.
    pub(super) fn memory(self) -> Erased {
        let (_, memory) = self.scales.get();
        let stats = self.stats.get();
        let reading = self.timely(memory_reading(stats.as_deref(), self.engine().as_ref(), memory));
        view! { <Meter reading name="Memory" /> }.erased()
    }

    fn is_gone(self) -> bool {
        self.age.get() == NumbersAge::Gone
    }

    fn timely(self, reading: Result<Reading, &'static str>) -> Result<Reading, &'static str> {
        if self.is_gone() { Err(TOO_OLD) } else { reading }
    }

    /// Two containers with one network have the same traffic: it must not be added up.
    fn shared_network(self) -> Option<Erased> {
        let whose = self.container.read().network_of?;
        let rows = use_realtime_containers().rows;
        let name =
            rows.get(whose).map_or_else(|| "another container".to_owned(), |row| row.container.read().name.clone());
        let title = format!("Counted together with {name}, whose network it uses");
        Some(view! { <span class="traffic__shared" title=title>"shared"</span> }.erased())
    }

    /// Bytes received and sent.
    pub(super) fn network(self) -> Erased {
        let received = self.traffic("Received", "↓", |stats| stats.network_rx);
        let sent = self.traffic("Sent", "↑", |stats| stats.network_tx);
        view! {
            {received}
            {sent}
            {self.shared_network()}
        }
        .erased()
    }

    /// Bytes read and written.
    pub(super) fn disk(self) -> Erased {
        let read = self.traffic("Read", "R", |stats| stats.block_read);
        let written = self.traffic("Written", "W", |stats| stats.block_write);
        view! {
            {read}
            {written}
        }
        .erased()
    }

    /// Number of processes.
    pub(super) fn pids(self) -> String {
        self.timely_stats().and_then(|stats| stats.pids).map_or_else(|| "–".to_owned(), |count| count.to_string())
    }

    fn traffic(self, name: &'static str, sign: &'static str, read: fn(&ContainerStats) -> Option<u64>) -> Erased {
        let unknown = if self.is_gone() { TOO_OLD } else { "The engine does not count it for this container" };
        traffic(name, sign, self.timely_stats().as_deref().and_then(read).ok_or(unknown))
    }

    /// The newest sample, unless it is too old.
    fn timely_stats(self) -> Option<Arc<ContainerStats>> {
        self.stats.get().filter(|_| !self.is_gone())
    }
}

/// Two meters under each other while there are processes; otherwise why there are none.
#[component]
pub fn Usage(
    /// Where the numbers come from.
    source: UsageSource,
) -> Erased {
    let has_processes = source.has_processes();
    view! {
        <div class="usage">
            {live(move || {
                if has_processes.get() {
                    live(move || (source.cpu(), source.memory()).erased()).erased()
                } else {
                    live(move || story(&source.container.read())).erased()
                }
            })}
        </div>
    }
    .erased()
}

/// Why there are no figures.
pub(super) fn story(container: &Container) -> Erased {
    let error = container.error.clone().map(|error| {
        let title = error.clone();
        view! {
            <p class="usage__error" title=title dir="auto">
                {error}
            </p>
        }
    });
    let reason = status_reason(container);
    let title = reason.clone();
    view! {
        <p class="usage__story" title=title>
            {reason}
        </p>
        {error}
    }
    .erased()
}

/// A counter since the container's start.
fn traffic(name: &'static str, sign: &'static str, count: Result<u64, &'static str>) -> Erased {
    let (title, text) = match count {
        Ok(count) => (format!("{name} since it started"), bytes(count)),
        Err(reason) => (format!("{name}: {reason}"), "–".to_owned()),
    };
    view! {
        <span class="traffic" title=title>
            <span class="traffic__sign" aria-hidden="true">
                {sign}
            </span>
            <span class="visually-hidden">{name} " "</span>
            {text}
        </span>
    }
    .erased()
}
