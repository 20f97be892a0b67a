//! `POST /api/containers/{id}/{action}` and `DELETE /api/containers/{id}`: the engine does it, the stream tells of it.

use super::{ActionsAllowed, AppState, Problem, problem};
use crate::engine::EngineError;
use app::model::ContainerId;
use axum::{
    body::Bytes,
    extract::{
        Path, Query, State,
        rejection::{BytesRejection, PathRejection, QueryRejection},
    },
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

const ACTIONS: [&str; 6] = ["start", "stop", "restart", "pause", "unpause", "kill"];

/// The optional body of an action.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ActionBody {
    /// Seconds between asking and killing.
    timeout_seconds: Option<u32>,
    /// `SIGTERM`, `15` …
    signal: Option<String>,
}

/// The query of a removal.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RemoveQuery {
    force: bool,
    volumes: bool,
}

pub(super) async fn act(
    State(state): State<AppState>,
    path: Result<Path<(String, String)>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, Problem> {
    let Path((id, action)) = path.map_err(|_| Problem::bad_id())?;
    if !ACTIONS.contains(&action.as_str()) {
        return Err(problem::no_such_route().await);
    }
    let id = permitted(&state, &id)?;
    let body = read(&body.map_err(|error| unreadable(&error))?)?;
    let signal = body.signal.as_deref();
    let client = state.engine()?;
    tracing::info!(container.id = %id, action, "action");
    let done = match action.as_str() {
        "start" => client.start(id).await,
        "stop" => client.stop(id, body.timeout_seconds, signal).await,
        "restart" => client.restart(id, body.timeout_seconds, signal).await,
        "pause" => client.pause(id).await,
        "unpause" => client.unpause(id).await,
        _ => client.kill(id, signal).await,
    };
    match done {
        // Which signals there are, only the engine knows.
        Err(EngineError::Refused { status: 400, message }) if signal.is_some() => Err(malformed(&message)),
        done => succeeded(done),
    }
}

/// An action's address takes POST alone; any other address below a container is nobody's.
pub(super) async fn not_posted(path: Result<Path<(String, String)>, PathRejection>) -> Response {
    match path {
        Ok(Path((_, action))) if ACTIONS.contains(&action.as_str()) => {
            ([(header::ALLOW, "POST")], problem::wrong_method().await).into_response()
        }
        _ => problem::no_such_route().await.into_response(),
    }
}

pub(super) async fn remove(
    State(state): State<AppState>,
    path: Result<Path<String>, PathRejection>,
    query: Result<Query<RemoveQuery>, QueryRejection>,
) -> Result<StatusCode, Problem> {
    let Path(id) = path.map_err(|_| Problem::bad_id())?;
    let id = permitted(&state, &id)?;
    let Query(query) = query.map_err(|_| malformed("force and volumes are true or false."))?;
    let client = state.engine()?;
    tracing::info!(container.id = %id, action = "remove", force = query.force, volumes = query.volumes, "action");
    succeeded(client.remove(id, query.force, query.volumes).await)
}

/// The engine answers 304 where there is nothing to do; that is success.
fn succeeded(done: Result<(), EngineError>) -> Result<StatusCode, Problem> {
    match done {
        Err(error) if error.status() == Some(304) => Ok(StatusCode::NO_CONTENT),
        done => done.map(|()| StatusCode::NO_CONTENT).map_err(Problem::from),
    }
}

fn permitted(state: &AppState, id: &str) -> Result<ContainerId, Problem> {
    let id = id.parse().map_err(|_| Problem::bad_id())?;
    let ActionsAllowed(allowed) = state.allow_actions;
    if !allowed {
        let hint = "Start it with --allow-actions (or QUAYLIGHT_ALLOW_ACTIONS=true) to allow changes.";
        return Err(Problem::new(StatusCode::FORBIDDEN, "read_only", "This server is read only.", hint));
    }
    Ok(id)
}

fn read(body: &Bytes) -> Result<ActionBody, Problem> {
    if body.is_empty() {
        return Ok(ActionBody::default());
    }
    let body: ActionBody = serde_json::from_slice(body)
        .map_err(|error| malformed(&format!("The body is not {{timeoutSeconds, signal}}: {error}.")))?;
    let plausible = |signal: &String| {
        signal.len() <= 16 && signal.chars().all(|c| c.is_ascii_alphanumeric() || c == '+' || c == '-')
    };
    if body.signal.as_ref().is_some_and(|signal| !plausible(signal)) {
        return Err(malformed("signal is a name such as SIGTERM, or a number."));
    }
    Ok(body)
}

fn malformed(detail: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "malformed", detail, "Correct the request and send it again.")
}

/// A body that is too large, or that did not come whole.
fn unreadable(error: &BytesRejection) -> Problem {
    let hint = "The body of an action is a few words: {timeoutSeconds, signal}.";
    Problem::new(error.status(), "malformed", error.body_text(), hint)
}
