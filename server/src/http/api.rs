//! The API: its routes, each described beside its handler. [`document`] makes the OpenAPI document
//! of the descriptions.

pub(in crate::http) mod actions;
pub(in crate::http) mod audit;
pub(in crate::http) mod container;
pub(in crate::http) mod containers;
pub(in crate::http) mod diagnosis;
pub(in crate::http) mod document;
pub(in crate::http) mod engines;
pub(in crate::http) mod events;
pub(in crate::http) mod far;
pub(in crate::http) mod health;
pub(in crate::http) mod join;
pub(in crate::http) mod logs;
pub(in crate::http) mod metrics;
pub(in crate::http) mod stream;
pub(in crate::http) mod swarm;

use super::{
    pages::{openid, sign_in},
    state::AppState,
    wire::{problem, static_page},
};
use app::model::EngineName;
use axum::{Router, routing::any};
use utoipa::{
    OpenApi as _, PartialSchema as _,
    openapi::{
        PathItem, Required,
        path::{ParameterBuilder, ParameterIn},
    },
};
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouter, UtoipaMethodRouterExt as _},
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

/// Routes of streams, which the router must not compress, because that would hold events back.
pub(super) fn streams() -> Router<AppState> {
    let (streams, _) = described_streams().split_for_parts();
    streams.method_not_allowed_fallback(problem::wrong_method)
}

/// All routes except those of pages and files.
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
        .routes(routes!(engines::all))
        .routes(routes!(engines::one))
        .routes(routes!(join::enrol))
        .merge(on_one_container(|routes| routes))
        .merge(on_one_container(of_engine))
        .routes(routes!(events::events))
        .routes(routes!(swarm::show))
        .routes(routes!(swarm::actions::scale))
        .routes(routes!(swarm::actions::restart))
        .routes(routes!(swarm::actions::rollback))
        .routes(routes!(swarm::actions::availability))
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
        .routes(routes!(join::join))
        .merge(streams_of_one_container(|routes| routes))
        .merge(streams_of_one_container(of_engine))
        .routes(routes!(logs::merged))
        .routes(routes!(events::stream))
        .routes(routes!(swarm::stream))
        .routes(routes!(diagnosis::stream))
}

/// Routes of an operation, with their description.
type Routes = UtoipaMethodRouter<AppState>;

/// Routes of one container. `place` keeps their paths or moves them below an engine.
fn on_one_container(place: fn(Routes) -> Routes) -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(place(routes!(container::one, actions::remove)))
        .routes(place(routes!(container::inspect)))
        .routes(place(routes!(container::processes)))
        .routes(place(routes!(containers::stats)))
        .routes(place(routes!(actions::act).map(|action| action.fallback(actions::wrong_method))))
}

fn streams_of_one_container(place: fn(Routes) -> Routes) -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(place(routes!(logs::download::download))).routes(place(routes!(logs::stream)))
}

/// Routes with the engine in their path: `/api/engines/{engine}/containers/…`.
fn of_engine((schemas, mut paths, router): Routes) -> Routes {
    let engine = ParameterBuilder::new()
        .name("engine")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some("Name of the engine."))
        .schema(Some(EngineName::schema()))
        .build();
    let below_engine = |(path, mut item): (String, PathItem)| {
        for operation in [&mut item.get, &mut item.post, &mut item.delete].into_iter().flatten() {
            operation.operation_id = operation.operation_id.take().map(|id| id + "OfEngine");
            operation.parameters.get_or_insert_default().insert(0, engine.clone());
        }
        (path.replacen("/api/containers/", "/api/engines/{engine}/containers/", 1), item)
    };
    paths.paths = std::mem::take(&mut paths.paths).into_iter().map(below_engine).collect();
    (schemas, paths, router)
}
