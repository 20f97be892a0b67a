//! `GET /api/containers` and `GET /api/containers/{id}`.

use super::{AppState, Problem};
use crate::now;
use app::{
    model::{Container, ContainerId},
    protocol::Snapshot,
};
use axum::{
    Json,
    extract::{Path, State},
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
    Path(id): Path<String>,
) -> Result<Json<Arc<Container>>, Problem> {
    let id: ContainerId = id.parse().map_err(|_| Problem::bad_id())?;
    let container = state.feed.state().container(id).cloned();
    container.map(Json).ok_or_else(Problem::no_such_container)
}
