//! Stats of one container: CPU and memory as meters, traffic as totals.

use crate::prelude::*;
use crate::{
    client::{Host, Row, Rows, Trend, use_realtime_containers},
    format::{bytes, status_reason},
    frame::{
        freshness::{NumbersAge, NumbersAges},
        numbers_age::use_numbers_age,
    },
    model::{Container, ContainerKey, ContainerStats},
    parts::{
        meter::Meter,
        reading::{Reading, cpu_reading, memory_reading},
        sparkline::Sparkline,
    },
    prefs::remembered::use_remembered,
    query::{CpuScale, MemoryScale},
};
use std::sync::Arc;

/// The reason for hiding old stats.
const TOO_OLD: &str = "The newest sample is too old";

/// Scales of the CPU and memory meters.
pub type Scales = (CpuScale, MemoryScale);

/// The scales of the surrounding list; outside a list, the preferred ones.
pub fn use_scales() -> Memo<Scales> {
    let remembered = use_remembered();
    use_context().unwrap_or_else(|| Memo::new(move |_| remembered.query().scales()))
}

/// The signals behind a container's stats.
#[derive(Debug, Clone, Copy)]
pub struct UsageSource {
    /// Container whose stats are shown.
    pub container: ReadSignal<Arc<Container>>,
    /// Newest sample of the container.
    pub stats: ReadSignal<Option<Arc<ContainerStats>>>,
    /// CPU usage of the container over the last minute.
    pub trend: ReadSignal<Trend>,
    /// Scales of CPU and memory.
    pub scales: Memo<Scales>,
    key: ContainerKey,
    ages: Memo<NumbersAges>,
    rows: Rows,
}

impl UsageSource {
    /// The source for a row, with the scales of the surrounding list.
    pub fn of(row: Row) -> Self {
        let Row { key, container, stats, trend } = row;
        Self {
            container: container.into(),
            stats: stats.into(),
            trend: trend.into(),
            scales: use_scales(),
            key,
            ages: use_numbers_age(),
            rows: use_realtime_containers().rows,
        }
    }

    /// True if the container has processes and therefore stats.
    pub(super) fn has_processes(self) -> Memo<bool> {
        Memo::new(move |_| self.container.read().state.has_processes())
    }

    /// Age of the stats.
    pub fn age(self) -> NumbersAge {
        self.ages.read().of(self.key.engine)
    }

    fn host(self) -> Option<Host> {
        self.rows.host(self.key.engine)
    }

    /// CPU, with its trend.
    pub(super) fn cpu(self) -> Erased {
        let (cpu, _) = self.scales.get();
        let stats = self.stats.get();
        let reading = self.timely(cpu_reading(stats.as_deref(), &self.container.read(), self.host(), cpu));
        let trend = self.trend.get();
        view! {
            <Sparkline trend=&trend />
            <Meter reading name="CPU" />
        }
        .erased()
    }

    /// Memory usage.
    pub(super) fn memory(self) -> Erased {
        let (_, memory) = self.scales.get();
        let stats = self.stats.get();
        let reading = self.timely(memory_reading(stats.as_deref(), self.host(), memory));
        view! { <Meter reading name="Memory" /> }.erased()
    }

    fn is_gone(self) -> bool {
        self.age() == NumbersAge::Gone
    }

    fn timely(self, reading: Result<Reading, &'static str>) -> Result<Reading, &'static str> {
        if self.is_gone() { Err(TOO_OLD) } else { reading }
    }

    /// Marks a container that shares another one's network, so that its traffic is not counted
    /// twice.
    fn shared_network(self) -> Option<Erased> {
        let owner = {
            let container = self.container.read();
            ContainerKey::new(container.engine, container.network_of?)
        };
        let name = self
            .rows
            .get(owner)
            .map_or_else(|| "another container".to_owned(), |row| row.container.read().name.clone());
        let title = format!("Includes the traffic of {name}, whose network it shares");
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
        let unknown = if self.is_gone() { TOO_OLD } else { "The engine does not report this value for this container" };
        traffic(name, sign, self.timely_stats().as_deref().and_then(read).ok_or(unknown))
    }

    /// The newest sample, unless it is too old.
    fn timely_stats(self) -> Option<Arc<ContainerStats>> {
        self.stats.get().filter(|_| !self.is_gone())
    }
}

/// Two meters, or the reason why there are no stats.
#[component]
pub fn Usage(
    /// The signals.
    source: UsageSource,
) -> Erased {
    let has_processes = source.has_processes();
    view! {
        <div class="usage">
            {move || {
                if has_processes.get() {
                    (move || (source.cpu(), source.memory()).erased()).erased()
                } else {
                    (move || no_stats_reason(&source.container.read())).erased()
                }
            }}
        </div>
    }
    .erased()
}

/// The reason why there are no stats.
pub(super) fn no_stats_reason(container: &Container) -> Erased {
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
