//! Measures the cost of monitoring: this server, its traffic with each engine, and the processes of
//! local engines.
//!
//! In: [`Metrics`] and `/proc`. Out: [`MonitoringCost`] for [`crate::http`]. Rates cover the time
//! since the last reading. Nothing is read without a request.

use crate::process::{
    metrics::{Metrics, TrafficTotals},
    usage,
};
use app::model::{Engine, EngineName, EngineTraffic, MonitoringCost, ProcessCost};
use std::{
    collections::HashMap,
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
    traffic: HashMap<EngineName, TrafficTotals>,
    own: Option<Duration>,
    /// Name, PID and CPU time of the engine's processes.
    engine: Vec<(String, u32, Duration)>,
}

impl CostMeter {
    /// Creates a meter of this process and of the calls in `metrics`.
    pub fn new(metrics: Metrics) -> Self {
        Self { metrics, last: Arc::default() }
    }

    /// Reads the current cost. Rates are unknown at the first reading. `viewers` is the number of
    /// open streams.
    pub async fn read(&self, engines: &[Engine], viewers: usize) -> MonitoringCost {
        if let Some((reading, cost)) = &*self.last.lock().unwrap_or_else(PoisonError::into_inner)
            && reading.at.elapsed() < MIN_INTERVAL
        {
            return cost.clone();
        }
        let mut daemons = Vec::new();
        for socket in engines.iter().filter_map(|engine| engine.endpoint.strip_prefix("unix://")) {
            daemons.extend(daemon(socket).await.filter(|pid| !daemons.contains(pid)));
        }
        let reading = Reading {
            at: Instant::now(),
            traffic: self.metrics.traffic_totals(),
            own: usage::cpu_time(usage::own_id()),
            engine: daemons.into_iter().flat_map(engine_processes).collect(),
        };
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let cost = MonitoringCost {
            viewers: viewers.try_into().unwrap_or(u64::MAX),
            memory: usage::memory(usage::own_id()),
            time_per_sample_micros: self.metrics.time_per_sample().and_then(|time| time.as_micros().try_into().ok()),
            ..rates(last.as_ref().map(|(reading, _)| reading), &reading, engines)
        };
        *last = Some((reading, cost.clone()));
        cost
    }
}

fn rates(earlier: Option<&Reading>, now: &Reading, engines: &[Engine]) -> MonitoringCost {
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
    let per_second = |count: u64| (count as f64 / seconds * 10.0).round() / 10.0;
    let traffic = |engine: &Engine| {
        let before = earlier.traffic.get(&engine.id).copied().unwrap_or_default();
        let after = now.traffic.get(&engine.id).copied().unwrap_or_default();
        EngineTraffic {
            engine: engine.id,
            calls_per_second: per_second(after.calls - before.calls),
            sent_bytes_per_second: per_second(after.sent_bytes - before.sent_bytes),
            received_bytes_per_second: per_second(after.received_bytes - before.received_bytes),
        }
    };
    let all_calls = |reading: &Reading| reading.traffic.values().map(|totals| totals.calls).sum::<u64>();
    MonitoringCost {
        cpu_percent: earlier.own.zip(now.own).and_then(|(before, after)| percent(before, after)),
        engine_calls_per_second: Some(per_second(all_calls(now) - all_calls(earlier))),
        engine: engine.collect(),
        engines: engines.iter().map(traffic).collect(),
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
