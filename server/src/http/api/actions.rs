//! `POST /api/containers/{id}/{action}` and `DELETE /api/containers/{id}`: the engine acts, the
//! stream shows the result.

use crate::{
    audit::{Audit, Entry, Outcome},
    engine::EngineError,
    http::{
        entry::{caller::Caller, container_path::ContainerPath},
        wire::problem::{self, Problem, ProblemCode, problems},
    },
};
use app::model::{ContainerId, ContainerKey, signals};
use axum::{
    body::Bytes,
    extract::{
        Query,
        rejection::{BytesRejection, QueryRejection},
    },
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;
use std::future::Future;
use utoipa::{IntoParams, ToSchema};

pub(super) const ACTIONS: [&str; 6] = ["start", "stop", "restart", "pause", "unpause", "kill"];

/// Details of an action.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
struct ActionBody {
    /// Seconds between the signal and the kill, of `stop` and `restart`.
    #[serde(deserialize_with = "whole_seconds")]
    #[schema(maximum = 2147483647)]
    timeout_seconds: Option<u32>,
    /// Signal of `stop`, `restart` and `kill`: `SIGTERM`, `15` …
    #[schema(
        pattern = "^((SIG)?(ABRT|ALRM|BUS|CHLD|CLD|CONT|FPE|HUP|ILL|INT|IO|IOT|KILL|PIPE|POLL|PROF|PWR|QUIT|SEGV|STKFLT|STOP|SYS|TERM|TRAP|TSTP|TTIN|TTOU|URG|USR1|USR2|VTALRM|WINCH|XCPU|XFSZ|RTMIN(\\+([1-9]|1[0-5]))?|RTMAX(-([1-9]|1[0-4]))?)|[1-9]|[1-5][0-9]|6[0-4])$",
        example = "SIGTERM"
    )]
    signal: Option<String>,
}

/// The query of a removal.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(in crate::http) struct RemoveQuery {
    /// True to kill the container first if it is running.
    force: bool,
    /// True to remove the anonymous volumes of the container, too.
    volumes: bool,
}

/// The actions, for the OpenAPI document; [`ACTIONS`] lists the same.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[allow(dead_code, reason = "for the OpenAPI document")]
pub(in crate::http) enum Action {
    Start,
    Stop,
    Restart,
    Pause,
    Unpause,
    Kill,
}

problems!(
    ActionProblems:
    BadId,
    Malformed,
    SignInNeeded,
    ReadOnly,
    Role,
    NoEngine,
    NoSuchContainer,
    Ambiguous,
    NoSuchRoute,
    Refused,
    ActionFailed,
    EngineLost
);

/// Starts, stops, restarts, pauses, unpauses or kills a container.
///
/// The response comes when the engine has finished, also if there was nothing to do. The list
/// changes through the stream.
#[utoipa::path(
    post,
    path = "/api/containers/{id}/{action}",
    operation_id = "actOnContainer",
    tag = "Actions",
    params(("id" = ContainerId, Path, description = "Full id of the container."), ("action" = inline(Action), Path, description = "The action.")),
    request_body(content = Option<ActionBody>, description = "Optional details of the action."),
    responses((status = 204, description = "Done."), ActionProblems)
)]
pub(in crate::http) async fn act(
    caller: Caller,
    path: Result<ContainerPath, Problem>,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, Problem> {
    let path = path?;
    let action = path.action.clone();
    if !ACTIONS.contains(&action.as_str()) {
        return Err(problem::no_such_route().await);
    }
    let key = permitted(&caller, &path, &action)?;
    let id = key.id;
    let body = read(&body.map_err(|error| unreadable(&error))?)?;
    let client = caller.engine(key.engine)?;
    let entry = caller.entry_on(&action, key);
    let timeline = caller.timeline.clone();
    let running = async move {
        let signal = body.signal.as_deref();
        let _request = ends_container(&action, signal).then(|| timeline.begin_end_request(key));
        let done = match action.as_str() {
            "start" => client.start(id).await,
            "stop" => client.stop(id, body.timeout_seconds, signal).await,
            "restart" => client.restart(id, body.timeout_seconds, signal).await,
            "pause" => client.pause(id).await,
            "unpause" => client.unpause(id).await,
            _ => client.kill(id, signal).await,
        };
        match done {
            // The valid signals depend on the engine.
            Err(EngineError::Refused { status: 400, message }) if signal.is_some() => Err(malformed(&message)),
            done => succeeded(done),
        }
    };
    audited(caller.audit, entry, running).await
}

/// True if the action certainly ends the container: most signals only notify it.
fn ends_container(action: &str, signal: Option<&str>) -> bool {
    match action {
        "stop" | "restart" => true,
        "kill" => signal.is_none_or(|signal| signals::number(signal) == signals::number("SIGKILL")),
        _ => false,
    }
}

/// Response for other methods: an action supports only POST, and other paths below a container do
/// not exist.
pub(in crate::http) async fn wrong_method(path: Result<ContainerPath, Problem>) -> Response {
    match path {
        Ok(path) if ACTIONS.contains(&path.action.as_str()) => {
            ([(header::ALLOW, "POST")], problem::wrong_method().await).into_response()
        }
        _ => problem::no_such_route().await.into_response(),
    }
}

problems!(
    RemoveProblems:
    BadId,
    Malformed,
    SignInNeeded,
    ReadOnly,
    Role,
    NoEngine,
    NoSuchContainer,
    Ambiguous,
    Refused,
    ActionFailed,
    EngineLost
);

/// Removes a container.
#[utoipa::path(
    delete,
    path = "/api/containers/{id}",
    operation_id = "removeContainer",
    tag = "Actions",
    params(("id" = ContainerId, Path, description = "Full id of the container."), RemoveQuery),
    responses((status = 204, description = "Removed."), RemoveProblems)
)]
pub(in crate::http) async fn remove(
    caller: Caller,
    path: Result<ContainerPath, Problem>,
    query: Result<Query<RemoveQuery>, QueryRejection>,
) -> Result<StatusCode, Problem> {
    let key = permitted(&caller, &path?, "remove")?;
    let id = key.id;
    let Query(RemoveQuery { force, volumes }) =
        query.map_err(|_| malformed("force and volumes must be true or false."))?;
    let client = caller.engine(key.engine)?;
    let entry = caller.entry_on("remove", key);
    let entry =
        entry.ended(Outcome::Done, (force || volumes).then(|| format!("force={force} volumes={volumes}")).as_deref());
    let timeline = caller.timeline.clone();
    let running = async move {
        let _request = force.then(|| timeline.begin_end_request(key));
        succeeded(client.remove(id, force, volumes).await)
    };
    audited(caller.audit, entry, running).await
}

/// Runs an action and records its result, even if the client disconnects, because the engine
/// continues the action then, too.
pub(super) async fn audited(
    audit: Audit,
    entry: Entry,
    running: impl Future<Output = Result<StatusCode, Problem>> + Send + 'static,
) -> Result<StatusCode, Problem> {
    let running = tokio::spawn(async move {
        let done = running.await;
        audit.record(match &done {
            Ok(_) => entry,
            Err(problem) => entry.ended(Outcome::Failed, Some(problem.words().1)),
        });
        done
    });
    running.await.unwrap_or_else(|error| {
        let hint = "This is a bug in Quaylight; please report it.";
        Err(Problem::new(ProblemCode::ActionFailed, error.to_string(), hint))
    })
}

/// Converts a result. The engine responds with 304 if there is nothing to do, which is success.
fn succeeded(done: Result<(), EngineError>) -> Result<StatusCode, Problem> {
    match done {
        Err(error) if error.status() == Some(304) => Ok(StatusCode::NO_CONTENT),
        done => done.map(|()| StatusCode::NO_CONTENT).map_err(Problem::from),
    }
}

pub(super) fn permitted(caller: &Caller, path: &ContainerPath, action: &str) -> Result<ContainerKey, Problem> {
    let id = path.id()?;
    let found = caller.container(path);
    let may = match &found {
        Ok(_) => caller.may_act("This server is read-only."),
        Err(problem) => Err(problem.clone()),
    };
    may.inspect_err(|problem| {
        let entry = match &found {
            Ok(key) => caller.entry_on(action, *key),
            Err(_) => caller.entry(action).to(None, id, None),
        };
        caller.audit.record(entry.ended(Outcome::Denied, Some(problem.words().1)));
    })?;
    let key = found?;
    caller.allow_actions(key.engine);
    Ok(key)
}

fn read(body: &Bytes) -> Result<ActionBody, Problem> {
    if body.is_empty() {
        return Ok(ActionBody::default());
    }
    // Not the struct directly: serde would accept an array.
    let fields: Result<serde_json::Map<String, Value>, _> = serde_json::from_slice(body);
    let body: ActionBody =
        fields.and_then(|fields| serde_json::from_value(Value::Object(fields))).map_err(|error| {
            malformed(&format!("The body must be a JSON object with timeoutSeconds and signal: {error}."))
        })?;
    if let Some(signal) = body.signal.as_ref().filter(|signal| !is_signal(signal)) {
        let given: String = signal.chars().take(MAX_QUOTED).collect();
        return Err(malformed(&format!("signal must be a name such as SIGTERM, or a number, not {given:?}.")));
    }
    Ok(body)
}

/// Maximum length at which a refused signal is quoted in the response.
const MAX_QUOTED: usize = 32;

/// Parses a whole number, which may be written as `5.0`: JSON has only one type of numbers.
fn whole_seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    let Some(seconds) = Option::<f64>::deserialize(deserializer)? else { return Ok(None) };
    let is_whole = seconds.fract() == 0.0 && (0.0..=f64::from(i32::MAX)).contains(&seconds);
    if is_whole {
        Ok(Some(seconds as u32))
    } else {
        Err(D::Error::custom("timeoutSeconds must be a whole number of seconds"))
    }
}

/// Signals of Linux by their names in the Engine API.
const SIGNALS: [&str; 34] = [
    "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE", "POLL",
    "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1",
    "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ",
];
/// True for a signal's name, with or without `SIG` and in any case, and for a number.
fn is_signal(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    let offset = |prefix: &str, sign: char, max: u8| {
        name.strip_prefix(prefix).is_some_and(|rest| {
            let number = rest.strip_prefix(sign).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()));
            rest.is_empty()
                || number.and_then(|digits| digits.parse().ok()).is_some_and(|offset: u8| (1..=max).contains(&offset))
        })
    };
    let is_number = text.bytes().all(|digit| digit.is_ascii_digit());
    SIGNALS.contains(&name)
        || offset("RTMIN", '+', 15)
        || offset("RTMAX", '-', 14)
        || is_number && text.parse().is_ok_and(|number: u8| (1..=64).contains(&number))
}

fn malformed(detail: &str) -> Problem {
    Problem::new(ProblemCode::Malformed, detail, "Correct the request and send it again.")
}

/// Problem of a body that is too large or incomplete.
pub(super) fn unreadable(error: &BytesRejection) -> Problem {
    let hint = "Send a JSON object: {timeoutSeconds, signal}. Both fields are optional.";
    Problem::new(ProblemCode::Malformed, error.body_text(), hint).with_status(error.status())
}

#[cfg(test)]
mod tests {
    use super::*;
    use utoipa::PartialSchema as _;

    #[test]
    fn an_action_body_is_an_object_with_integers() {
        let read = |body: &'static str| super::read(&Bytes::from_static(body.as_bytes())).ok();
        for (body, seconds) in [("", None), ("{}", None), (r#"{"timeoutSeconds": null}"#, None)] {
            assert_eq!(read(body).map(|body| body.timeout_seconds), Some(seconds), "{body}");
        }
        for body in
            [r#"{"timeoutSeconds": 5}"#, r#"{"timeoutSeconds": 5.0, "more": [1]}"#, r#"{"timeoutSeconds": 0.5e1}"#]
        {
            assert_eq!(read(body).map(|body| body.timeout_seconds), Some(Some(5)), "{body}");
        }
        for body in ["[]", "[null, null]", "null", "5", r#"{"timeoutSeconds": 5.5}"#, r#"{"timeoutSeconds": -1}"#] {
            assert!(read(body).is_none(), "{body}");
        }
    }

    #[test]
    fn signals_are_linux_names_or_numbers() {
        for signal in ["TERM", "SIGTERM", "sigkill", "9", "64", "1", "RTMIN", "SIGRTMIN+15", "RTMAX-14", "SIGWINCH"] {
            assert!(is_signal(signal), "{signal}");
        }
        for other in [
            "",
            "SIG",
            "SIGSIGTERM",
            "0",
            "65",
            "-9",
            "+9",
            "TERM ",
            "RTMIN+",
            "RTMIN+16",
            "RTMIN++1",
            "RTMAX-+1",
            "RTMAX+1",
            "T\u{c9}RM",
            "\0",
        ] {
            assert!(!is_signal(other), "{other}");
        }
        let schema = serde_json::to_value(ActionBody::schema()).unwrap_or_default();
        let pattern = schema["properties"]["signal"]["pattern"].as_str().unwrap_or_default();
        assert!(SIGNALS.iter().all(|name| pattern.contains(name)), "{pattern}");
    }
}
