//! `GET /metrics` (OpenMetrics) and `GET /api/cost` (a summary for the page).

mod containers;

use crate::{
    feed::StateRef,
    http::{
        entry::caller::Caller,
        state::{EngineState, ProcessState, StreamState},
        wire::problem::{Problem, ProblemCode, problems},
    },
    process::usage,
};
use app::model::{EngineLink, MonitoringCost};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, header},
    response::IntoResponse,
};
use containers::{Containers, Source};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{
        counter::ConstCounter,
        family::Family,
        gauge::{ConstGauge, Gauge},
    },
    registry::{Registry, Unit},
};

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StateLabel {
    state: &'static str,
    engine: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EngineLabel {
    engine: String,
}

problems!(MetricsProblems: SignInNeeded, MetricsFailed);
problems!(CostProblems: SignInNeeded);

/// Metrics in the OpenMetrics format.
#[utoipa::path(
    get,
    path = "/metrics",
    operation_id = "getMetrics",
    tag = "Server",
    responses(
        (status = 200, description = "OpenMetrics text.", body = String, content_type = "application/openmetrics-text"),
        (status = 303, description = "Redirects a browser that is not signed in to /sign-in."),
        MetricsProblems,
    )
)]
pub(in crate::http) async fn metrics(
    caller: Caller,
    State(engines): State<EngineState>,
    State(process): State<ProcessState>,
    State(streams): State<StreamState>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    let mut current = current(&caller.feed.state(), streams.demand.viewers());
    if process.container_metrics {
        let source = Source { feed: caller.feed, engines: engines.all, demand: streams.demand };
        let containers = Containers::collect(source, process.stats_interval, &headers).await;
        current.sub_registry_with_prefix("quaylight").register_collector(Box::new(containers));
    }
    let text = process.metrics.encode(&current).map_err(|error| {
        Problem::new(
            ProblemCode::MetricsFailed,
            format!("The metrics could not be encoded: {error}."),
            "This is a bug in Quaylight; please report it.",
        )
    })?;
    Ok(([(header::CONTENT_TYPE, OPEN_METRICS)], text))
}

/// Resource usage of this server and its engines.
#[utoipa::path(
    get,
    path = "/api/cost",
    operation_id = "getCost",
    tag = "Server",
    responses((status = 200, description = "The usage since the previous request.", body = MonitoringCost), CostProblems)
)]
pub(in crate::http) async fn cost(
    caller: Caller,
    State(process): State<ProcessState>,
    State(streams): State<StreamState>,
) -> ([(header::HeaderName, &'static str); 1], Json<MonitoringCost>) {
    let engines = caller.feed.state().engines().to_vec();
    let cost = process.cost.read(&engines, streams.demand.viewers()).await;
    ([(header::CACHE_CONTROL, "no-store")], Json(cost))
}

/// Gauges of the current state.
fn current(state: &StateRef, viewers: usize) -> Registry {
    let mut current = Registry::default();
    let own = current.sub_registry_with_prefix("quaylight");
    own.register("viewers", "Open event streams of containers", gauge(viewers));
    let (containers, up) = (Family::<StateLabel, Gauge>::default(), Family::<EngineLabel, Gauge>::default());
    for container in state.containers() {
        let label = StateLabel { state: container.state.as_str(), engine: container.engine.as_str() };
        containers.get_or_create(&label).inc();
    }
    for engine in state.engines() {
        let label = EngineLabel { engine: engine.id.to_string() };
        up.get_or_create(&label).set(i64::from(engine.link == EngineLink::Up));
    }
    own.register("containers", "Containers by state", containers);
    own.register("engine_up", "1 if the engine responds, otherwise 0", up);

    let process = current.sub_registry_with_prefix("process");
    let pid = usage::own_id();
    if let Some(time) = usage::cpu_time(pid) {
        let counter = ConstCounter::new(time.as_secs_f64());
        process.register_with_unit("cpu", "CPU time of the server", Unit::Seconds, counter);
    }
    if let Some(bytes) = usage::memory(pid) {
        process.register_with_unit("memory", "Memory of the server (proportional set size)", Unit::Bytes, gauge(bytes));
    }
    if let Some(count) = usage::open_files(pid) {
        process.register("open_fds", "Open file descriptors of the server", gauge(count));
    }
    if let Some(count) = usage::max_open_files() {
        process.register("max_fds", "Maximum number of open file descriptors", gauge(count));
    }
    current
}

fn gauge(value: impl TryInto<i64>) -> ConstGauge<i64> {
    ConstGauge::new(value.try_into().unwrap_or(i64::MAX))
}
