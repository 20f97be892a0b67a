//! `GET /api/events` and `GET /api/events/stream`: what happened, and what happens.

use super::{
    Problem,
    caller::Caller,
    logs::{bad_query, readable, resume},
    sse::{self, Events, Source},
};
use crate::{
    now,
    timeline::{EventQuery, EventQueryText, Reader},
};
use axum::{
    Json,
    extract::{Query, rejection::QueryRejection},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};

pub(super) async fn events(
    Caller { state, .. }: Caller,
    query: Result<Query<EventQueryText>, QueryRejection>,
) -> Result<impl IntoResponse, Problem> {
    let query = read(&readable(query)?)?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(state.timeline.occurrences(&query))))
}

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
