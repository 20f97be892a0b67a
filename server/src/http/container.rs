//! `GET /api/containers/{id}`, `…/inspect` and `…/processes`: what is known of one container, asked of the engine when it is asked here.

use super::{ActionsAllowed, AppState, Problem, containers::read_id};
use crate::{
    details::{self, Secrets},
    engine::{EngineClient, EngineError},
    now,
};
use app::{
    last_end::last_end,
    model::{Container, ContainerId, ContainerReport, Details, EngineProblem, Processes},
};
use axum::{
    Json,
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::{StatusCode, header},
    response::IntoResponse,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

/// The query of what may hold secrets.
#[derive(Debug, Default, Deserialize)]
pub(super) struct SecretsQuery {
    secrets: Option<String>,
}

/// A container and what is known of it, in one flat object.
#[derive(Debug, Serialize)]
struct One {
    #[serde(flatten)]
    container: Arc<Container>,
    #[serde(flatten)]
    report: ContainerReport,
}

type Answer<T> = Result<([(header::HeaderName, &'static str); 1], Json<T>), Problem>;

fn fresh<T>(body: T) -> Answer<T> {
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(body)))
}

/// The container itself is told from memory, so that its page lives on while the engine is lost.
pub(super) async fn one(
    State(state): State<AppState>,
    path: Result<Path<String>, PathRejection>,
    query: Result<Query<SecretsQuery>, QueryRejection>,
) -> Result<impl IntoResponse, Problem> {
    let id = read_id(path)?;
    let secrets = wanted(&state, id, query)?;
    let container = state.feed.state().container(id).cloned().ok_or_else(Problem::no_such_container)?;
    let (details, problem) = match state.engine() {
        Ok(client) => match inspected(&client, id, secrets).await {
            Ok(details) => (Some(details), None),
            Err(error) if error.status() == Some(404) => return Err(Problem::no_such_container()),
            Err(error) => (None, Some(error.problem())),
        },
        Err(problem) => (None, Some(EngineProblem::from(problem))),
    };
    let last_end = last_end(&container, &state.timeline.of(id), now());
    fresh(One { container, report: ContainerReport { last_end, details, problem } })
}

async fn inspected(client: &EngineClient, id: ContainerId, secrets: Secrets) -> Result<Details, EngineError> {
    let inspect = client.inspect_document(id).await?;
    let image = match inspect["Image"].as_str() {
        // An image may be gone, or a proxy deny it: then the docker run line is longer.
        Some(digest) => client.image_document(digest).await.ok(),
        None => None,
    };
    Ok(details::details(&inspect, image.as_ref(), secrets))
}

pub(super) async fn inspect(
    State(state): State<AppState>,
    path: Result<Path<String>, PathRejection>,
    query: Result<Query<SecretsQuery>, QueryRejection>,
) -> Answer<Value> {
    let id = read_id(path)?;
    let secrets = wanted(&state, id, query)?;
    fresh(details::document(&state.engine()?.inspect_document(id).await?, secrets))
}

pub(super) async fn processes(
    State(state): State<AppState>,
    path: Result<Path<String>, PathRejection>,
    query: Result<Query<SecretsQuery>, QueryRejection>,
) -> Answer<Processes> {
    let id = read_id(path)?;
    let secrets = wanted(&state, id, query)?;
    let top = state.engine()?.top(id).await?;
    let at = now();
    fresh(Processes { container_id: id, at, processes: details::processes(&top, at, secrets) })
}

/// Whoever may kill a container may read its secrets; nobody else.
fn wanted(
    state: &AppState,
    id: ContainerId,
    query: Result<Query<SecretsQuery>, QueryRejection>,
) -> Result<Secrets, Problem> {
    let wanted = query.map(|Query(query)| query.secrets);
    match wanted.as_ref().map(Option::as_deref) {
        Ok(None | Some("mask")) => Ok(Secrets::Masked),
        Ok(Some("show")) => {
            let ActionsAllowed(allowed) = state.allow_actions;
            if !allowed {
                let hint =
                    "Start it with --allow-actions (or QUAYLIGHT_ALLOW_ACTIONS=true) to let its secrets be shown.";
                return Err(Problem::new(
                    StatusCode::FORBIDDEN,
                    "read_only",
                    "This server is read only, and shows no secrets.",
                    hint,
                ));
            }
            tracing::info!(container.id = %id, "secrets shown");
            Ok(Secrets::Shown)
        }
        _ => Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "malformed",
            "secrets is show or mask.",
            "Leave it out to have them masked.",
        )),
    }
}
