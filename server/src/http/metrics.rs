//! `GET /metrics` (OpenMetrics) and `GET /api/cost` (the same in brief, for the page).

mod containers;

use super::{AppState, Problem, ProblemCode, caller::Caller, problem::problems};
use crate::process;
use app::model::{EngineLink, WatchingCost};
use axum::{
    Json,
    http::{HeaderMap, header},
    response::IntoResponse,
};
use containers::Containers;
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
        (status = 303, description = "Leads a browser that is not signed in to /sign-in."),
        MetricsProblems,
    )
)]
pub(super) async fn metrics(Caller { state, .. }: Caller, headers: HeaderMap) -> Result<impl IntoResponse, Problem> {
    let mut present = present(&state);
    if state.container_metrics.0 {
        let containers = Containers::collect(&state, &headers).await;
        present.sub_registry_with_prefix("quaylight").register_collector(Box::new(containers));
    }
    let text = state.metrics.encode(&present).map_err(|error| {
        Problem::new(
            ProblemCode::MetricsFailed,
            format!("The metrics could not be written: {error}."),
            "This is a defect; please report it.",
        )
    })?;
    Ok(([(header::CONTENT_TYPE, OPEN_METRICS)], text))
}

/// Resource usage of this server and of the engine.
#[utoipa::path(
    get,
    path = "/api/cost",
    operation_id = "getCost",
    tag = "Server",
    responses((status = 200, description = "The usage since the previous request.", body = WatchingCost), CostProblems)
)]
pub(super) async fn cost(
    Caller { state, .. }: Caller,
) -> ([(header::HeaderName, &'static str); 1], Json<WatchingCost>) {
    let endpoint = state.feed.state().engines().first().map(|engine| engine.endpoint.clone());
    let cost = state.cost.read(endpoint.as_deref(), state.demand.viewers()).await;
    ([(header::CACHE_CONTROL, "no-store")], Json(cost))
}

/// What is not counted but so at this moment.
fn present(state: &AppState) -> Registry {
    let mut present = Registry::default();
    let own = present.sub_registry_with_prefix("quaylight");
    own.register("viewers", "Open streams", gauge(state.demand.viewers()));
    let (containers, up) = (Family::<StateLabel, Gauge>::default(), Family::<EngineLabel, Gauge>::default());
    let held = state.feed.state();
    for container in held.containers() {
        containers.get_or_create(&StateLabel { state: container.state.as_str() }).inc();
    }
    for engine in held.engines() {
        let label = EngineLabel { engine: engine.id.to_string() };
        up.get_or_create(&label).set(i64::from(engine.link == EngineLink::Up));
    }
    own.register("containers", "Containers by state", containers);
    own.register("engine_up", "Whether the engine answers", up);

    let process = present.sub_registry_with_prefix("process");
    let pid = process::own_id();
    if let Some(time) = process::cpu_time(pid) {
        let counter = ConstCounter::new(time.as_secs_f64());
        process.register_with_unit("cpu", "Processor time used", Unit::Seconds, counter);
    }
    if let Some(bytes) = process::memory(pid) {
        process.register_with_unit("memory", "With a share of what is shared", Unit::Bytes, gauge(bytes));
    }
    if let Some(count) = process::open_files(pid) {
        process.register("open_fds", "Open files and sockets", gauge(count));
    }
    if let Some(count) = process::max_open_files() {
        process.register("max_fds", "As many may be open", gauge(count));
    }
    present
}

fn gauge(value: impl TryInto<i64>) -> ConstGauge<i64> {
    ConstGauge::new(value.try_into().unwrap_or(i64::MAX))
}
