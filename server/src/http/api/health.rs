//! `GET /healthz` (this process) and `GET /readyz` (the engine).

use crate::{
    auth::Scope,
    http::{
        entry::caller::Caller,
        state::{ProcessState, StreamState},
        wire::problem::{Problem, ProblemCode, problems},
    },
    process::supervisor::Supervisor,
};
use app::model::{Engine, EngineLink, EngineName, EngineProblem, StatsSource};
use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

/// Health of this process.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct ProcessHealth {
    /// `ok`.
    status: &'static str,
    /// Version of the server.
    version: &'static str,
}

/// Readiness of this server.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct Readiness {
    /// Engines; omitted for clients that are not signed in.
    status: &'static str,
    /// Engines; omitted for clients that are not signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    engines: Option<Vec<EngineReadiness>>,
    /// Open streams; left out for clients that are not signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    viewers: Option<u64>,
}

/// Connection to an engine.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct EngineReadiness {
    /// Name of the engine.
    id: EngineName,
    /// State of the connection.
    link: EngineLink,
    /// Source of the samples; null until the first sample.
    stats_source: Option<StatsSource>,
    /// Reason why the engine does not respond; omitted while it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    reason: Option<String>,
}

problems!(HealthProblems: NoSuchRoute, TaskFailed);
problems!(ReadyProblems: NoSuchRoute, TaskFailed, EngineLost, EngineConnecting);

/// Health of this process.
#[utoipa::path(
    get,
    path = "/healthz",
    operation_id = "getHealth",
    tag = "Server",
    security(()),
    responses((status = 200, description = "The process is healthy.", body = ProcessHealth), HealthProblems)
)]
pub(in crate::http) async fn healthz(State(process): State<ProcessState>) -> Result<Json<ProcessHealth>, Problem> {
    all_tasks_run(&process.supervisor)?;
    Ok(Json(ProcessHealth { status: "ok", version: env!("CARGO_PKG_VERSION") }))
}

/// Fails if a required task has ended.
///
/// # Errors
/// When a required task has ended. Only the log names it.
fn all_tasks_run(supervisor: &Supervisor) -> Result<(), Problem> {
    match supervisor.failure() {
        None => Ok(()),
        Some(_) => Err(Problem::new(
            ProblemCode::TaskFailed,
            "A task of this server has ended unexpectedly, and the server is about to exit.",
            "The server's log has the task and the error. Restart the server, as systemd and Docker do automatically.",
        )),
    }
}

/// State of the connections to the engines.
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "getReadiness",
    tag = "Server",
    security(()),
    responses((status = 200, description = "At least one engine responds.", body = Readiness), ReadyProblems)
)]
// Clients that are not signed in learn whether an engine responds, but not why others do not.
pub(in crate::http) async fn readyz(
    caller: Caller,
    State(process): State<ProcessState>,
    State(streams): State<StreamState>,
) -> Result<Json<Readiness>, Problem> {
    all_tasks_run(&process.supervisor)?;
    let is_anonymous = caller.identity.scope == Scope::Nothing;
    let held = caller.feed.state();
    let is_up = |engine: &Engine| engine.link == EngineLink::Up;
    if !held.engines().iter().any(is_up) {
        return Err(match held.engines() {
            [_, ..] if is_anonymous => {
                Problem::engine_lost("The engine does not respond.", "Sign in to see the reason.")
            }
            engines => none_responds(engines),
        });
    }
    if is_anonymous {
        return Ok(Json(Readiness { status: "ready", engines: None, viewers: None }));
    }
    let readiness = |engine: &Engine| EngineReadiness {
        id: engine.id,
        link: engine.link,
        stats_source: engine.stats_source,
        reason: engine.error.as_ref().map(|error| error.message.clone()),
    };
    let engines = held.engines().iter().map(readiness).collect();
    let viewers = streams.demand.viewers().try_into().ok();
    Ok(Json(Readiness { status: "ready", engines: Some(engines), viewers }))
}

/// The problem with the reason of each engine.
fn none_responds(engines: &[Engine]) -> Problem {
    let lost: Vec<_> = engines.iter().filter_map(|engine| Some((engine.id, engine.error.as_ref()?))).collect();
    match &lost[..] {
        [] => {
            Problem::new(ProblemCode::EngineConnecting, "The engine has not responded yet.", "Try again in a moment.")
        }
        [(_, problem)] if engines.len() == 1 => Problem::from(*problem),
        [(_, first), ..] => {
            let reasons: Vec<_> = lost.iter().map(|(name, problem)| format!("{name}: {}", problem.message)).collect();
            Problem::from(&EngineProblem { message: reasons.join(" "), ..EngineProblem::clone(first) })
        }
    }
}
