//! Errors of the API: `application/problem+json` (RFC 9457). [`ProblemCode`] lists the codes.

mod code;
mod documented;

pub use code::ProblemCode;
pub(in crate::http) use documented::{Documented, problems};

use crate::engine::EngineError;
use app::model::EngineProblem;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use std::any::Any;
use utoipa::ToSchema;

/// Media type of problems.
pub(in crate::http) const MEDIA_TYPE: &str = "application/problem+json";

/// A request that failed: what happened, and what to do (RFC 9457).
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// Always `about:blank`: the code says which problem it is.
    r#type: &'static str,
    /// Standard phrase of the status.
    title: &'static str,
    /// Status of the response.
    status: u16,
    /// What happened; if the engine refused, its own message.
    detail: String,
    /// Stable code of the problem.
    code: ProblemCode,
    /// What to do about it.
    hint: String,
    /// Code of the engine's error, such as `no_socket`, with `engine_lost`; otherwise left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    engine_code: Option<String>,
}

impl Problem {
    /// A problem with a stable code, what happened and what to do about it.
    pub fn new(code: ProblemCode, detail: impl Into<String>, hint: impl Into<String>) -> Self {
        let (detail, hint, engine_code) = (detail.into(), hint.into(), None);
        let status = code.status();
        Self { r#type: "about:blank", title: title(status), status: status.as_u16(), detail, code, hint, engine_code }
    }

    /// The same problem with another of the statuses of its code.
    pub(in crate::http) fn with_status(self, status: StatusCode) -> Self {
        Self { title: title(status), status: status.as_u16(), ..self }
    }

    /// Status, what happened, and what to do about it.
    pub fn words(&self) -> (StatusCode, &str, &str) {
        (self.status(), &self.detail, &self.hint)
    }

    fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    pub(in crate::http) fn bad_id() -> Self {
        let hint = "Use the full id, as GET /api/containers gives it.";
        Self::new(ProblemCode::BadId, "A container id is 64 hexadecimal digits.", hint)
    }

    pub(in crate::http) fn no_such_container() -> Self {
        let hint = "It may have been removed. GET /api/containers lists those there are.";
        Self::new(ProblemCode::NoSuchContainer, "There is no container with this id.", hint)
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
                Self::new(ProblemCode::Refused, message, "The engine refused; its reason is above.")
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

/// For a response that is complete except for the part from the engine.
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
    Problem::new(ProblemCode::NoSuchRoute, "There is nothing at this address.", hint)
}

pub(in crate::http) async fn wrong_method() -> Problem {
    let hint = "Reading is GET, actions are POST, removing is DELETE.";
    Problem::new(ProblemCode::WrongMethod, "This address does not take this method.", hint)
}

/// Response to a panic in a handler. The connection stays open.
pub(in crate::http) fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    let hint = "This is a defect; please report it with the server's log.";
    Problem::new(ProblemCode::InternalError, "The request failed inside the server.", hint).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_missing_container_is_not_found_and_other_refusals_keep_their_reason() {
        let told = |status, message: &str| {
            let message = message.to_owned();
            let problem = Problem::from(EngineError::Refused { status, message });
            (problem.status, problem.code, problem.detail)
        };
        for missing in ["No such container: 0f", "no container with name or ID \"0f\" found: no such container"] {
            assert_eq!(told(404, missing).0, 404);
        }
        for (status, reason) in [(404, "network harbour not found"), (400, "no such executable"), (500, "not paused")] {
            assert_eq!(told(status, reason), (409, ProblemCode::Refused, reason.to_owned()));
        }
    }

    #[test]
    fn a_lost_engine_says_why_in_a_field() {
        let problem = Problem::from(EngineError::PermissionDenied);
        assert_eq!(problem.engine_code.as_deref(), Some("permission_denied"));
        let json = serde_json::to_value(&problem).unwrap_or_default();
        assert_eq!((&json["code"], &json["engineCode"]), (&"engine_lost".into(), &"permission_denied".into()));
        let without = serde_json::to_value(Problem::bad_id()).unwrap_or_default();
        assert_eq!(without.get("engineCode"), None);
    }
}
