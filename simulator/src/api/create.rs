//! `POST /containers/create`.

use axum::Json;
use axum::body::Bytes;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::Shared;
use super::creation::Creation;
use super::params::Params;
use super::refusal::Refusal;

/// `POST /containers/create?name=`.
pub(crate) async fn create(daemon: Shared, params: Params, body: Bytes) -> Result<(StatusCode, Json<Value>), Refusal> {
    let creation: Creation = serde_json::from_slice(&body).map_err(|error| Refusal::invalid(error.to_string()))?;
    let spec = creation.into_spec(params.text("name"))?;
    let id = daemon.act(|engine, now| engine.create(spec, now))?;
    Ok((StatusCode::CREATED, Json(json!({ "Id": id, "Warnings": [] }))))
}
