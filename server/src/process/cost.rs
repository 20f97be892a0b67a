//! Measures the cost of monitoring: this server, its engine calls, and the processes of a local
//! engine.
//!
//! In: [`Metrics`] and `/proc`. Out: [`MonitoringCost`] for [`crate::http`]. Rates cover the time
//! since the last reading. Nothing is read without a request.

use crate::process::{metrics::Metrics, usage};
use app::model::{MonitoringCost, ProcessCost};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{net::UnixStream, time::Instant};

/// Minimum time between readings; requests within this time share one reading.
const MIN_INTERVAL: Duration = Duration::from_millis(900);

/// Reads the cost; clones share the last reading.
#[derive(Debug, Clone)]
pub struct CostMeter {
    metrics: Metrics,
    last: Arc<Mutex<Option<(Reading, MonitoringCost)>>>,
}

/// Counters at one instant.
#[derive(Debug, Clone)]
struct Reading {
    at: Instant,
    calls: u64,
    own: Option<Duration>,
    /// Name, PID and CPU time of the engine's processes.
    engine: Vec<(String, u32, Duration)>,
}

impl CostMeter {
    /// Creates a meter of this process and of the calls in `metrics`.
    pub fn new(metrics: Metrics) -> Self {
        Self { metrics, last: Arc::default() }
    }

    /// Reads the current cost. Rates are unknown at the first reading. `endpoint` is the engine's
    /// address, `viewers` the number of open streams.
    pub async fn read(&self, endpoint: Option<&str>, viewers: usize) -> MonitoringCost {
        if let Some((reading, cost)) = &*self.last.lock().unwrap_or_else(PoisonError::into_inner)
            && reading.at.elapsed() < MIN_INTERVAL
        {
            return cost.clone();
        }
        let daemon = match endpoint.and_then(|endpoint| endpoint.strip_prefix("unix://")) {
            Some(path) => daemon(path).await,
            None => None,
        };
        let reading = Reading {
            at: Instant::now(),
            calls: self.metrics.all_calls(),
            own: usage::cpu_time(usage::own_id()),
            engine: daemon.map(engine_processes).unwrap_or_default(),
        };
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let cost = MonitoringCost {
            viewers: viewers.try_into().unwrap_or(u64::MAX),
            memory: usage::memory(usage::own_id()),
            time_per_sample_micros: self.metrics.time_per_sample().and_then(|time| time.as_micros().try_into().ok()),
            ..rates(last.as_ref().map(|(reading, _)| reading), &reading)
        };
        *last = Some((reading, cost.clone()));
        cost
    }
}

fn rates(earlier: Option<&Reading>, now: &Reading) -> MonitoringCost {
    let Some(earlier) = earlier else { return MonitoringCost::default() };
    let seconds = now.at.duration_since(earlier.at).as_secs_f64();
    let percent = |before: Duration, after: Duration| {
        let share = 100.0 * after.checked_sub(before)?.as_secs_f64() / seconds;
        Some((share * 100.0).round() / 100.0)
    };
    let engine = now.engine.iter().map(|(name, pid, after)| ProcessCost {
        name: name.clone(),
        cpu_percent: earlier
            .engine
            .iter()
            .find(|(_, known, _)| known == pid)
            .and_then(|(.., before)| percent(*before, *after)),
    });
    MonitoringCost {
        cpu_percent: earlier.own.zip(now.own).and_then(|(before, after)| percent(before, after)),
        engine_calls_per_second: Some(((now.calls - earlier.calls) as f64 / seconds * 10.0).round() / 10.0),
        engine: engine.collect(),
        ..MonitoringCost::default()
    }
}

/// PID of the process that listens on the socket, if that is dockerd. A socket created by systemd
/// has systemd's PID.
async fn daemon(socket: &str) -> Option<u32> {
    let stream = UnixStream::connect(socket).await.ok()?;
    let pid = stream.peer_cred().ok()?.pid()?.try_into().ok()?;
    (usage::name(pid)? == "dockerd").then_some(pid)
}

fn engine_processes(dockerd: u32) -> Vec<(String, u32, Duration)> {
    let all = [("dockerd", vec![dockerd]), ("containerd", usage::children(dockerd, "containerd"))];
    let named = all.into_iter().flat_map(|(name, pids)| pids.into_iter().map(move |pid| (name.to_owned(), pid)));
    named.filter_map(|(name, pid)| Some((name, pid, usage::cpu_time(pid)?))).collect()
}
