//! Errors of the API: `application/problem+json` (RFC 9457). [`ProblemCode`] lists the codes.

mod code;
mod documented;

pub use code::ProblemCode;
pub(in crate::http) use documented::{Documented, problems};

use crate::engine::EngineError;
use app::model::{ContainerKey, EngineProblem};
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use std::any::Any;
use utoipa::ToSchema;

/// Media type of problems.
pub(in crate::http) const MEDIA_TYPE: &str = "application/problem+json";

/// A failed request, with a description and a hint (RFC 9457).
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// Always `about:blank`: the code identifies the problem.
    r#type: &'static str,
    /// Reason phrase of the status.
    title: &'static str,
    /// Status of the response.
    status: u16,
    /// Description of the error; if the engine refused the request, its message.
    detail: String,
    /// Stable code of the problem.
    code: ProblemCode,
    /// Hint on how to resolve the problem.
    hint: String,
    /// Code of the engine's error, such as `no_socket`. Only with `engine_lost`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    engine_code: Option<String>,
}

impl Problem {
    /// A problem with a stable code, a description and a hint.
    pub fn new(code: ProblemCode, detail: impl Into<String>, hint: impl Into<String>) -> Self {
        let (detail, hint, engine_code) = (detail.into(), hint.into(), None);
        let status = code.status();
        Self { r#type: "about:blank", title: title(status), status: status.as_u16(), detail, code, hint, engine_code }
    }

    /// The same problem with another status of its code.
    pub(in crate::http) fn with_status(self, status: StatusCode) -> Self {
        Self { title: title(status), status: status.as_u16(), ..self }
    }

    /// The same problem with the code of the engine's error.
    pub(in crate::http) fn with_engine_code(self, engine_code: Option<String>) -> Self {
        Self { engine_code, ..self }
    }

    /// Status, description and hint.
    pub fn words(&self) -> (StatusCode, &str, &str) {
        (self.status(), &self.detail, &self.hint)
    }

    fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    pub(in crate::http) fn bad_id() -> Self {
        let hint = "Use the full id from GET /api/containers.";
        Self::new(ProblemCode::BadId, "A container id is 64 hexadecimal digits.", hint)
    }

    pub(in crate::http) fn no_such_container() -> Self {
        let hint = "It may have been removed. GET /api/containers lists all containers.";
        Self::new(ProblemCode::NoSuchContainer, "There is no container with this id.", hint)
    }

    pub(in crate::http) fn no_such_cluster() -> Self {
        let hint = "GET /api/swarm lists the swarms.";
        Self::new(ProblemCode::NoSuchCluster, "No engine is a manager of a swarm with this id.", hint)
    }

    pub(in crate::http) fn no_such_service() -> Self {
        let hint = "It may have been removed. GET /api/swarm lists all services.";
        Self::new(ProblemCode::NoSuchService, "The swarm has no service with this id.", hint)
    }

    pub(in crate::http) fn no_such_node() -> Self {
        let hint = "It may have been removed. GET /api/swarm lists all nodes.";
        Self::new(ProblemCode::NoSuchNode, "The swarm has no node with this id.", hint)
    }

    pub(in crate::http) fn no_engine() -> Self {
        let hint = "GET /api/engines lists all engines.";
        Self::new(ProblemCode::NoEngine, "There is no engine with this name.", hint)
    }

    /// Several engines have a container with this id.
    pub(in crate::http) fn ambiguous(containers: &[ContainerKey]) -> Self {
        let paths: Vec<_> =
            containers.iter().map(|key| format!("/api/engines/{}/containers/{}", key.engine, key.id)).collect();
        let detail = format!("{} engines have a container with this id.", containers.len());
        Self::new(ProblemCode::Ambiguous, detail, format!("Name the engine: {}", paths.join(" or ")))
    }

    pub(in crate::http) fn engine_lost(detail: &str, hint: &str) -> Self {
        Self::new(ProblemCode::EngineLost, detail, hint)
    }
}

fn title(status: StatusCode) -> &'static str {
    status.canonical_reason().unwrap_or("Error")
}

impl From<EngineError> for Problem {
    fn from(error: EngineError) -> Self {
        match error {
            error if error.is_no_such_container() => Self::no_such_container(),
            EngineError::Refused { message, .. } => {
                Self::new(ProblemCode::Refused, message, "The engine refused the request for the reason above.")
            }
            other => Self::from(&other.problem()),
        }
    }
}

/// The engine does not respond, for this reason.
impl From<&EngineProblem> for Problem {
    fn from(EngineProblem { code, message, hint }: &EngineProblem) -> Self {
        Self { engine_code: Some(code.clone()), ..Self::engine_lost(message, hint) }
    }
}

/// Problem within a response that is complete except for the part from the engine.
impl From<Problem> for EngineProblem {
    fn from(problem: Problem) -> Self {
        Self { code: problem.code.as_str().to_owned(), message: problem.detail, hint: problem.hint }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self).unwrap_or_default();
        (self.status(), [(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE))], body).into_response()
    }
}

pub(in crate::http) async fn no_such_route() -> Problem {
    let hint = "GET /api/openapi.json describes the API.";
    Problem::new(ProblemCode::NoSuchRoute, "Nothing is served at this path.", hint)
}

pub(in crate::http) async fn wrong_method() -> Problem {
    let hint = "Use GET to read, POST for actions and DELETE to remove.";
    Problem::new(ProblemCode::WrongMethod, "This path does not support this method.", hint)
}

/// Response for a panic in a handler. The connection stays open.
pub(in crate::http) fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    let hint = "This is a bug in Quaylight; please report it with the server's log.";
    Problem::new(ProblemCode::InternalError, "The server failed to handle the request.", hint).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_missing_container_is_404_and_other_refusals_keep_their_message() {
        let converted = |status, message: &str| {
            let message = message.to_owned();
            let problem = Problem::from(EngineError::Refused { status, message });
            (problem.status, problem.code, problem.detail)
        };
        for missing in ["No such container: 0f", "no container with name or ID \"0f\" found: no such container"] {
            assert_eq!(converted(404, missing).0, 404);
        }
        for (status, reason) in [(404, "network harbour not found"), (400, "no such executable"), (500, "not paused")] {
            assert_eq!(converted(status, reason), (409, ProblemCode::Refused, reason.to_owned()));
        }
    }

    #[test]
    fn a_lost_engine_has_its_code_in_engine_code() {
        let problem = Problem::from(EngineError::PermissionDenied);
        assert_eq!(problem.engine_code.as_deref(), Some("permission_denied"));
        let json = serde_json::to_value(&problem).unwrap_or_default();
        assert_eq!((&json["code"], &json["engineCode"]), (&"engine_lost".into(), &"permission_denied".into()));
        let without = serde_json::to_value(Problem::bad_id()).unwrap_or_default();
        assert_eq!(without.get("engineCode"), None);
    }
}
