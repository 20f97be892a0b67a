//! `GET /api/containers` and `GET /api/containers/{id}/stats`: served from memory.

use super::logs::readable;
use crate::{
    history::MAX_WINDOW,
    http::{
        entry::{caller::Caller, container_path::ContainerPath},
        state::StreamState,
        wire::problem::{Problem, ProblemCode, problems},
    },
    now,
};
use app::{
    model::{ContainerId, EngineName, SampleHistory},
    protocol::{Snapshot, compact},
};
use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    http::header,
    response::IntoResponse,
};
use serde::Deserialize;
use std::time::Duration;
use utoipa::IntoParams;

/// The query of a snapshot.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct SnapshotQuery {
    /// `compact` for the form of Quaylight's own pages, which can change with every version.
    /// Anything else is JSON.
    format: Option<String>,
}

/// The engines of a snapshot or stream. A type of its own, so that an unreadable filter is refused,
/// not ignored.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct EngineFilter {
    /// Names of engines, separated by commas; all if omitted.
    #[param(style = Form, explode = false, value_type = Option<Vec<EngineName>>, min_items = 1)]
    pub(super) engine: Option<String>,
}

/// The compact format is JSON without names. Its own media type keeps clients from reading it as a
/// [`Snapshot`].
const COMPACT: &str = "application/vnd.quaylight.compact+json";

problems!(SnapshotProblems: BadQuery, SignInNeeded, NoEngine, TooMany);

/// All containers and their newest samples.
#[utoipa::path(
    get,
    path = "/api/containers",
    operation_id = "getContainers",
    tag = "Containers",
    params(SnapshotQuery, EngineFilter),
    responses(
        (status = 200, description = "All containers, running or not.", content(
            (Snapshot = "application/json"),
            (Vec<Value> = "application/vnd.quaylight.compact+json"),
        )),
        SnapshotProblems,
    )
)]
pub(in crate::http) async fn snapshot(
    caller: Caller,
    State(streams): State<StreamState>,
    query: Result<Query<SnapshotQuery>, QueryRejection>,
    filter: Result<Query<EngineFilter>, QueryRejection>,
) -> Result<impl IntoResponse, Problem> {
    streams.demand.touch();
    let query = query.map(|Query(query)| query).unwrap_or_default();
    let snapshot: Snapshot = caller.feed_of(readable(filter)?.engine.as_deref())?.state().snapshot(now());
    let is_compact = query.format.as_deref() == Some("compact");
    let body = if is_compact {
        ([(header::CONTENT_TYPE, COMPACT)], compact::write_snapshot(&snapshot)).into_response()
    } else {
        Json(snapshot).into_response()
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], body))
}

/// The query of a history.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct Window {
    /// Duration of at most 6 h, such as `5m`. Five minutes if omitted.
    #[param(pattern = r"^([1-9]\d{0,3}s|[1-9]\d?m|[1-6]h)$", example = "5m")]
    window: Option<String>,
}

/// Default window: the time span of the charts in the list.
const DEFAULT_WINDOW: Duration = Duration::from_secs(300);

problems!(StatsProblems: BadId, BadQuery, BadWindow, SignInNeeded, NoEngine, NoSuchContainer, Ambiguous);

/// Samples of one container over the last minutes or hours.
#[utoipa::path(
    get,
    path = "/api/containers/{id}/stats",
    operation_id = "getContainerStats",
    tag = "Containers",
    params(("id" = ContainerId, Path, description = "Full id of the container."), Window),
    responses((status = 200, description = "Samples, oldest first.", body = SampleHistory), StatsProblems)
)]
pub(in crate::http) async fn stats(
    caller: Caller,
    path: Result<ContainerPath, Problem>,
    query: Result<Query<Window>, QueryRejection>,
) -> Result<impl IntoResponse, Problem> {
    let key = caller.container(&path?)?;
    let Window { window } = readable(query)?;
    let window = match window.as_deref().map(humantime::parse_duration) {
        None => DEFAULT_WINDOW,
        Some(Ok(window)) if !window.is_zero() && window <= MAX_WINDOW => window,
        Some(_) => {
            return Err(Problem::new(
                ProblemCode::BadWindow,
                "The window must be a duration of at most 6 h.",
                "Use window=5m, window=1h or window=6h.",
            ));
        }
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(caller.samples(key, window)?)))
}
