//! `/nodes`, `/services` and `/tasks`, of managers only.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::Shared;
use super::params::Params;
use super::refusal::{Refusal, sentence};
use crate::clock::Moment;
use crate::swarm::Swarm;

/// Response of an engine that is no manager.
const NO_MANAGER: &str = "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to swarm and try again.";

/// Runs a request on a manager.
fn manage(daemon: &Shared, respond: impl FnOnce(&Swarm, Moment) -> Result<Value, Refusal>) -> Response {
    let membership = daemon.membership().filter(|member| member.swarm.is_manager(&member.node));
    let Some(member) = membership else { return sentence(StatusCode::SERVICE_UNAVAILABLE, NO_MANAGER) };
    let now = daemon.act(|_, now| now);
    respond(&member.swarm, now).map(Json).into_response()
}

/// `GET /nodes`.
pub(crate) async fn nodes(daemon: Shared) -> Response {
    manage(&daemon, |swarm, now| Ok(swarm.nodes(now).into()))
}

/// `GET /nodes/{id}`.
pub(crate) async fn node(daemon: Shared, Path(id): Path<String>) -> Response {
    manage(&daemon, |swarm, now| Ok(swarm.node(&id, now)?))
}

/// `POST /nodes/{id}/update?version=`.
pub(crate) async fn update_node(
    daemon: Shared,
    Path(id): Path<String>,
    params: Params,
    Json(spec): Json<Value>,
) -> Response {
    manage(&daemon, |swarm, now| {
        swarm.update_node(&id, params.integer("version")?, &spec, now)?;
        Ok(Value::Null)
    })
}

/// `GET /services`.
pub(crate) async fn services(daemon: Shared) -> Response {
    manage(&daemon, |swarm, now| Ok(swarm.services(now).into()))
}

/// `GET /services/{id}`.
pub(crate) async fn service(daemon: Shared, Path(id): Path<String>) -> Response {
    manage(&daemon, |swarm, now| Ok(swarm.service(&id, now)?))
}

/// `POST /services/{id}/update?version=&rollback=`.
pub(crate) async fn update_service(
    daemon: Shared,
    Path(id): Path<String>,
    params: Params,
    Json(spec): Json<Value>,
) -> Response {
    manage(&daemon, |swarm, now| {
        let rollback = params.text("rollback") == Some("previous");
        swarm.update_service(&id, params.integer("version")?, rollback, spec, now)?;
        Ok(json!({"Warnings": null}))
    })
}

/// `GET /tasks`.
pub(crate) async fn tasks(daemon: Shared) -> Response {
    manage(&daemon, |swarm, now| Ok(swarm.tasks(now).into()))
}
