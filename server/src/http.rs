//! Stage 5, serving: the stream, the API and the pages.
//!
//! In: [`AppState`], which has the feed, the engine and everything else that handlers use. Out:
//! [`router`], which [`serve()`] puts on a listener. Submodules, each using only earlier
//! ones: [`scopes`] and [`site`] (feeds of limited users, files of the pages), `wire` (connections and
//! response formats), `state`, `entry` (what every request passes),
//! `pages` and `api`.

mod api;
mod entry;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod pages;
pub mod scopes;
pub mod site;
mod state;
mod wire;

pub use api::{document::document, join::record as record_join};
pub use entry::guard::{AllowedHosts, Guard};
pub use state::{
    AccessState, AppState, ContainerState, Diagnoses, EngineState, PageState, ProcessState, ProxyHeaders, StreamState,
};
pub use wire::{
    problem::{Problem, ProblemCode},
    serve::{Timeouts, serve},
    turned::serve_turned,
};

use axum::{Router, middleware};
use entry::{base_path, bounds, guard, identify};
use std::sync::Arc;
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer};
use wire::{compress, problem};

/// All routes, below `base`: the path that a proxy passes on, or nothing.
pub fn router(state: AppState, guard: Guard, base: &str) -> Router {
    let far = middleware::from_fn_with_state(state.clone(), api::far::pass_on);
    let routes = pages::routes(state.clone())
        .merge(api::routes().layer(far.clone()).with_state(state.clone()))
        .layer(middleware::from_fn(compress::brotli))
        .layer(CompressionLayer::new().gzip(true))
        // Streams compress themselves, event by event.
        .merge(api::streams().layer(far).with_state(state.clone()))
        .layer(middleware::from_fn_with_state(state, identify::identify))
        .layer(middleware::from_fn(bounds::check))
        .layer(middleware::from_fn_with_state(Arc::new(guard), guard::check))
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(middleware::from_fn(guard::security_headers));
    base_path::below(base.into(), routes)
}
