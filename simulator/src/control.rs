//! The control API: faults, call counts, and events inside containers. Served on its own address,
//! and on the engine's while that is up.
//!
//! | request | effect or response |
//! |---|---|
//! | `GET /_simulator/faults` | the active faults |
//! | `POST /_simulator/faults` | changes faults ([`crate::fault`]); 204 when applied |
//! | `DELETE /_simulator/faults` | ends every fault |
//! | `GET /_simulator/calls` | `{"calls": {"list": 3}, "open": {"events": 1}}` |
//! | `POST /_simulator/containers/{id}/crash` | ends the process: `{"exitCode": 1}` |
//! | `POST /_simulator/containers/{id}/health` | sets the result of probes: `{"healthy": false}` |
//!
//! With `"outOfMemory": true`, `crash` ends the process with 137, as the kernel does for lack of
//! memory.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;

use crate::api::refusal::Refusal;
use crate::calls::Counts;
use crate::daemon::Daemon;
use crate::fault::{FaultPatch, FaultSet};

/// Requested end of a process.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Crash {
    exit_code: i64,
    out_of_memory: bool,
}

impl Default for Crash {
    fn default() -> Self {
        Self { exit_code: 1, out_of_memory: false }
    }
}

/// Requested result of health probes.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Health {
    healthy: bool,
}

pub(crate) fn router(daemon: Arc<Daemon>) -> Router {
    Router::new()
        .route("/_simulator/faults", get(show_faults).post(change_faults).delete(end_faults))
        .route("/_simulator/calls", get(show_calls))
        .route("/_simulator/containers/{id}/crash", post(crash))
        .route("/_simulator/containers/{id}/health", post(health))
        .with_state(daemon)
}

async fn show_faults(State(daemon): State<Arc<Daemon>>) -> Json<FaultSet> {
    Json(daemon.faults.current())
}

async fn change_faults(State(daemon): State<Arc<Daemon>>, Json(patch): Json<FaultPatch>) -> StatusCode {
    daemon.faults.apply(patch).await;
    StatusCode::NO_CONTENT
}

async fn end_faults(State(daemon): State<Arc<Daemon>>) -> StatusCode {
    daemon.faults.clear().await;
    StatusCode::NO_CONTENT
}

async fn show_calls(State(daemon): State<Arc<Daemon>>) -> Json<Counts> {
    Json(daemon.calls.snapshot())
}

async fn crash(
    State(daemon): State<Arc<Daemon>>,
    Path(id): Path<String>,
    Json(Crash { exit_code, out_of_memory }): Json<Crash>,
) -> Result<StatusCode, Refusal> {
    let exit_code = if out_of_memory { 137 } else { exit_code };
    daemon.act(|engine, now| engine.crash(&id, exit_code, out_of_memory, now))?;
    Ok(StatusCode::NO_CONTENT)
}

async fn health(
    State(daemon): State<Arc<Daemon>>,
    Path(id): Path<String>,
    Json(Health { healthy }): Json<Health>,
) -> Result<StatusCode, Refusal> {
    daemon.act(|engine, now| engine.set_health(&id, healthy, now))?;
    Ok(StatusCode::NO_CONTENT)
}
