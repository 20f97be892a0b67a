//! The container named by the path of a request: `/api/engines/{engine}/containers/{id}`, or
//! `/api/containers/{id}` with the id alone.

use crate::http::wire::problem::Problem;
use app::model::ContainerId;
use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};

/// The parameters of a container's path.
#[derive(Debug, Clone)]
pub(in crate::http) struct ContainerPath {
    /// Name of the engine; `None` in a path with the id alone.
    pub(in crate::http) engine: Option<String>,
    id: String,
    /// The action; empty in other paths.
    pub(in crate::http) action: String,
}

impl ContainerPath {
    /// The container's id.
    ///
    /// # Errors
    /// If the text is not a full id.
    pub(in crate::http) fn id(&self) -> Result<ContainerId, Problem> {
        self.id.parse().map_err(|_| Problem::bad_id())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ContainerPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let parameters = RawPathParams::from_request_parts(parts, state).await.map_err(|_| Problem::bad_id())?;
        let value = |name: &str| parameters.iter().find(|(known, _)| *known == name).map(|(_, value)| value.to_owned());
        Ok(Self {
            engine: value("engine"),
            id: value("id").unwrap_or_default(),
            action: value("action").unwrap_or_default(),
        })
    }
}
