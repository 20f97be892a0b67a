//! `POST /containers/{id}/wait`: sends headers immediately, and the exit code when there is one.

use axum::body::Body;
use axum::extract::Path;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::stream;
use serde_json::json;

use super::Shared;
use super::params::Params;
use super::refusal::Refusal;
use crate::calls::Endpoint;
use crate::engine::{ContainerId, Engine, State};

/// Condition to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Condition {
    NotRunning,
    NextExit,
    Removed,
}

/// `POST /containers/{id}/wait?condition=`.
pub(crate) async fn wait(daemon: Shared, Path(id): Path<String>, params: Params) -> Result<Response, Refusal> {
    let condition = match params.text("condition").unwrap_or("not-running") {
        "not-running" => Condition::NotRunning,
        "next-exit" => Condition::NextExit,
        "removed" => Condition::Removed,
        other => return Err(Refusal::invalid(format!("invalid condition: {other:?}"))),
    };
    let (id, ended) =
        daemon.act(|engine, _| engine.find(&id).map(|container| (container.id.clone(), ended_runs(engine, &id))))?;
    let open = daemon.calls.opened(Endpoint::Wait);
    let response = async move {
        let _open = open;
        let mut code = 0;
        daemon.until(|engine| holds(engine, &id, condition, ended, &mut code)).await;
        let line = json!({ "Error": null, "StatusCode": code }).to_string() + "\n";
        Ok::<_, std::io::Error>(Bytes::from(line))
    };
    Ok(([(CONTENT_TYPE, "application/json")], Body::from_stream(stream::once(response))).into_response())
}

/// Number of the last run that ended.
fn ended_runs(engine: &Engine, id: &str) -> u32 {
    let Ok(container) = engine.find(id) else { return 0 };
    let run = container.run();
    run.map_or(0, |run| if run.ended_at.is_some() { run.number } else { run.number - 1 })
}

/// True if the wait is over. Stores the current exit code.
fn holds(engine: &Engine, id: &ContainerId, condition: Condition, ended: u32, code: &mut i64) -> bool {
    let Ok(container) = engine.find(id.as_str()) else { return true };
    *code = container.exit_code;
    match condition {
        Condition::NotRunning => !container.state.counts_as_running() && container.state != State::Removing,
        Condition::NextExit => ended_runs(engine, id.as_str()) > ended,
        Condition::Removed => false,
    }
}
