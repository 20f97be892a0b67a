//! Passes requests for containers of an engine that another Quaylight watches on to that server.
//!
//! In: every request of the routes of one container, before their handlers. Out: the other server's
//! response, with the engine's name on this server. This server first checks the user's role and
//! scope, as the handlers do; then the other server checks those of the token. While the other
//! server does not respond, handlers that have data in memory respond.

use super::{actions, container};
use crate::{
    audit::Outcome,
    details::Secrets,
    far::{
        clean,
        link::{self, FarError, FarServer},
    },
    http::{
        entry::{caller::Caller, container_path::ContainerPath},
        state::AppState,
        wire::problem::{Problem, ProblemCode},
    },
    logs::LogReader,
};
use app::model::{ContainerKey, EngineName};
use axum::{
    body::{Body, Bytes},
    extract::{FromRequest as _, FromRequestParts as _, MatchedPath, Query, Request, State},
    http::{HeaderMap, HeaderName, Method, StatusCode, header, request::Parts, response},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use futures::{StreamExt as _, stream};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use serde_json::Value;
use std::time::Duration;
use tokio::time::timeout;

/// Timeout for the headers of a response: for the engine's calls on the other server, and the
/// network.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(15);
/// Timeout of an action, which can wait for the container to stop.
const ACTION_TIMEOUT: Duration = Duration::from_secs(620);
/// Timeout for silence. Streams have an event at least every 3 s; a download may wait for its
/// container's disk.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(30);
/// Maximum length of a JSON response.
const MAX_JSON_BYTES: usize = 16 << 20;

/// Headers of a request that the other server needs.
const REQUEST_HEADERS: [HeaderName; 3] =
    [header::ACCEPT, header::CONTENT_TYPE, HeaderName::from_static("last-event-id")];
/// Headers of the other server's response that are passed on.
const RESPONSE_HEADERS: [HeaderName; 4] = [
    header::CONTENT_TYPE,
    header::CACHE_CONTROL,
    header::CONTENT_DISPOSITION,
    HeaderName::from_static("x-accel-buffering"),
];
/// Media types that are passed on. Others, such as pages, do not belong to the API.
const MEDIA_TYPES: [&str; 2] = ["application/json", "text/plain"];
/// Problems of the other server that concern the user, not the connection.
const PASSED_ON: [ProblemCode; 14] = [
    ProblemCode::BadId,
    ProblemCode::Malformed,
    ProblemCode::BadQuery,
    ProblemCode::BadWindow,
    ProblemCode::ReadOnly,
    ProblemCode::Role,
    ProblemCode::NoSuchContainer,
    ProblemCode::NoSuchRoute,
    ProblemCode::WrongMethod,
    ProblemCode::Refused,
    ProblemCode::LogsUnreadable,
    ProblemCode::TooMany,
    ProblemCode::ActionFailed,
    ProblemCode::EngineLost,
];

/// A request for a container of an engine that another server watches.
struct Passed {
    caller: Caller,
    server: FarServer,
    key: ContainerKey,
    path: ContainerPath,
    /// Path below the container, as in the routes.
    rest: String,
}

/// Passes a request on if its container's engine is watched by another server.
pub(in crate::http) async fn pass_on(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let Some(passed) = Passed::of(&state, &mut parts).await else {
        return next.run(Request::from_parts(parts, body)).await;
    };
    let response = match (&parts.method, passed.rest.as_str()) {
        (&Method::GET, "" | "/stats") => {
            let response = passed.read(&parts, None).await;
            match response {
                // From memory, unless the other server itself refused.
                Err(Failure::Far(error)) if !matches!(error, FarError::Refused { .. }) => {
                    return next.run(Request::from_parts(parts, body)).await;
                }
                response => response,
            }
        }
        // Its handler reads from both kinds of engines.
        (&Method::GET, "/logs/stream") => return next.run(Request::from_parts(parts, body)).await,
        (&Method::GET, "/logs") => match super::logs::reader(&state.streams.log_readers, &passed.caller) {
            Ok(reader) => passed.read(&parts, Some(reader)).await,
            Err(problem) => Err(problem.into()),
        },
        (&Method::GET, _) => passed.read(&parts, None).await,
        (&Method::POST, "/{action}") if actions::ACTIONS.contains(&passed.path.action.as_str()) => {
            passed.act(parts, body).await
        }
        (&Method::DELETE, "") => passed.act(parts, body).await,
        _ => return next.run(Request::from_parts(parts, body)).await,
    };
    response.unwrap_or_else(|failure| Problem::from(failure).into_response())
}

/// Reason why there is no response of the other server.
enum Failure {
    Far(FarError),
    Problem(Problem),
}

impl From<FarError> for Failure {
    fn from(error: FarError) -> Self {
        Self::Far(error)
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Far(error) => problem(&error),
            Failure::Problem(problem) => problem,
        }
    }
}

impl Passed {
    /// The request to pass on; `None` if the handler must respond: for a container of this server's
    /// own engines, or with a problem.
    async fn of(state: &AppState, parts: &mut Parts) -> Option<Self> {
        if !state.engines.all.has_far() {
            return None;
        }
        let route = parts.extensions.get::<MatchedPath>()?.as_str();
        let below = route.strip_prefix("/api/containers/{id}");
        let rest = below.or_else(|| route.strip_prefix("/api/engines/{engine}/containers/{id}"))?.to_owned();
        let path = ContainerPath::from_request_parts(parts, &()).await.ok()?;
        let caller = Caller::of(state, parts);
        let key = caller.container(&path).ok()?;
        let server = state.engines.all.get(key.engine)?.far.clone()?;
        Some(Self { caller, server, key, path, rest })
    }

    /// Path and query on the other server; `rest` is the path below the container.
    fn target(&self, parts: &Parts, rest: &str, theirs: EngineName) -> String {
        let rest = rest.replace("{action}", &self.path.action);
        let query = parts.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        format!("/api/engines/{theirs}/containers/{}{rest}{query}", self.key.id)
    }

    async fn send(
        &self,
        parts: &Parts,
        rest: &str,
        body: Bytes,
        limit: Duration,
    ) -> Result<(response::Parts, Incoming), Failure> {
        let theirs = self.server.engine().map_err(|problem| Problem::from(&problem))?;
        let mut request = axum::http::Request::builder().method(&parts.method).uri(self.target(parts, rest, theirs));
        for name in REQUEST_HEADERS {
            if let Some(value) = parts.headers.get(&name) {
                request = request.header(name, value);
            }
        }
        let request = request.body(body).map_err(|error| FarError::InvalidResponse(error.to_string()))?;
        let response = self.server.send(request, limit).await?;
        if response.status().is_success() {
            Ok(response.into_parts())
        } else {
            Err(link::refusal(response).await.into())
        }
    }

    /// Passes a successful response on as it arrives. In JSON, the engine gets its name on this
    /// server.
    async fn read(self, parts: &Parts, reader: Option<LogReader>) -> Result<Response, Failure> {
        let secrets = match self.rest.as_str() {
            "" | "/inspect" | "/processes" => {
                container::allowed_secrets(&self.caller, self.key, Query::try_from_uri(&parts.uri))?
            }
            _ => Secrets::Masked,
        };
        // The token may see containers that this user may not, and that refer to this one.
        let is_redacted = !self.caller.identity.scope.is_all() && matches!(self.rest.as_str(), "" | "/inspect");
        let rest = if is_redacted { "/inspect" } else { &self.rest };
        let sent = self.send(parts, rest, Bytes::new(), RESPONSE_TIMEOUT).await;
        if secrets == Secrets::Shown {
            self.record_secrets(&sent);
        }
        let (head, body) = match sent {
            // While the server does not respond, as for a failed request.
            Err(Failure::Problem(_)) if matches!(self.rest.as_str(), "" | "/stats") => {
                return Err(FarError::Closed.into());
            }
            sent => sent?,
        };
        let headers = kept_headers(&head.headers);
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default();
        if !MEDIA_TYPES.contains(&kind) {
            return Err(FarError::InvalidResponse(format!("the response is {kind:?}")).into());
        }
        if is_redacted {
            let inspect = serde_json::from_slice(&whole(body).await?);
            let inspect: Value = inspect.map_err(|error| FarError::InvalidResponse(error.to_string()))?;
            let inspect = self.caller.visibility(self.key.engine).redact(inspect);
            let body = match self.rest.as_str() {
                "" => container::from_inspect(&self.caller, self.key, inspect, secrets).await?,
                _ => inspect.to_string().into_bytes(),
            };
            return Ok((head.status, headers, body).into_response());
        }
        // The engine's own document has no name of ours.
        if kind == MEDIA_TYPES[0] && self.rest != "/inspect" {
            return Ok(
                (head.status, headers, renamed(body, self.key.engine, self.rest != "/logs").await?).into_response()
            );
        }
        let stop = self.caller.stop.clone();
        let pieces = stream::unfold((body, reader), |(mut body, reader)| async move {
            let piece = timeout(SILENCE_TIMEOUT, body.frame()).await.ok()??;
            let piece = piece.map(|frame| frame.into_data().unwrap_or_default());
            Some((piece, (body, reader)))
        });
        let pieces = pieces.take_until(async move { stop.cancelled().await });
        Ok((head.status, headers, Body::from_stream(pieces)).into_response())
    }

    /// Records that secrets were shown, or why they were not. From memory there are none, and its
    /// handler records the request.
    fn record_secrets<T>(&self, sent: &Result<T, Failure>) {
        let entry = container::secrets_entry(&self.caller, self.key);
        let entry = match sent {
            Ok(_) => entry,
            Err(Failure::Far(error @ FarError::Refused { .. })) => {
                entry.ended(Outcome::Failed, Some(&error.to_string()))
            }
            Err(_) if self.rest.is_empty() => return,
            Err(Failure::Far(error)) => entry.ended(Outcome::Failed, Some(&error.to_string())),
            Err(Failure::Problem(problem)) => entry.ended(Outcome::Failed, Some(problem.words().1)),
        };
        self.caller.audit.record(entry);
    }

    /// Runs an action, and records its result.
    async fn act(self, parts: Parts, body: Body) -> Result<Response, Failure> {
        let action = if parts.method == Method::DELETE { "remove" } else { self.path.action.as_str() }.to_owned();
        actions::permitted(&self.caller, &self.path, &action)?;
        let body = Bytes::from_request(Request::from_parts(parts.clone(), body), &()).await;
        let body = body.map_err(|error| actions::unreadable(&error))?;
        let (audit, entry) = (self.caller.audit.clone(), self.caller.entry_on(&action, self.key));
        let running = async move {
            match self.send(&parts, &self.rest, body, ACTION_TIMEOUT).await {
                Ok(_) => Ok(StatusCode::NO_CONTENT),
                Err(failure) => Err(failure.into()),
            }
        };
        Ok(actions::audited(audit, entry, running).await?.into_response())
    }
}

fn kept_headers(all: &HeaderMap) -> HeaderMap {
    let kept = RESPONSE_HEADERS.into_iter().filter_map(|name| Some((name.clone(), all.get(&name)?.clone())));
    kept.collect()
}

async fn whole(body: Incoming) -> Result<Bytes, FarError> {
    let body = timeout(RESPONSE_TIMEOUT, Limited::new(body, MAX_JSON_BYTES).collect()).await;
    Ok(body.map_err(|_| FarError::Closed)?.map_err(|_| FarError::Closed)?.to_bytes())
}

/// A JSON object in which the engine has its name on this server. Lines of logs keep their colors, so
/// their texts are not cleaned.
async fn renamed(body: Incoming, ours: EngineName, is_cleaned: bool) -> Result<Vec<u8>, Failure> {
    let body = whole(body).await?;
    let mut value: Value =
        serde_json::from_slice(&body).map_err(|error| FarError::InvalidResponse(error.to_string()))?;
    if is_cleaned {
        clean::json(&mut value);
    }
    if let Some(engine) = value.get_mut("engine") {
        *engine = ours.as_str().into();
    }
    Ok(value.to_string().into_bytes())
}

/// Converts an error to a problem. An error of the connection to the other server becomes
/// `engine_lost`.
pub(super) fn problem(error: &FarError) -> Problem {
    if let FarError::Refused { status, code, engine_code, detail, hint } = error
        && let Ok(status) = StatusCode::from_u16(*status)
        && let Some(code) = PASSED_ON.into_iter().find(|known| known.as_str() == code)
        && code.statuses().contains(&status)
    {
        return Problem::new(code, detail, hint).with_status(status).with_engine_code(engine_code.clone());
    }
    Problem::from(&error.problem())
}
