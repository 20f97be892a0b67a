//! `GET /api/engines` and `GET /api/engines/{engine}`: served from memory, so that an engine that
//! does not respond delays nothing.

use crate::http::{
    entry::caller::Caller,
    wire::problem::{Problem, problems},
};
use app::model::{Engine, EngineName};
use axum::{
    Json,
    extract::{Path, rejection::PathRejection},
    http::{HeaderName, header},
};
use serde::Serialize;
use utoipa::ToSchema;

/// All engines.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct EngineList {
    /// The engines, ordered by name.
    engines: Vec<Engine>,
}

type Uncached<T> = ([(HeaderName, &'static str); 1], Json<T>);

fn uncached<T>(body: T) -> Uncached<T> {
    ([(header::CACHE_CONTROL, "no-store")], Json(body))
}

problems!(EngineListProblems: SignInNeeded);
problems!(EngineProblems: SignInNeeded, NoEngine);

/// All engines and the state of their connections.
#[utoipa::path(
    get,
    path = "/api/engines",
    operation_id = "getEngines",
    tag = "Engines",
    responses((status = 200, description = "All engines, connected or not.", body = EngineList), EngineListProblems)
)]
pub(in crate::http) async fn all(caller: Caller) -> Uncached<EngineList> {
    uncached(EngineList { engines: caller.feed.state().engines().to_vec() })
}

/// One engine and the state of its connection.
#[utoipa::path(
    get,
    path = "/api/engines/{engine}",
    operation_id = "getEngine",
    tag = "Engines",
    params(("engine" = EngineName, Path, description = "Name of the engine.")),
    responses((status = 200, description = "The engine.", body = Engine), EngineProblems)
)]
pub(in crate::http) async fn one(
    caller: Caller,
    path: Result<Path<String>, PathRejection>,
) -> Result<Uncached<Engine>, Problem> {
    let Path(name) = path.map_err(|_| Problem::no_engine())?;
    let state = caller.feed.state();
    let engine = state.engines().iter().find(|engine| engine.id.as_str() == name);
    engine.cloned().map(uncached).ok_or_else(Problem::no_engine)
}
