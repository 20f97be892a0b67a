//! Metrics of each container, with `--container-metrics`.
//!
//! In: the state, and without viewers a sample taken for this request. Out: a [`Collector`] for the
//! registry. Outdated numbers are omitted, and so is everything of an engine that does not
//! respond: Prometheus then ends the series instead of recording old values as new.

use crate::{
    engine::Engines,
    feed::Feed,
    now,
    process::demand::Demand,
    store::{Measured, State},
};
use app::model::{Container, ContainerStats, Engine, EngineLink, EngineName, Timestamp};
use axum::http::HeaderMap;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet},
    metrics::MetricType,
    registry::Unit,
};
use std::{collections::BTreeMap, fmt, time::Duration};

/// Timeout for a sample: engines before 23.0.8 need one or two seconds, and Prometheus waits ten by
/// default.
const MAX_SAMPLE_TIMEOUT: Duration = Duration::from_secs(5);
/// Maximum age of numbers, in sampling intervals, as on the page.
const MAX_AGE_INTERVALS: u32 = 2;

/// Sources of the numbers.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) feed: Feed,
    pub(super) engines: Engines,
    pub(super) demand: Demand,
}

/// Metrics of all containers.
#[derive(Debug)]
pub(super) struct Containers {
    rows: Vec<Row>,
    /// Time of the latest sample of each engine, unless it is outdated.
    sampled_at: BTreeMap<EngineName, Timestamp>,
}

/// A container, and its id as text for the labels.
#[derive(Debug)]
struct Row {
    measured: Measured,
    id: String,
}

impl Containers {
    /// Collects the metrics, after a new sample if the last one is outdated.
    pub(super) async fn collect(source: Source, interval: Duration, headers: &HeaderMap) -> Self {
        let requested_at = now();
        let mut outdated = source.engines.connected();
        outdated.retain(|name| current(&source.feed, *name, interval).is_none());
        if !outdated.is_empty() {
            let _demand = source.demand.demand_once();
            let is_done = |held: &State, name| {
                let is_new = held.sampled_at_of(name).is_some_and(|at| at >= requested_at);
                is_new || !held.engine(name).is_some_and(responds)
            };
            let sampled = source.feed.wait_until(|held| outdated.iter().all(|name| is_done(held, *name)));
            // Without a sample in time, the numbers are omitted.
            let _ = tokio::time::timeout(sample_timeout(headers), sampled).await;
        }
        let held = source.feed.state();
        let is_up = |measured: &Measured| held.engine(measured.container.engine).is_some_and(responds);
        let rows =
            held.measured().filter(is_up).map(|measured| Row { id: measured.container.id.to_string(), measured });
        let sampled_at = held.engines().iter().filter(|engine| responds(engine));
        let sampled_at = sampled_at.filter_map(|engine| Some((engine.id, current(&source.feed, engine.id, interval)?)));
        Self { rows: rows.collect(), sampled_at: sampled_at.collect() }
    }
}

fn responds(engine: &Engine) -> bool {
    engine.link == EngineLink::Up
}

/// Time of the latest sample of an engine, if it is current.
fn current(feed: &Feed, engine: EngineName, interval: Duration) -> Option<Timestamp> {
    let held = feed.state();
    let widened = held.engine(engine).and_then(|engine| engine.stats_interval_millis);
    let interval = widened.map_or(interval, Duration::from_millis);
    held.sampled_at_of(engine).filter(|at| now().since(*at) <= interval * MAX_AGE_INTERVALS)
}

/// Half of the timeout that Prometheus announces, at most [`MAX_SAMPLE_TIMEOUT`].
fn sample_timeout(headers: &HeaderMap) -> Duration {
    let announced =
        headers.get("x-prometheus-scrape-timeout-seconds").and_then(|value| value.to_str().ok()?.parse().ok());
    let announced = announced.and_then(|seconds: f64| Duration::try_from_secs_f64(seconds / 2.0).ok());
    announced.unwrap_or(MAX_SAMPLE_TIMEOUT).min(MAX_SAMPLE_TIMEOUT)
}

/// Labels of each series; unknown ones are empty, which Prometheus treats as absent.
type Labels<'a> = [(&'static str, &'a str); 6];

/// Reads one number of a sample.
type Field = fn(&ContainerStats) -> Option<u64>;

/// A metric family.
struct Family<'a> {
    name: &'a str,
    help: &'a str,
    unit: Option<Unit>,
    kind: MetricType,
}

impl Collector for Containers {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        self.encode_states(&mut encoder)?;
        self.encode_facts(&mut encoder)?;
        self.encode_samples(&mut encoder)?;
        if self.sampled_at.is_empty() {
            return Ok(());
        }
        let (help, unit) = ("Unix time of the latest sample of the containers", Unit::Seconds);
        let name = "containers_sampled_timestamp";
        let mut family = encoder.encode_descriptor(name, help, Some(&unit), MetricType::Gauge)?;
        for (engine, sampled_at) in &self.sampled_at {
            let seconds = sampled_at.as_millis() as f64 / 1000.0;
            family.encode_family(&[("engine", engine.as_str())])?.encode_gauge(&seconds)?;
        }
        Ok(())
    }
}

impl Containers {
    fn encode_states(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let help = "1 for the current state of the container";
        let mut family = encoder.encode_descriptor("container_state", help, None, MetricType::Gauge)?;
        for row in &self.rows {
            let state = row.measured.container.state.as_str();
            labeled(&mut family, row.labels(), ("state", state))?;
        }
        let help = "1 for the current health status; only for running containers with a health check";
        let mut family = encoder.encode_descriptor("container_health", help, None, MetricType::Gauge)?;
        for row in &self.rows {
            if let Some(health) = row.measured.container.health {
                labeled(&mut family, row.labels(), ("health", health.as_str()))?;
            }
        }
        Ok(())
    }

    fn encode_facts(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let gauge = |name, help, unit| Family { name, help, unit, kind: MetricType::Gauge };
        let restarts = Family {
            kind: MetricType::Counter,
            ..gauge("container_restarts", "Restarts by the restart policy, as counted by the engine", None)
        };
        self.series(encoder, restarts, |of| Some(of.container.restart_count as f64))?;
        let started = gauge("container_start_time", "Unix time of the last start", Some(Unit::Seconds));
        self.series(encoder, started, |of| Some(of.container.started_at?.as_millis() as f64 / 1000.0))?;
        let exit =
            gauge("container_exit_code", "Exit code of the last run; absent while the container is running", None);
        self.series(encoder, exit, |of| Some(of.container.exit_code? as f64))?;
        let killed =
            gauge("container_oom_killed", "1 if the last run was ended by the kernel for lack of memory", None);
        self.series(encoder, killed, |of| Some(f64::from(u8::from(of.container.oom_killed))))
    }

    fn encode_samples(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let bytes = |name, help, kind| Family { name, help, unit: Some(Unit::Bytes), kind };
        let is_current = |of: &Measured| self.sampled_at.contains_key(&of.container.engine);
        let cpu = Family {
            name: "container_cpu",
            help: "CPU time on all cores since the last start",
            unit: Some(Unit::Seconds),
            kind: MetricType::Counter,
        };
        self.series(encoder, cpu, |of| Some(of.cpu_nanos.filter(|_| is_current(of))? as f64 / 1e9))?;
        let sampled: [(Family<'_>, Field); 8] = [
            (
                bytes(
                    "container_memory",
                    "Working set: memory usage without the inactive file cache",
                    MetricType::Gauge,
                ),
                |stats| stats.memory_usage,
            ),
            (
                bytes("container_memory_cache", "Inactive file cache, which the kernel can reclaim", MetricType::Gauge),
                |stats| stats.memory_cache,
            ),
            (
                bytes(
                    "container_memory_limit",
                    "Memory limit, or the host's memory without a limit",
                    MetricType::Gauge,
                ),
                |stats| stats.memory_limit,
            ),
            (
                bytes(
                    "container_network_receive",
                    "Received on all interfaces since the last start",
                    MetricType::Counter,
                ),
                |stats| stats.network_rx,
            ),
            (
                bytes("container_network_transmit", "Sent on all interfaces since the last start", MetricType::Counter),
                |stats| stats.network_tx,
            ),
            (
                bytes("container_block_read", "Read from block devices since the last start", MetricType::Counter),
                |stats| stats.block_read,
            ),
            (
                bytes("container_block_written", "Written to block devices since the last start", MetricType::Counter),
                |stats| stats.block_write,
            ),
            (
                Family { name: "container_pids", help: "Processes and threads", unit: None, kind: MetricType::Gauge },
                |stats| stats.pids,
            ),
        ];
        for (family, read) in sampled {
            self.series(encoder, family, |of| Some(read(of.stats.as_deref().filter(|_| is_current(of))?)? as f64))?;
        }
        Ok(())
    }

    /// Encodes a family, for the containers whose value is known.
    fn series(
        &self,
        encoder: &mut DescriptorEncoder<'_>,
        Family { name, help, unit, kind }: Family<'_>,
        read: impl Fn(&Measured) -> Option<f64>,
    ) -> fmt::Result {
        let mut family = encoder.encode_descriptor(name, help, unit.as_ref(), kind)?;
        for row in &self.rows {
            let Some(value) = read(&row.measured) else { continue };
            let labels = row.labels();
            let mut metric = family.encode_family(&labels)?;
            match kind {
                MetricType::Counter => metric.encode_counter::<NoLabelSet, _, u64>(&value, None)?,
                _ => metric.encode_gauge(&value)?,
            }
        }
        Ok(())
    }
}

/// Encodes a series of value 1 with one more label.
fn labeled(family: &mut MetricEncoder<'_>, labels: Labels<'_>, what: (&'static str, &str)) -> fmt::Result {
    let [name, id, image, project, service, engine] = labels;
    family.encode_family(&[name, id, image, project, service, engine, what])?.encode_gauge(&1_i64)
}

impl Row {
    fn labels(&self) -> Labels<'_> {
        let Container { name, image, project, service, engine, .. } = &*self.measured.container;
        [
            ("name", name),
            ("id", &self.id),
            ("image", image),
            ("project", project.as_deref().unwrap_or_default()),
            ("service", service.as_deref().unwrap_or_default()),
            ("engine", engine.as_str()),
        ]
    }
}
