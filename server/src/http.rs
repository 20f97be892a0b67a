//! Stage 5, serving: the stream, the API and the pages.
//!
//! In: the [`Feed`] and the watcher's links. [`serve()`] takes the connections; [`guard`] stands in front of every route;
//! [`problem`] alone knows what an error looks like from outside.

mod actions;
mod audit;
mod base_path;
mod bounds;
mod caller;
mod compress;
mod container;
mod containers;
mod cookies;
mod diagnosis;
mod document;
mod events;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod guard;
mod health;
mod identify;
mod logs;
mod metrics;
mod openid;
mod pages;
mod peer;
mod problem;
mod redirect;
mod serve;
mod sign_in;
mod sse;
mod still_page;
mod stream;
mod unreadable;

pub use diagnosis::Diagnoses;
pub use document::document;
pub use guard::{AllowedHosts, Guard};
pub use identify::ProxyHeaders;
pub use problem::{Problem, ProblemCode};
pub use serve::{Limits, serve};

use crate::{
    audit::Audit,
    auth::Auth,
    cost::CostMeter,
    demand::Demand,
    engine::{EngineClient, Permissions},
    feed::Feed,
    history::History,
    logs::LogReaders,
    metrics::Metrics,
    openid::OpenId,
    scopes::Scopes,
    site::Site,
    supervisor::Supervisor,
    timeline::Timeline,
    watcher::Links,
};
use app::model::EngineLink;
use axum::{Router, extract::FromRef, middleware, routing::any};
use leptos::config::LeptosOptions;
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer};
use utoipa::OpenApi as _;
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt as _},
    routes,
};

/// What every handler may use.
#[derive(Debug, Clone, FromRef)]
pub struct AppState {
    /// What the server holds.
    pub feed: Feed,
    /// Who watches.
    pub demand: Demand,
    /// The engine.
    pub links: Links,
    /// Whether containers may be changed.
    pub allow_actions: ActionsAllowed,
    /// How often samples are taken while somebody watches, as asked for.
    pub stats_interval: Duration,
    /// Whether `/metrics` tells of each container.
    pub container_metrics: ContainerMetricsShown,
    /// Whether the styleguide is shown.
    pub styleguide: StyleguideShown,
    /// What this server counts.
    pub metrics: Metrics,
    /// What watching costs.
    pub cost: CostMeter,
    /// Samples of the last hours.
    pub history: History,
    /// What happened.
    pub timeline: Timeline,
    /// Who reads logs.
    pub log_readers: LogReaders,
    /// Who measures the way to the server.
    pub diagnoses: Diagnoses,
    /// Who may sign in, and has.
    pub auth: Auth,
    /// What a trusted proxy tells of who has signed in at it.
    pub proxy_headers: ProxyHeaders,
    /// The provider at which people sign in, if there is one.
    pub openid: Option<OpenId>,
    /// What those see who may not see everything.
    pub scopes: Scopes,
    /// Who did what.
    pub audit: Audit,
    /// Which calls the engine is sent.
    pub permissions: Permissions,
    /// Cancelled when the server stops.
    pub stop: CancellationToken,
    /// Watches the tasks that the server needs.
    pub supervisor: Supervisor,
    /// The page's files.
    pub site: Site,
    /// What Leptos wants to know of the page.
    pub leptos: LeptosOptions,
}

/// `--allow-actions`.
#[derive(Debug, Clone, Copy)]
pub struct ActionsAllowed(pub bool);

/// `--container-metrics`.
#[derive(Debug, Clone, Copy)]
pub struct ContainerMetricsShown(pub bool);

/// `--styleguide`.
#[derive(Debug, Clone, Copy)]
pub struct StyleguideShown(pub bool);

impl AppState {
    /// The engine, while it is there.
    fn engine(&self) -> Result<EngineClient, Problem> {
        if let Some(client) = self.links.client.borrow().clone() {
            return Ok(client);
        }
        let held = self.feed.state();
        let engine = held.engines().iter().find(|engine| engine.link != EngineLink::Up);
        Err(match engine.and_then(|engine| engine.error.as_ref()) {
            Some(problem) => Problem::from(problem),
            None => Problem::engine_lost("The engine has not answered yet.", "Try again in a moment."),
        })
    }
}

/// All routes, below `base`: the path that a proxy passes on, or nothing.
pub fn router(state: AppState, guard: Guard, base: &str) -> Router {
    let (api, streams) = (compressed(), uncompressed());
    let (api, streams) = (api.with_state(state.clone()), streams.with_state(state.clone()));
    let routes = pages::routes(state.clone())
        .merge(api)
        .layer(middleware::from_fn(compress::brotli))
        .layer(CompressionLayer::new().gzip(true))
        .merge(streams)
        .layer(middleware::from_fn_with_state(state, identify::identify))
        .layer(middleware::from_fn(bounds::check))
        .layer(middleware::from_fn_with_state(Arc::new(guard), guard::check))
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(middleware::from_fn(guard::security_headers));
    base_path::below(base.into(), routes)
}

fn compressed() -> Router<AppState> {
    let (api, _) = api().split_for_parts();
    api.route("/api", any(problem::no_such_route))
        .route("/api/", any(problem::no_such_route))
        .route("/api/{*rest}", any(problem::no_such_route))
        .method_not_allowed_fallback(problem::wrong_method)
}

fn uncompressed() -> Router<AppState> {
    let (streams, _) = streams().split_for_parts();
    streams.method_not_allowed_fallback(problem::wrong_method)
}

/// All routes but those of pages and files.
#[cfg(test)]
fn routes() -> Router<AppState> {
    compressed().merge(uncompressed())
}

/// What the API can do: routes and their description, for the router and for [`mod@document`].
fn operations() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(document::Base::openapi()).merge(api()).merge(streams())
}

fn api() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(containers::snapshot))
        .routes(routes!(container::one, actions::remove))
        .routes(routes!(container::inspect))
        .routes(routes!(container::processes))
        .routes(routes!(containers::stats))
        .routes(routes!(actions::act).map(|action| action.fallback(actions::not_posted)))
        .routes(routes!(events::events))
        .routes(routes!(audit::audit))
        .routes(routes!(metrics::cost))
        .routes(routes!(metrics::metrics))
        .routes(routes!(document::show))
        .routes(routes!(sign_in::show, sign_in::sign_in))
        .routes(routes!(sign_in::sign_out))
        .routes(routes!(openid::begin))
        .routes(routes!(openid::arrive))
        .routes(routes!(still_page::style))
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
}

/// Beside the compression layer: frames come in the viewer's coding already, and lines have to leave as they come.
fn streams() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(stream::stream))
        .routes(routes!(logs::download::download))
        .routes(routes!(logs::stream))
        .routes(routes!(logs::merged))
        .routes(routes!(events::stream))
        .routes(routes!(diagnosis::stream))
}
