//! `GET /api/containers` and `GET /api/containers/{id}/stats`: what is told from memory.

use super::{Problem, ProblemCode, caller::Caller, logs::readable};
use crate::{history::LONGEST, now};
use app::{
    model::ContainerId,
    protocol::{Snapshot, compact},
};
use axum::{
    Json,
    extract::{
        Path, Query,
        rejection::{PathRejection, QueryRejection},
    },
    http::header,
    response::IntoResponse,
};
use serde::Deserialize;
use std::time::Duration;

/// The query of a snapshot.
#[derive(Debug, Default, Deserialize)]
pub(super) struct SnapshotQuery {
    format: Option<String>,
}

pub(super) async fn snapshot(
    Caller { state, .. }: Caller,
    query: Result<Query<SnapshotQuery>, QueryRejection>,
) -> impl IntoResponse {
    state.demand.touch();
    let snapshot: Snapshot = state.feed.state().snapshot(now());
    let is_compact = query.is_ok_and(|Query(query)| query.format.as_deref() == Some("compact"));
    let body = if is_compact {
        ([(header::CONTENT_TYPE, "application/json")], compact::write_snapshot(&snapshot)).into_response()
    } else {
        Json(snapshot).into_response()
    };
    ([(header::CACHE_CONTROL, "no-store")], body)
}

/// The query of a history.
#[derive(Debug, Deserialize)]
pub(super) struct Window {
    window: Option<String>,
}

/// As long as charts of one look are.
const USUAL_WINDOW: Duration = Duration::from_secs(300);

pub(super) async fn stats(
    Caller { state, .. }: Caller,
    path: Result<Path<String>, PathRejection>,
    query: Result<Query<Window>, QueryRejection>,
) -> Result<impl IntoResponse, Problem> {
    let id = read_id(path)?;
    let Window { window } = readable(query)?;
    let window = match window.as_deref().map(humantime::parse_duration) {
        None => USUAL_WINDOW,
        Some(Ok(window)) if !window.is_zero() && window <= LONGEST => window,
        Some(_) => {
            return Err(Problem::new(
                ProblemCode::BadWindow,
                "The window is not a time of at most 6 h.",
                "Ask for window=5m, window=1h or window=6h.",
            ));
        }
    };
    state.feed.state().container(id).ok_or_else(Problem::no_such_container)?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(state.history.of(id, window, now()))))
}

pub(super) fn read_id(path: Result<Path<String>, PathRejection>) -> Result<ContainerId, Problem> {
    let Path(id) = path.map_err(|_| Problem::bad_id())?;
    id.parse().map_err(|_| Problem::bad_id())
}
