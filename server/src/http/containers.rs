//! `GET /api/containers` and `GET /api/containers/{id}/stats`: what is told from memory.

use super::{Problem, ProblemCode, caller::Caller, logs::readable, problem::problems};
use crate::{history::MAX_WINDOW, now};
use app::{
    model::{ContainerId, SampleHistory},
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
use utoipa::IntoParams;

/// The query of a snapshot.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct SnapshotQuery {
    /// `compact` for the form of Quaylight's own pages, which can change with every version. Anything else is JSON.
    format: Option<String>,
}

/// The compact form is JSON without names, and a media type of its own: nobody takes it for a [`Snapshot`].
const COMPACT: &str = "application/vnd.quaylight.compact+json";

problems!(SnapshotProblems: SignInNeeded);

/// All containers and their newest samples.
#[utoipa::path(
    get,
    path = "/api/containers",
    operation_id = "getContainers",
    tag = "Containers",
    params(SnapshotQuery),
    responses(
        (status = 200, description = "All containers, running or not.", content(
            (Snapshot = "application/json"),
            (Vec<Value> = "application/vnd.quaylight.compact+json"),
        )),
        SnapshotProblems,
    )
)]
pub(super) async fn snapshot(
    Caller { state, .. }: Caller,
    query: Result<Query<SnapshotQuery>, QueryRejection>,
) -> impl IntoResponse {
    state.demand.touch();
    let snapshot: Snapshot = state.feed.state().snapshot(now());
    let is_compact = query.is_ok_and(|Query(query)| query.format.as_deref() == Some("compact"));
    let body = if is_compact {
        ([(header::CONTENT_TYPE, COMPACT)], compact::write_snapshot(&snapshot)).into_response()
    } else {
        Json(snapshot).into_response()
    };
    ([(header::CACHE_CONTROL, "no-store")], body)
}

/// The query of a history.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Window {
    /// Duration of at most 6 h, such as `5m`. Five minutes if left out.
    #[param(pattern = r"^([1-9]\d{0,3}s|[1-9]\d?m|[1-6]h)$", example = "5m")]
    window: Option<String>,
}

/// As long as charts of one look are.
const USUAL_WINDOW: Duration = Duration::from_secs(300);

problems!(StatsProblems: BadId, BadQuery, BadWindow, SignInNeeded, NoSuchContainer);

/// Samples of one container over the last minutes or hours.
#[utoipa::path(
    get,
    path = "/api/containers/{id}/stats",
    operation_id = "getContainerStats",
    tag = "Containers",
    params(("id" = ContainerId, Path, description = "Full id of the container."), Window),
    responses((status = 200, description = "Samples, oldest first.", body = SampleHistory), StatsProblems)
)]
pub(super) async fn stats(
    Caller { state, .. }: Caller,
    path: Result<Path<String>, PathRejection>,
    query: Result<Query<Window>, QueryRejection>,
) -> Result<impl IntoResponse, Problem> {
    let id = read_id(path)?;
    let Window { window } = readable(query)?;
    let window = match window.as_deref().map(humantime::parse_duration) {
        None => USUAL_WINDOW,
        Some(Ok(window)) if !window.is_zero() && window <= MAX_WINDOW => window,
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
