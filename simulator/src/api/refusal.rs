//! Refusals in the format of dockerd: a status and `{"message": …}`.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::engine::EngineError;

/// Response of a handler in place of a result.
#[derive(Debug)]
pub(crate) struct Refusal(EngineError);

impl From<EngineError> for Refusal {
    fn from(error: EngineError) -> Self {
        Self(error)
    }
}

impl Refusal {
    /// Creates a refusal with status 400 and this message.
    pub(crate) fn invalid(text: impl Into<String>) -> Self {
        Self(EngineError::Invalid(text.into()))
    }

    /// Creates a refusal with status 500 and this message, which dockerd uses for some malformed
    /// input.
    pub(crate) fn internal(text: impl Into<String>) -> Self {
        Self(EngineError::Internal(text.into()))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = match &self.0 {
            EngineError::NotModified => return StatusCode::NOT_MODIFIED.into_response(),
            EngineError::NoSuchContainer(_) | EngineError::NoSuchImage(_) | EngineError::NotFound(_) => {
                StatusCode::NOT_FOUND
            }
            EngineError::Conflict(_) => StatusCode::CONFLICT,
            EngineError::Invalid(_) => StatusCode::BAD_REQUEST,
            EngineError::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
            EngineError::NotImplemented(_) => StatusCode::NOT_IMPLEMENTED,
        };
        sentence(status, &self.0.to_string())
    }
}

/// A status with a message.
pub(crate) fn sentence(status: StatusCode, text: &str) -> Response {
    (status, Json(json!({ "message": text }))).into_response()
}
