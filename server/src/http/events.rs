//! `GET /api/events` and `GET /api/events/stream`: what happened, and what happens.

use super::{
    Problem,
    caller::Caller,
    document::{EventDescription, EventStream, Streamed},
    logs::{bad_query, readable, resume},
    problem::problems,
    sse::{self, Events, Source},
};
use crate::{
    now,
    timeline::{EventQuery, EventQueryText, Reader},
};
use app::model::{Occurrence, Occurrences};
use axum::{
    Json,
    extract::{Query, rejection::QueryRejection},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};

problems!(EventProblems: BadId, BadQuery, SignInNeeded);

/// Events of the stream of events.
pub(super) struct OccurrenceEvents;

impl EventStream for OccurrenceEvents {
    const DESCRIPTION: &str = "Events as they happen.";

    fn events() -> Vec<EventDescription> {
        vec![
            EventDescription::of::<Occurrence>("event", "An event of a container.").with_id(),
            EventDescription::of::<sse::Beat>("heartbeat", "First, and after at most 3 s without another event."),
        ]
    }
}

/// Events of the last 24 hours, oldest first.
#[utoipa::path(
    get,
    path = "/api/events",
    operation_id = "getEvents",
    tag = "Events",
    params(EventQueryText),
    responses((status = 200, description = "The events.", body = Occurrences), EventProblems)
)]
pub(super) async fn events(
    Caller { state, .. }: Caller,
    query: Result<Query<EventQueryText>, QueryRejection>,
) -> Result<impl IntoResponse, Problem> {
    let query = read(&readable(query)?)?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(state.timeline.occurrences(&query))))
}

/// Events as they happen, as a stream.
#[utoipa::path(
    get,
    path = "/api/events/stream",
    operation_id = "streamEvents",
    tag = "Events",
    params(EventQueryText, ("Last-Event-ID" = Option<String>, Header, description = "Id of the last event that was received; the stream continues after it.")),
    responses(Streamed<OccurrenceEvents>, EventProblems)
)]
pub(super) async fn stream(
    Caller { state, .. }: Caller,
    query: Result<Query<EventQueryText>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let text = readable(query)?;
    let reader = state.timeline.reader(read(&text)?, resume(&headers, text.last_event_id.as_deref()));
    Ok(sse::response(reader, state.stop.clone()))
}

fn read(text: &EventQueryText) -> Result<EventQuery, Problem> {
    EventQuery::read(text, now()).map_err(|error| error.map_or_else(Problem::bad_id, bad_query))
}

impl Source for Reader {
    async fn next(&mut self, events: &mut Events) -> bool {
        for occurrence in Self::next(self).await {
            events.push("event", Some(&occurrence.id), &occurrence);
        }
        true
    }
}
