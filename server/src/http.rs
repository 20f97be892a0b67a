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
    timeline::Timeline,
    watcher::Links,
};
use app::model::EngineLink;
use axum::{
    Router,
    extract::FromRef,
    middleware,
    routing::{any, delete, get, post},
};
use leptos::config::LeptosOptions;
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer};

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
    let api = Router::new()
        .route("/api/containers", get(containers::snapshot))
        .route("/api/containers/{id}", get(container::one))
        .route("/api/containers/{id}/inspect", get(container::inspect))
        .route("/api/containers/{id}/processes", get(container::processes))
        .route("/api/containers/{id}", delete(actions::remove))
        .route("/api/containers/{id}/stats", get(containers::stats))
        .route("/api/containers/{id}/{action}", post(actions::act).fallback(actions::not_posted))
        .route("/api/events", get(events::events))
        .route("/api/audit", get(audit::audit))
        .route("/api/cost", get(metrics::cost))
        .route("/metrics", get(metrics::metrics))
        .route(sign_in::PATH, get(sign_in::show).post(sign_in::sign_in))
        .route(sign_in::OUT, post(sign_in::sign_out))
        .route(openid::BEGIN, get(openid::begin))
        .route(openid::RETURN, get(openid::arrive))
        .route(still_page::STYLE, get(still_page::style))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/api", any(problem::no_such_route))
        .route("/api/", any(problem::no_such_route))
        .route("/api/{*rest}", any(problem::no_such_route))
        .method_not_allowed_fallback(problem::wrong_method)
        .with_state(state.clone());
    // Beside the compression layer: frames come in the viewer's coding already, and lines have to leave as they come.
    let stream = Router::new()
        .route("/api/containers/stream", get(stream::stream))
        .route("/api/containers/{id}/logs", get(logs::download))
        .route("/api/containers/{id}/logs/stream", get(logs::stream))
        .route("/api/logs/stream", get(logs::merged))
        .route("/api/events/stream", get(events::stream))
        .route("/api/diagnosis/stream", get(diagnosis::stream))
        .method_not_allowed_fallback(problem::wrong_method)
        .with_state(state.clone());
    let routes = pages::routes(state.clone())
        .merge(api)
        .layer(middleware::from_fn(compress::brotli))
        .layer(CompressionLayer::new().gzip(true))
        .merge(stream)
        .layer(middleware::from_fn_with_state(state, identify::identify))
        .layer(middleware::from_fn(bounds::check))
        .layer(middleware::from_fn_with_state(Arc::new(guard), guard::check))
        .layer(middleware::from_fn(guard::security_headers))
        .layer(CatchPanicLayer::custom(problem::panicked));
    base_path::below(base.into(), routes)
}
