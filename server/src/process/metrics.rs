//! Metrics of this server: updated by all stages, exported by [`crate::http`] in the Prometheus
//! format.

mod traffic;

use app::model::EngineName;
use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use traffic::AllTraffic;
pub use traffic::{Traffic, TrafficTotals};

/// Histogram buckets of a sampling round in seconds, from a few containers with files to hundreds
/// with an engine before 23.0.8.
const SWEEP_SECONDS: [f64; 10] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 2.0, 5.0, 10.0];

/// Labels of a call: `list`, `inspect`, `stats` …, and the engine.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    call: &'static str,
    engine: &'static str,
}

/// The counters; clones share them.
#[derive(Debug, Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
    calls: Family<Labels, Counter>,
    failed_calls: Family<Labels, Counter>,
    traffic: AllTraffic,
    differences: Counter,
    frames: Counter,
    lagged: Counter,
    accepts_failed: Counter,
    log_readers: Gauge,
    sweeps: Histogram,
    last_sweep_micros: Arc<AtomicU64>,
    last_sweep_samples: Arc<AtomicU64>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("quaylight");
        let calls = Family::default();
        registry.register("engine_calls", "Engine API calls", calls.clone());
        let failed_calls = Family::default();
        registry.register("engine_calls_failed", "Engine API calls that failed or timed out", failed_calls.clone());
        let traffic = AllTraffic::registered(&mut registry);
        let differences = Counter::default();
        let help = "Containers that differed from the engine's list, because an event was missed";
        registry.register("reconcile_differences", help, differences.clone());
        let frames = Counter::default();
        registry.register("frames", "Revisions published to viewers", frames.clone());
        let lagged = Counter::default();
        registry.register("viewers_lagged", "Number of times a viewer fell behind the buffered frames", lagged.clone());
        let accepts_failed = Counter::default();
        let help = "Number of times a connection had to wait because the system was out of file descriptors or memory";
        registry.register("accepts_failed", help, accepts_failed.clone());
        let log_readers = Gauge::default();
        registry.register("log_readers", "Open readers of container logs", log_readers.clone());
        let sweeps = Histogram::new(SWEEP_SECONDS);
        registry.register("sweep_seconds", "Duration of a sampling round over all containers", sweeps.clone());
        Self {
            registry: Arc::new(registry),
            calls,
            failed_calls,
            traffic,
            differences,
            frames,
            lagged,
            accepts_failed,
            log_readers,
            sweeps,
            last_sweep_micros: Arc::default(),
            last_sweep_samples: Arc::default(),
        }
    }
}

impl Metrics {
    /// Counts a call.
    pub fn call(&self, engine: EngineName, call: &'static str) {
        self.calls.get_or_create(&Labels { call, engine: engine.as_str() }).inc();
        self.traffic.of(engine).call();
    }

    /// Counts a failed call.
    pub fn call_failed(&self, engine: EngineName, call: &'static str) {
        self.failed_calls.get_or_create(&Labels { call, engine: engine.as_str() }).inc();
    }

    /// Counts containers for which a comparison with the engine's list found differences.
    pub fn differences(&self, count: usize) {
        self.differences.inc_by(count.try_into().unwrap_or(u64::MAX));
    }

    /// Counts a published revision.
    pub fn frame(&self) {
        self.frames.inc();
    }

    /// Counts a viewer that was too slow and received a catch-up delta.
    pub fn lagged(&self) {
        self.lagged.inc();
    }

    /// Counts a failed accept.
    pub fn accept_failed(&self) {
        self.accepts_failed.inc();
    }

    /// Adds to the number of log readers.
    pub fn log_reader(&self, change: i64) {
        self.log_readers.inc_by(change);
    }

    /// Records a sampling round.
    pub fn sweep(&self, took: Duration, samples: usize) {
        self.sweeps.observe(took.as_secs_f64());
        self.last_sweep_micros.store(took.as_micros().try_into().unwrap_or(u64::MAX), Ordering::Relaxed);
        self.last_sweep_samples.store(samples.try_into().unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Counters of the traffic with an engine.
    pub fn traffic(&self, engine: EngineName) -> Traffic {
        self.traffic.of(engine)
    }

    /// Traffic with each engine since the start of the server.
    pub fn traffic_totals(&self) -> HashMap<EngineName, TrafficTotals> {
        self.traffic.totals()
    }

    /// Duration of the latest sampling round divided by its samples; `None` before the first round.
    pub fn time_per_sample(&self) -> Option<Duration> {
        let samples = self.last_sweep_samples.load(Ordering::Relaxed);
        (samples > 0).then(|| Duration::from_micros(self.last_sweep_micros.load(Ordering::Relaxed) / samples))
    }

    /// Encodes these metrics and those of `more` in the OpenMetrics format.
    ///
    /// # Errors
    /// If a metric cannot be encoded, which does not happen.
    pub fn encode(&self, more: &Registry) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        text::encode_registry(&mut text, &self.registry)?;
        text::encode_registry(&mut text, more)?;
        text::encode_eof(&mut text)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot encode has failed")]
    use super::*;

    #[test]
    fn counters_are_exported() {
        let metrics = Metrics::default();
        assert_eq!(metrics.time_per_sample(), None);
        metrics.call(EngineName::LOCAL, "list");
        metrics.call(EngineName::LOCAL, "inspect");
        metrics.call_failed(EngineName::LOCAL, "inspect");
        metrics.sweep(Duration::from_millis(6), 3);
        let text = metrics.encode(&Registry::default()).unwrap();
        assert!(text.contains("quaylight_engine_calls_total{call=\"list\",engine=\"local\"} 1\n"), "{text}");
        assert!(text.contains("quaylight_engine_calls_failed_total{call=\"inspect\",engine=\"local\"} 1\n"), "{text}");
        assert!(text.ends_with("# EOF\n"));
        assert_eq!(metrics.traffic_totals()[&EngineName::LOCAL].calls, 2);
        assert_eq!(metrics.time_per_sample(), Some(Duration::from_millis(2)));
    }
}
