//! `GET /api/events` and `GET /api/events/stream`: past events, and new ones as they happen.

use super::logs::{bad_query, readable, resume};
use crate::{
    http::{
        entry::caller::Caller,
        wire::{
            event_stream::{EventDescription, EventStream, Streamed},
            problem::{Problem, problems},
            sse::{self, Events, Source},
        },
    },
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

problems!(EventProblems: BadId, BadQuery, SignInNeeded, NoEngine);

/// Events of the stream of events.
pub(in crate::http) struct OccurrenceEvents;

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
pub(in crate::http) async fn events(
    caller: Caller,
    query: Result<Query<EventQueryText>, QueryRejection>,
) -> Result<impl IntoResponse, Problem> {
    let query = read(&caller, &readable(query)?)?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(caller.timeline.occurrences(&query))))
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
pub(in crate::http) async fn stream(
    caller: Caller,
    query: Result<Query<EventQueryText>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let text = readable(query)?;
    let reader = caller.timeline.reader(read(&caller, &text)?, resume(&headers, text.last_event_id.as_deref()));
    Ok(sse::response(reader, caller.stop))
}

fn read(caller: &Caller, text: &EventQueryText) -> Result<EventQuery, Problem> {
    let query = EventQuery::read(text, now()).map_err(|error| error.map_or_else(Problem::bad_id, bad_query))?;
    caller.check_engines(&query.engines)?;
    Ok(query)
}

impl Source for Reader {
    async fn next(&mut self, events: &mut Events) -> bool {
        for occurrence in Self::next(self).await {
            events.push("event", Some(&occurrence.id), &occurrence);
        }
        true
    }
}
