//! `GET /api/containers/{id}/logs/stream`, `GET /api/logs/stream?ids=` and `GET /api/containers/{id}/logs`.

pub(super) mod download;
mod tail;

use super::{
    AppState, Problem, ProblemCode,
    caller::Caller,
    containers::read_id,
    document::{EventDescription, EventStream, Streamed},
    problem::problems,
    sse,
};
use crate::{
    engine::EngineError,
    logs::{BadQuery, Follower, LogPosition, LogQuery, LogQueryText, LogSources, Merge},
    now,
    shares::LimitReached,
};
use app::model::{ContainerId, EngineLink, LogEnd, LogGap, LogLine, LogResume};
use axum::{
    extract::{
        Path, Query,
        rejection::{PathRejection, QueryRejection},
    },
    http::HeaderMap,
    response::Response,
};
use futures::{StreamExt as _, stream};
use serde::Deserialize;
use std::collections::BTreeSet;
use tail::TailSource;
use utoipa::IntoParams;

/// Logs in one stream: each costs a connection to the engine, and its place in every event's id.
const MOST_MERGED: usize = 32;

problems!(
    LogProblems:
    BadId,
    BadQuery,
    SignInNeeded,
    NoSuchContainer,
    Refused,
    LogsUnreadable,
    TooMany,
    EngineLost
);

/// Events of the streams of logs.
pub(super) struct LogEvents;

impl EventStream for LogEvents {
    const DESCRIPTION: &str = "Log lines as they are printed.";

    fn events() -> Vec<EventDescription> {
        vec![
            EventDescription::of::<LogLine>("log", "A line.").with_id(),
            EventDescription::of::<LogEnd>("end", "Nothing follows for now, or for good if `last` is true."),
            EventDescription::of::<LogGap>("gap", "Lines may be missing here."),
            EventDescription::of::<LogResume>("resume", "Lines follow again after an `end`; none was left out."),
            EventDescription::of::<sse::Beat>("heartbeat", "First, and after at most 3 s without another event."),
        ]
    }
}

/// Log of one container, as a stream.
///
/// The stream follows the container over restarts, and ends only with `until` or with the container.
#[utoipa::path(
    get,
    path = "/api/containers/{id}/logs/stream",
    operation_id = "streamContainerLogs",
    tag = "Logs",
    params(("id" = ContainerId, Path, description = "Full id of the container."), LogQueryText, ("Last-Event-ID" = Option<String>, Header, description = "Id of the last event that was received; the stream continues after it.")),
    responses(Streamed<LogEvents>, LogProblems)
)]
pub(super) async fn stream(
    caller: Caller,
    path: Result<Path<String>, PathRejection>,
    query: Result<Query<LogQueryText>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = read_id(path)?;
    let text = readable(query)?;
    let query = LogQuery::of_stream(&text, now()).map_err(bad_query)?;
    let place = resume(&headers, text.last_event_id.as_deref()).and_then(|text| text.parse().ok());
    let mut follower = follower(&caller, id, query, place)?;
    follower.open().await.map_err(refused)?;
    Ok(answer(&caller.state, None, vec![follower], vec![place]))
}

/// The query of several logs; the rest is that of one.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct Merged {
    /// Ids of 1 to 32 different containers, joined by commas.
    #[param(style = Form, explode = false, value_type = Vec<ContainerId>, min_items = 1, max_items = 32, required = true)]
    ids: Option<String>,
}

/// Logs of several containers, as one stream merged by time.
///
/// The query applies to each container. Every event but the heartbeat has a `containerId`.
#[utoipa::path(
    get,
    path = "/api/logs/stream",
    operation_id = "streamLogs",
    tag = "Logs",
    params(Merged, LogQueryText, ("Last-Event-ID" = Option<String>, Header, description = "Id of the last event that was received; the stream continues after it.")),
    responses(Streamed<LogEvents>, LogProblems)
)]
pub(super) async fn merged(
    caller: Caller,
    ids: Result<Query<Merged>, QueryRejection>,
    query: Result<Query<LogQueryText>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let ids = read_ids(&readable(ids)?.ids.unwrap_or_default())?;
    let text = readable(query)?;
    let query = LogQuery::of_stream(&text, now()).map_err(bad_query)?;
    let places = resume(&headers, text.last_event_id.as_deref()).map(|text| tail::places(text, ids.len()));
    let places = places.unwrap_or_else(|| vec![None; ids.len()]);
    let places_and_ids = ids.iter().zip(&places);
    let followers: Result<Vec<_>, _> =
        places_and_ids.map(|(id, place)| follower(&caller, *id, query, *place)).collect();
    Ok(answer(&caller.state, Some(ids), followers?, places))
}

fn answer(
    state: &AppState,
    ids: Option<Vec<ContainerId>>,
    followers: Vec<Follower>,
    places: Vec<Option<LogPosition>>,
) -> Response {
    let logs = followers.into_iter().map(|follower| {
        stream::unfold(follower, |mut follower| async move {
            let tailed = follower.next().await?;
            Some((tailed, follower))
        })
        .boxed()
    });
    sse::response(TailSource { ids, places, merge: Merge::new(logs) }, state.stop.clone())
}

/// A container that nobody has is not waited for, once the engine has told which there are.
fn follower(
    caller: &Caller,
    id: ContainerId,
    query: LogQuery,
    place: Option<LogPosition>,
) -> Result<Follower, Problem> {
    caller.sees(id)?;
    let state = &caller.state;
    let held = state.feed.state();
    let known = held.container(id).is_some();
    if !known && held.engines().iter().all(|engine| engine.link == EngineLink::Up) {
        return Err(Problem::no_such_container());
    }
    let sources = LogSources { client: state.links.client.clone(), feed: state.feed.clone() };
    let reader = state.log_readers.take(&caller.share()).map_err(too_many)?;
    Ok(Follower::new(id, query, place, sources, reader))
}

fn too_many(full: LimitReached) -> Problem {
    let hint = "Close pages that show logs, or try again later.";
    let detail = match full {
        LimitReached::Total => "As many logs are being read as this server reads at once.",
        LimitReached::Client => "You are reading as many logs as this server reads at once for one user.",
    };
    Problem::new(ProblemCode::TooMany, detail, hint)
}

/// Not the engine's no to an action, but to reading at all.
fn refused(error: EngineError) -> Problem {
    match error {
        EngineError::Refused { message, .. } if !message.to_ascii_lowercase().contains("no such container") => {
            let hint = "Its log driver sends what it prints elsewhere, or nowhere; the engine reads logs of json-file, local and \
                        journald.";
            Problem::new(ProblemCode::LogsUnreadable, message, hint)
        }
        error => error.into(),
    }
}

pub(super) fn readable<T>(query: Result<Query<T>, QueryRejection>) -> Result<T, Problem> {
    query.map(|Query(query)| query).map_err(|_| bad_query(BadQuery("The query cannot be read.")))
}

pub(super) fn bad_query(error: BadQuery) -> Problem {
    Problem::new(ProblemCode::BadQuery, error.0, "GET /api/openapi.json describes the parameters.")
}

/// What cannot be read is as if it were absent: it is not written by people.
pub(super) fn resume<'a>(headers: &'a HeaderMap, query: Option<&'a str>) -> Option<&'a str> {
    headers.get("last-event-id").and_then(|id| id.to_str().ok()).or(query)
}

fn read_ids(text: &str) -> Result<Vec<ContainerId>, Problem> {
    let ids: Result<Vec<ContainerId>, _> = text.split(',').map(str::parse).collect();
    let ids = ids.map_err(|_| Problem::bad_id())?;
    let different: BTreeSet<_> = ids.iter().collect();
    if different.len() < ids.len() || ids.len() > MOST_MERGED {
        return Err(bad_query(BadQuery("ids names at most 32 containers, each once.")));
    }
    Ok(ids)
}
