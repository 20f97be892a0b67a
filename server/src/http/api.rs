//! The API: its routes, each described beside its handler. [`document`] makes the OpenAPI document
//! of the descriptions.

pub(in crate::http) mod actions;
pub(in crate::http) mod audit;
pub(in crate::http) mod container;
pub(in crate::http) mod containers;
pub(in crate::http) mod diagnosis;
pub(in crate::http) mod document;
pub(in crate::http) mod events;
pub(in crate::http) mod health;
pub(in crate::http) mod logs;
pub(in crate::http) mod metrics;
pub(in crate::http) mod stream;

use super::{
    pages::{openid, sign_in},
    state::AppState,
    wire::{problem, static_page},
};
use axum::{Router, routing::any};
use utoipa::OpenApi as _;
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt as _},
    routes,
};

/// Routes whose responses the router compresses.
pub(super) fn routes() -> Router<AppState> {
    let (routes, _) = described_routes().split_for_parts();
    routes
        .route("/api", any(problem::no_such_route))
        .route("/api/", any(problem::no_such_route))
        .route("/api/{*rest}", any(problem::no_such_route))
        .method_not_allowed_fallback(problem::wrong_method)
}

/// Streams, which the router must not compress: it would hold events back.
pub(super) fn streams() -> Router<AppState> {
    let (streams, _) = described_streams().split_for_parts();
    streams.method_not_allowed_fallback(problem::wrong_method)
}

/// All routes but those of pages and files.
#[cfg(test)]
fn all_routes() -> Router<AppState> {
    routes().merge(streams())
}

/// All operations, for the OpenAPI document.
fn operations() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(document::Base::openapi()).merge(described_routes()).merge(described_streams())
}

fn described_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(containers::snapshot))
        .routes(routes!(container::one, actions::remove))
        .routes(routes!(container::inspect))
        .routes(routes!(container::processes))
        .routes(routes!(containers::stats))
        .routes(routes!(actions::act).map(|action| action.fallback(actions::wrong_method)))
        .routes(routes!(events::events))
        .routes(routes!(audit::audit))
        .routes(routes!(metrics::cost))
        .routes(routes!(metrics::metrics))
        .routes(routes!(document::show))
        .routes(routes!(sign_in::show, sign_in::sign_in))
        .routes(routes!(sign_in::sign_out))
        .routes(routes!(openid::begin))
        .routes(routes!(openid::callback))
        .routes(routes!(static_page::style))
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
}

fn described_streams() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(stream::stream))
        .routes(routes!(logs::download::download))
        .routes(routes!(logs::stream))
        .routes(routes!(logs::merged))
        .routes(routes!(events::stream))
        .routes(routes!(diagnosis::stream))
}
