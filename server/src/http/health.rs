//! `GET /healthz` (this process) and `GET /readyz` (the engine).

use super::{AppState, Problem};
use app::model::{Engine, EngineLink};
use axum::{Json, extract::State, http::StatusCode};
use serde_json::{Value, json};

pub(super) async fn healthz() -> Json<Value> {
    Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }))
}

pub(super) async fn readyz(State(state): State<AppState>) -> Result<Json<Value>, Problem> {
    let held = state.feed.state();
    let told = |engine: &Engine| json!({ "id": engine.id, "link": engine.link, "statsSource": engine.stats_source });
    let engines: Vec<_> = held.engines().iter().map(told).collect();
    match held.engines().iter().find(|engine| engine.link != EngineLink::Up) {
        None if !engines.is_empty() => {
            Ok(Json(json!({ "status": "ready", "engines": engines, "viewers": state.demand.viewers() })))
        }
        Some(engine) => Err(match &engine.error {
            Some(problem) => Problem::engine_lost(&problem.message, &problem.hint),
            None => waiting(),
        }),
        None => Err(waiting()),
    }
}

fn waiting() -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "engine_connecting",
        "The engine has not answered yet.",
        "Ask again in a moment.",
    )
}
