//! `POST /api/containers/{id}/{action}` and `DELETE /api/containers/{id}`: the engine does it, the stream tells of it.

use super::{Problem, ProblemCode, caller::Caller, problem};
use crate::{
    audit::{Audit, Entry, Outcome},
    engine::EngineError,
};
use app::{model::ContainerId, signals};
use axum::{
    body::Bytes,
    extract::{
        Path, Query,
        rejection::{BytesRejection, PathRejection, QueryRejection},
    },
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use std::future::Future;

const ACTIONS: [&str; 6] = ["start", "stop", "restart", "pause", "unpause", "kill"];

/// The optional body of an action.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ActionBody {
    /// Seconds between asking and killing.
    timeout_seconds: Option<u32>,
    /// `SIGTERM`, `15` …
    signal: Option<String>,
}

/// The query of a removal.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RemoveQuery {
    force: bool,
    volumes: bool,
}

pub(super) async fn act(
    caller: Caller,
    path: Result<Path<(String, String)>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, Problem> {
    let Path((id, action)) = path.map_err(|_| Problem::bad_id())?;
    if !ACTIONS.contains(&action.as_str()) {
        return Err(problem::no_such_route().await);
    }
    let id = permitted(&caller, &id, &action)?;
    let body = read(&body.map_err(|error| unreadable(&error))?)?;
    let client = caller.state.engine()?;
    let entry = caller.entry(&action).to(id, caller.name_of(id));
    let timeline = caller.state.timeline.clone();
    let doing = async move {
        let signal = body.signal.as_deref();
        let _asked = asks_for_end(&action, signal).then(|| timeline.requests_end(id));
        let done = match action.as_str() {
            "start" => client.start(id).await,
            "stop" => client.stop(id, body.timeout_seconds, signal).await,
            "restart" => client.restart(id, body.timeout_seconds, signal).await,
            "pause" => client.pause(id).await,
            "unpause" => client.unpause(id).await,
            _ => client.kill(id, signal).await,
        };
        match done {
            // Which signals there are, only the engine knows.
            Err(EngineError::Refused { status: 400, message }) if signal.is_some() => Err(malformed(&message)),
            done => succeeded(done),
        }
    };
    audited(caller.state.audit, entry, doing).await
}

/// Whether a container ends by it for certain: most signals only say something.
fn asks_for_end(action: &str, signal: Option<&str>) -> bool {
    match action {
        "stop" | "restart" => true,
        "kill" => signal.is_none_or(|signal| signals::number(signal) == signals::number("SIGKILL")),
        _ => false,
    }
}

/// An action's address takes POST alone; any other address below a container is nobody's.
pub(super) async fn not_posted(path: Result<Path<(String, String)>, PathRejection>) -> Response {
    match path {
        Ok(Path((_, action))) if ACTIONS.contains(&action.as_str()) => {
            ([(header::ALLOW, "POST")], problem::wrong_method().await).into_response()
        }
        _ => problem::no_such_route().await.into_response(),
    }
}

pub(super) async fn remove(
    caller: Caller,
    path: Result<Path<String>, PathRejection>,
    query: Result<Query<RemoveQuery>, QueryRejection>,
) -> Result<StatusCode, Problem> {
    let Path(id) = path.map_err(|_| Problem::bad_id())?;
    let id = permitted(&caller, &id, "remove")?;
    let Query(RemoveQuery { force, volumes }) = query.map_err(|_| malformed("force and volumes are true or false."))?;
    let client = caller.state.engine()?;
    let entry = caller.entry("remove").to(id, caller.name_of(id));
    let entry =
        entry.ended(Outcome::Done, (force || volumes).then(|| format!("force={force} volumes={volumes}")).as_deref());
    let timeline = caller.state.timeline.clone();
    let doing = async move {
        let _asked = force.then(|| timeline.requests_end(id));
        succeeded(client.remove(id, force, volumes).await)
    };
    audited(caller.state.audit, entry, doing).await
}

/// Does it, and writes down how it ended, also when whoever asked has gone meanwhile: the engine does not stop half way either.
async fn audited(
    audit: Audit,
    entry: Entry,
    doing: impl Future<Output = Result<StatusCode, Problem>> + Send + 'static,
) -> Result<StatusCode, Problem> {
    let doing = tokio::spawn(async move {
        let done = doing.await;
        audit.record(match &done {
            Ok(_) => entry,
            Err(problem) => entry.ended(Outcome::Failed, Some(problem.words().1)),
        });
        done
    });
    doing.await.unwrap_or_else(|error| {
        let hint = "This is a defect; please report it.";
        Err(Problem::new(ProblemCode::ActionFailed, error.to_string(), hint))
    })
}

/// The engine answers 304 where there is nothing to do; that is success.
fn succeeded(done: Result<(), EngineError>) -> Result<StatusCode, Problem> {
    match done {
        Err(error) if error.status() == Some(304) => Ok(StatusCode::NO_CONTENT),
        done => done.map(|()| StatusCode::NO_CONTENT).map_err(Problem::from),
    }
}

fn permitted(caller: &Caller, id: &str, action: &str) -> Result<ContainerId, Problem> {
    let id = id.parse().map_err(|_| Problem::bad_id())?;
    let may = caller.sees(id).and_then(|()| caller.may_act("This server is read only."));
    may.inspect_err(|problem| {
        let entry = caller.entry(action).to(id, caller.name_of(id));
        caller.state.audit.record(entry.ended(Outcome::Denied, Some(problem.words().1)));
    })?;
    // The first user may have been added after this server began to read.
    caller.state.permissions.allow_acting();
    Ok(id)
}

fn read(body: &Bytes) -> Result<ActionBody, Problem> {
    if body.is_empty() {
        return Ok(ActionBody::default());
    }
    let body: ActionBody = serde_json::from_slice(body)
        .map_err(|error| malformed(&format!("The body is not {{timeoutSeconds, signal}}: {error}.")))?;
    let plausible = |signal: &String| {
        signal.len() <= 16 && signal.chars().all(|c| c.is_ascii_alphanumeric() || c == '+' || c == '-')
    };
    if body.signal.as_ref().is_some_and(|signal| !plausible(signal)) {
        return Err(malformed("signal is a name such as SIGTERM, or a number."));
    }
    Ok(body)
}

fn malformed(detail: &str) -> Problem {
    Problem::new(ProblemCode::Malformed, detail, "Correct the request and send it again.")
}

/// A body that is too large, or that did not come whole.
fn unreadable(error: &BytesRejection) -> Problem {
    let hint = "The body of an action is a few words: {timeoutSeconds, signal}.";
    Problem::new(ProblemCode::Malformed, error.body_text(), hint).with_status(error.status())
}
