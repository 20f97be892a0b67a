//! `GET /healthz` (this process) and `GET /readyz` (the engine).

use super::{Problem, ProblemCode, caller::Caller};
use crate::{auth::Scope, supervisor::Supervisor};
use app::model::{Engine, EngineLink};
use axum::{Json, extract::State};
use serde_json::{Value, json};

pub(super) async fn healthz(State(supervisor): State<Supervisor>) -> Result<Json<Value>, Problem> {
    all_tasks_run(&supervisor)?;
    Ok(Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") })))
}

/// # Errors
/// When a task that the server needs has ended. Which one is in the log only.
fn all_tasks_run(supervisor: &Supervisor) -> Result<(), Problem> {
    match supervisor.failure() {
        None => Ok(()),
        Some(_) => Err(Problem::new(
            ProblemCode::TaskFailed,
            "A task of this server has ended unexpectedly, and the server is about to exit.",
            "Its log names the task. It has to be started again, as systemd and Docker do by themselves.",
        )),
    }
}

/// Who has not signed in where one has to is told whether, and not why.
pub(super) async fn readyz(Caller { state, identity, .. }: Caller) -> Result<Json<Value>, Problem> {
    all_tasks_run(&state.supervisor)?;
    let is_strange = identity.scope == Scope::Nothing;
    let held = state.feed.state();
    let told = |engine: &Engine| json!({ "id": engine.id, "link": engine.link, "statsSource": engine.stats_source });
    let engines: Vec<_> = held.engines().iter().map(told).collect();
    match held.engines().iter().find(|engine| engine.link != EngineLink::Up) {
        None if is_strange && !engines.is_empty() => Ok(Json(json!({ "status": "ready" }))),
        Some(_) if is_strange => Err(Problem::engine_lost("The engine does not answer.", "Sign in to see why.")),
        None if !engines.is_empty() => {
            Ok(Json(json!({ "status": "ready", "engines": engines, "viewers": state.demand.viewers() })))
        }
        Some(engine) => Err(match &engine.error {
            Some(problem) => Problem::from(problem),
            None => waiting(),
        }),
        None => Err(waiting()),
    }
}

fn waiting() -> Problem {
    Problem::new(ProblemCode::EngineConnecting, "The engine has not answered yet.", "Ask again in a moment.")
}
