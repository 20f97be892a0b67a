//! `GET /api/containers` and `GET /api/containers/{id}`.

use super::{AppState, Problem};
use crate::now;
use app::{
    model::{Container, ContainerId},
    protocol::Snapshot,
};
use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    http::header,
    response::IntoResponse,
};
use std::sync::Arc;

pub(super) async fn snapshot(State(state): State<AppState>) -> impl IntoResponse {
    state.demand.touch();
    let snapshot: Snapshot = state.feed.state().snapshot(now());
    ([(header::CACHE_CONTROL, "no-store")], Json(snapshot))
}

pub(super) async fn one(
    State(state): State<AppState>,
    path: Result<Path<String>, PathRejection>,
) -> Result<impl IntoResponse, Problem> {
    let Path(id) = path.map_err(|_| Problem::bad_id())?;
    let id: ContainerId = id.parse().map_err(|_| Problem::bad_id())?;
    let container: Option<Arc<Container>> = state.feed.state().container(id).cloned();
    let container = container.ok_or_else(Problem::no_such_container)?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(container)))
}
