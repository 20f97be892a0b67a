//! The Engine API, one file per area.
//!
//! In: HTTP requests, with or without the prefix `/v1.NN`. Out: the responses of dockerd.
//! Stateless. [`guard`] wraps all calls: it counts, delays and hangs them according to the faults,
//! and [`corrupt`] makes bad responses. Read next: `api/containers.rs`.

pub mod command;
pub mod containers;
mod corrupt;
pub mod create;
pub mod creation;
mod creation_extras;
pub mod events;
pub mod filters;
pub mod guard;
pub mod images;
pub mod inspect;
pub mod lifecycle;
pub mod logs;
pub mod params;
mod process_columns;
pub mod processes;
pub mod refusal;
pub mod samples;
pub mod stats;
pub mod status_text;
pub mod swarm;
pub mod system;
pub mod version;
pub mod wait;

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::routing::{delete, get, post};
use hyper::body::Incoming;
use tower::ServiceExt;

use crate::control;
use crate::daemon::Daemon;

/// State of all handlers.
pub(crate) type Shared = axum::extract::State<Arc<Daemon>>;

/// The Engine API, and the control API beside it.
pub(crate) fn router(daemon: Arc<Daemon>) -> Router {
    Router::new()
        .route("/_ping", get(system::ping))
        .route("/version", get(system::version))
        .route("/info", get(system::info))
        .route("/events", get(events::events))
        .route("/images/json", get(images::list))
        .route("/images/create", post(images::create))
        .route("/images/{name}/json", get(images::inspect))
        .route("/containers/json", get(containers::list))
        .route("/containers/create", post(create::create))
        .route("/containers/{id}", delete(lifecycle::remove))
        .route("/containers/{id}/json", get(inspect::inspect))
        .route("/containers/{id}/stats", get(stats::stats))
        .route("/containers/{id}/top", get(processes::top))
        .route("/containers/{id}/logs", get(logs::logs))
        .route("/containers/{id}/start", post(lifecycle::start))
        .route("/containers/{id}/stop", post(lifecycle::stop))
        .route("/containers/{id}/restart", post(lifecycle::restart))
        .route("/containers/{id}/pause", post(lifecycle::pause))
        .route("/containers/{id}/unpause", post(lifecycle::unpause))
        .route("/containers/{id}/kill", post(lifecycle::kill))
        .route("/containers/{id}/rename", post(lifecycle::rename))
        .route("/containers/{id}/update", post(lifecycle::update))
        .route("/containers/{id}/wait", post(wait::wait))
        .route("/nodes", get(swarm::nodes))
        .route("/nodes/{id}", get(swarm::node))
        .route("/nodes/{id}/update", post(swarm::update_node))
        .route("/services", get(swarm::services))
        .route("/services/{id}", get(swarm::service))
        .route("/services/{id}/update", post(swarm::update_service))
        .route("/tasks", get(swarm::tasks))
        .fallback(async || refusal::sentence(StatusCode::NOT_FOUND, "page not found"))
        .with_state(Arc::clone(&daemon))
        .layer(from_fn_with_state(Arc::clone(&daemon), guard::guard))
        .merge(control::router(Arc::clone(&daemon)))
        .layer(from_fn_with_state(daemon, version::versioned))
}

/// Serves one request. The version prefix must be removed before routing.
pub(crate) async fn serve(router: Router, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    match version::strip(request) {
        Ok(request) => router.oneshot(request.map(Body::new)).await,
        Err(status) => Ok(status.into_response()),
    }
}
