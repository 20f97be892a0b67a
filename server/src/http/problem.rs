//! Errors from outside: `application/problem+json` (RFC 9457).

use crate::engine::EngineError;
use app::model::EngineProblem;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

/// What a caller is told.
#[derive(Debug, Clone, Serialize)]
pub struct Problem {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: String,
    code: &'static str,
    hint: String,
}

impl Problem {
    /// A problem with a stable code, what happened and what to do.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            r#type: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: detail.into(),
            code,
            hint: hint.into(),
        }
    }

    /// Its status, what happened, and what to do.
    pub fn words(&self) -> (StatusCode, &str, &str) {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, &self.detail, &self.hint)
    }

    pub(super) fn bad_id() -> Self {
        let hint = "Use the full id, as GET /api/containers gives it.";
        Self::new(StatusCode::BAD_REQUEST, "bad_id", "A container id is 64 hexadecimal digits.", hint)
    }

    pub(super) fn no_such_container() -> Self {
        let hint = "It may have been removed. GET /api/containers lists those there are.";
        Self::new(StatusCode::NOT_FOUND, "no_such_container", "There is no container with this id.", hint)
    }

    pub(super) fn engine_lost(detail: &str, hint: &str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "engine_lost", detail, hint)
    }
}

impl From<EngineError> for Problem {
    fn from(error: EngineError) -> Self {
        match error {
            error if error.is_gone() => Self::no_such_container(),
            EngineError::Refused { message, .. } => {
                Self::new(StatusCode::CONFLICT, "refused", message, "The engine refused; its reason is above.")
            }
            other => {
                let told = other.problem();
                Self::engine_lost(&told.message, &told.hint)
            }
        }
    }
}

/// For an answer that is whole but for what the engine would have said.
impl From<Problem> for EngineProblem {
    fn from(problem: Problem) -> Self {
        Self { code: problem.code.to_owned(), message: problem.detail, hint: problem.hint }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let kind = HeaderValue::from_static("application/problem+json");
        (status, [(header::CONTENT_TYPE, kind)], body).into_response()
    }
}

pub(super) async fn no_such_route() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "no_such_route",
        "There is nothing at this address.",
        "The API is described in docs/API.md.",
    )
}

pub(super) async fn wrong_method() -> Problem {
    let hint = "Reading is GET, actions are POST, removing is DELETE.";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "wrong_method", "This address does not take this method.", hint)
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
            assert_eq!(told(status, reason), (409, "refused", reason.to_owned()));
        }
    }
}
