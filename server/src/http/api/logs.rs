//! `GET /api/containers/{id}/logs/stream`, `GET /api/logs/stream?ids=` and
//! `GET /api/containers/{id}/logs`.

pub(in crate::http) mod download;
mod far_log;
mod log;
mod tail;

use crate::{
    engine::{BadQuery, EngineError, Engines, LogQuery, LogQueryText},
    http::{
        entry::{caller::Caller, container_path::ContainerPath},
        state::AppState,
        wire::{
            event_stream::{EventDescription, EventStream, Streamed},
            problem::{Problem, ProblemCode, problems},
            sse,
        },
    },
    logs::{Follower, LogReader, LogReaders, LogSources, Merge, Place, engine_time},
    now,
    process::shares::LimitReached,
};
use app::model::{ContainerId, ContainerKey, EngineLink, LogEnd, LogGap, LogLine, LogResume};
use axum::{
    extract::{FromRef, Query, RawQuery, State, rejection::QueryRejection},
    http::HeaderMap,
    response::Response,
};
use far_log::FarLog;
use log::Log;
use serde::Deserialize;
use std::{collections::BTreeSet, iter};
use tail::TailSource;
use utoipa::{IntoParams, ToSchema};

/// Maximum number of logs in one stream. Each costs a connection to the engine and a part of every
/// event's id.
const MAX_MERGED: usize = 32;

problems!(
    LogProblems:
    BadId,
    BadQuery,
    SignInNeeded,
    NoEngine,
    NoSuchContainer,
    Ambiguous,
    Refused,
    LogsUnreadable,
    TooMany,
    EngineLost
);

/// Events of the streams of logs.
pub(in crate::http) struct LogEvents;

impl EventStream for LogEvents {
    const DESCRIPTION: &str = "Log lines as they are printed.";

    fn events() -> Vec<EventDescription> {
        vec![
            EventDescription::of::<LogLine>("log", "A line.").with_id(),
            EventDescription::of::<LogEnd>("end", "Nothing follows for now, or for good if `last` is true."),
            EventDescription::of::<LogGap>("gap", "Lines may be missing here."),
            EventDescription::of::<LogResume>("resume", "Lines follow again after an `end`; none is missing."),
            EventDescription::of::<sse::Beat>(
                "heartbeat",
                "First, and after at most 3 s without another event. It has an id, too.",
            )
            .with_id(),
        ]
    }
}

/// Log of one container, as a stream.
///
/// The stream follows the container across restarts, and ends only with `until` or with the
/// container.
#[utoipa::path(
    get,
    path = "/api/containers/{id}/logs/stream",
    operation_id = "streamContainerLogs",
    tag = "Logs",
    params(("id" = ContainerId, Path, description = "Full id of the container."), LogQueryText, ("Last-Event-ID" = Option<String>, Header, description = "Id of the last event that was received; the stream continues after it.")),
    responses(Streamed<LogEvents>, LogProblems)
)]
pub(in crate::http) async fn stream(
    caller: Caller,
    State(readers): State<Readers>,
    path: Result<ContainerPath, Problem>,
    query: Result<Query<LogQueryText>, QueryRejection>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let key = caller.container(&path?)?;
    let text = readable(query)?;
    let query = LogQuery::for_stream(&text, now()).map_err(bad_query)?;
    let place = resume(&headers, text.last_event_id.as_deref()).and_then(|text| text.parse().ok());
    let mut log = readers.log(&caller, key, (query, raw.as_deref()), place)?;
    log.open().await?;
    Ok(response(&caller, None, vec![log]))
}

/// The query of several logs, in addition to that of one log.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(in crate::http) struct Merged {
    /// 1 to 32 different containers, separated by commas: `ID`, or `ENGINE/ID` if several engines
    /// have a container with the same id.
    #[param(style = Form, explode = false, value_type = Vec<ContainerName>, min_items = 1, max_items = 32, required = true)]
    ids: Option<String>,
}

/// A container in a query.
#[derive(ToSchema)]
#[schema(pattern = "^([a-z0-9][a-z0-9._-]{0,62}/)?[0-9a-f]{64}$")]
#[allow(dead_code, reason = "for the OpenAPI document")]
pub(in crate::http) struct ContainerName(String);

/// Logs of several containers, as one stream merged by time.
///
/// The query applies to each container. Every event but the heartbeat has a `containerId` and an
/// `engine`.
#[utoipa::path(
    get,
    path = "/api/logs/stream",
    operation_id = "streamLogs",
    tag = "Logs",
    params(Merged, LogQueryText, ("Last-Event-ID" = Option<String>, Header, description = "Id of the last event that was received; the stream continues after it.")),
    responses(Streamed<LogEvents>, LogProblems)
)]
pub(in crate::http) async fn merged(
    caller: Caller,
    State(readers): State<Readers>,
    ids: Result<Query<Merged>, QueryRejection>,
    query: Result<Query<LogQueryText>, QueryRejection>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let keys = read_keys(&caller, &readable(ids)?.ids.unwrap_or_default())?;
    let text = readable(query)?;
    let query = LogQuery::for_stream(&text, now()).map_err(bad_query)?;
    let places = resume(&headers, text.last_event_id.as_deref()).map(|text| tail::places(text, keys.len()));
    let places = places.unwrap_or_else(|| vec![None; keys.len()]);
    let places_and_keys = keys.iter().zip(&places);
    let raw = raw.as_deref();
    let logs: Result<Vec<_>, _> =
        places_and_keys.map(|(key, place)| readers.log(&caller, *key, (query, raw), *place)).collect();
    Ok(response(&caller, Some(keys), logs?))
}

fn response(caller: &Caller, keys: Option<Vec<ContainerKey>>, logs: Vec<Log>) -> Response {
    let places = logs.iter().map(Log::place).collect();
    let state = caller.feed.state();
    let clock_offset = |engine| state.engine(engine).and_then(|engine| engine.clock_offset_millis).unwrap_or_default();
    let offsets = keys.iter().flatten().map(|key| clock_offset(key.engine)).chain(iter::repeat(0));
    let merge = Merge::new(logs.into_iter().map(Log::events).zip(offsets));
    sse::response(TailSource { keys, places, merge }, caller.stop.clone())
}

/// Dependencies of handlers that read logs.
#[derive(Debug, Clone)]
pub(in crate::http) struct Readers {
    engines: Engines,
    limit: LogReaders,
}

impl FromRef<AppState> for Readers {
    fn from_ref(state: &AppState) -> Self {
        Self { engines: state.engines.all.clone(), limit: state.streams.log_readers.clone() }
    }
}

impl Readers {
    /// Starts following a log of an engine of this server. Once the engine has listed all its
    /// containers, does not wait for one that does not exist.
    fn follower(
        &self,
        caller: &Caller,
        key: ContainerKey,
        query: LogQuery,
        place: Option<Place>,
    ) -> Result<Follower, Problem> {
        let reader = self.reader(caller, key)?;
        let ContainerKey { engine, id } = key;
        let links = self.engines.get(engine).ok_or_else(Problem::no_engine)?.links;
        let sources = LogSources { engine, client: links.client, feed: caller.feed.clone() };
        Ok(Follower::new(id, query, place, sources, reader))
    }

    /// Starts following a log of any engine. `raw` is the query as the client sent it.
    fn log(
        &self,
        caller: &Caller,
        key: ContainerKey,
        (query, raw): (LogQuery, Option<&str>),
        place: Option<Place>,
    ) -> Result<Log, Problem> {
        let Some(server) = self.engines.get(key.engine).and_then(|engine| engine.far) else {
            return self.follower(caller, key, query, place).map(|follower| Log::Own(Box::new(follower)));
        };
        let reader = self.reader(caller, key)?;
        let began = engine_time(&caller.feed, key.engine);
        Ok(Log::Far(Box::new(FarLog::new((server, key.id), raw, (place, began), reader))))
    }

    /// A permit to read the log of a container, which must exist if its engine has listed all.
    fn reader(&self, caller: &Caller, key: ContainerKey) -> Result<LogReader, Problem> {
        let state = caller.feed.state();
        let is_up = state.engine(key.engine).is_none_or(|engine| engine.link == EngineLink::Up);
        if state.container(key).is_none() && is_up {
            return Err(Problem::no_such_container());
        }
        reader(&self.limit, caller)
    }
}

/// A permit to read a log.
pub(super) fn reader(limit: &LogReaders, caller: &Caller) -> Result<LogReader, Problem> {
    limit.take(&caller.share()).map_err(too_many)
}

fn too_many(full: LimitReached) -> Problem {
    let hint = "Close pages that show logs, or try again later.";
    let detail = match full {
        LimitReached::Total => "This server is already reading the maximum number of logs.",
        LimitReached::Client => "You are already reading the maximum number of logs per user.",
    };
    Problem::new(ProblemCode::TooMany, detail, hint)
}

/// Converts a refusal, which here means that the engine cannot read the log at all.
fn refused(error: EngineError) -> Problem {
    match error {
        EngineError::Refused { message, .. } if !message.to_ascii_lowercase().contains("no such container") => {
            let hint = "Its log driver does not support reading; json-file, local and journald do.";
            Problem::new(ProblemCode::LogsUnreadable, message, hint)
        }
        error => error.into(),
    }
}

pub(in crate::http) fn readable<T>(query: Result<Query<T>, QueryRejection>) -> Result<T, Problem> {
    query.map(|Query(query)| query).map_err(|_| bad_query(BadQuery("The query cannot be read.")))
}

pub(in crate::http) fn bad_query(error: BadQuery) -> Problem {
    Problem::new(ProblemCode::BadQuery, error.0, "GET /api/openapi.json describes the parameters.")
}

/// Reads the positions to resume at. Unreadable ones are ignored: programs write them, not people.
pub(in crate::http) fn resume<'a>(headers: &'a HeaderMap, query: Option<&'a str>) -> Option<&'a str> {
    headers.get("last-event-id").and_then(|id| id.to_str().ok()).or(query)
}

/// Reads `ID,ENGINE/ID,…`.
fn read_keys(caller: &Caller, text: &str) -> Result<Vec<ContainerKey>, Problem> {
    let named: Vec<_> = text
        .split(',')
        .map(|text| text.split_once('/').map_or((None, text), |(engine, id)| (Some(engine), id)))
        .collect();
    let ids: Result<Vec<ContainerId>, _> = named.iter().map(|(_, id)| id.parse()).collect();
    let ids = ids.map_err(|_| Problem::bad_id())?;
    if ids.len() > MAX_MERGED {
        return Err(bad_query(NOT_EACH_ONCE));
    }
    let keys: Vec<_> =
        named.iter().zip(ids).map(|((engine, _), id)| caller.resolve(*engine, id)).collect::<Result<_, _>>()?;
    let different: BTreeSet<_> = keys.iter().collect();
    if different.len() < keys.len() { Err(bad_query(NOT_EACH_ONCE)) } else { Ok(keys) }
}

const NOT_EACH_ONCE: BadQuery = BadQuery("ids must contain at most 32 container ids, without duplicates.");
