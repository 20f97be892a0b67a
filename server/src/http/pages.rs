//! The pages, rendered by Leptos, and the static files.

mod exchange;
pub(in crate::http) mod openid;
pub(in crate::http) mod sign_in;

use super::{entry::caller::Caller, state::AppState, wire::redirect};
#[cfg(feature = "embedded-site")]
use crate::http::site::embedded::EmbeddedFolder;
use crate::{
    auth::{AuthMethod, Scope},
    http::site::Place,
    now,
    store::State as ContainersState,
};
use app::{
    app::{App, shell},
    client::{PageData, PageDataSource, PageSettings, exchange_path},
    model::ContainerId,
    page_request::{PageRequest, RespondNotFound, ShowStyleguide, SignedIn},
    query::ListQuery,
};
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing::get,
};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_axum::{
    ErrorHandler, LeptosRoutes as _, ResponseOptions, generate_route_list, render_app_to_stream_with_context,
};
use std::{sync::Arc, time::Duration};
use tower_http::services::fs::{Backend, DefaultServeDirFallback, ServeDir};

/// Timeout for a new container to appear: more than an event and its inspect take on a busy engine.
const NEW_CONTAINER_TIMEOUT: Duration = Duration::from_millis(500);

pub(super) fn routes(state: AppState) -> Router {
    let pages: Vec<_> = generate_route_list(App).into_iter().filter(|route| route.path() != "/").collect();
    let contexts = page_contexts(state.clone());
    let options = state.pages.leptos.clone();
    let missing = ErrorHandler::new_with_context(contexts.clone(), shell, options.clone());
    let pages_and_files = match state.pages.site.place() {
        #[cfg(feature = "embedded-site")]
        Place::Program => {
            styleguide(&state).fallback_service(files(ServeDir::with_backend("", EmbeddedFolder)).fallback(missing))
        }
        Place::Folder(folder) => styleguide(&state).fallback_service(files(ServeDir::new(folder)).fallback(missing)),
    };
    pages_and_files
        .route("/", get(home))
        .route("/containers/", get(without_slash))
        .route("/engines/", get(without_slash))
        .route("/swarm/", get(without_slash))
        .route("/events/", get(without_slash))
        .route("/realtime-test/", get(without_slash))
        .route(&exchange_path(), get(exchange::exchange))
        .leptos_routes_with_context(&state, pages, contexts, move || shell(options.clone()))
        .layer(middleware::from_fn(redirect_to_default_view))
        .layer(middleware::from_fn_with_state(state.clone(), wait_for_new_container))
        .layer(middleware::from_fn(cache_headers))
        .with_state(state)
}

/// Serves the files of the site. For anything else, responds that the page was not found, whatever
/// the method.
fn files<B: Backend>(folder: ServeDir<DefaultServeDirFallback, B>) -> ServeDir<DefaultServeDirFallback, B> {
    folder
        .precompressed_br()
        .precompressed_gzip()
        .append_index_html_on_directories(false)
        .call_fallback_on_method_not_allowed(true)
}

/// Route of the styleguide. Not a route of the app, because it would add to everyone's first load.
fn styleguide(state: &AppState) -> Router<AppState> {
    if !state.pages.styleguide {
        return Router::new();
    }
    let (contexts, options) = (page_contexts(state.clone()), state.pages.leptos.clone());
    let contexts = move || {
        contexts();
        provide_context(ShowStyleguide);
    };
    Router::new().route("/styleguide", get(render_app_to_stream_with_context(contexts, move || shell(options.clone()))))
}

/// Redirects `/` to the list and keeps the query.
async fn home(request: Request) -> Response {
    match request.uri().query() {
        Some(query) => redirect::temporary(&format!("/containers?{query}")),
        None => redirect::temporary(&default_view(&request).unwrap_or_else(|| "/containers".to_owned())),
    }
}

/// Without a query, redirects the list to the default view of this browser, if it has one.
async fn redirect_to_default_view(request: Request, next: Next) -> Response<Body> {
    let is_bare = request.uri().path() == "/containers" && request.uri().query().is_none();
    match default_view(&request).filter(|_| is_bare && request.method() == Method::GET) {
        Some(view) => redirect::temporary(&view).into_response(),
        None => next.run(request).await,
    }
}

/// Waits a moment for a container that does not exist: a link may be followed before the engine has
/// announced the new container.
///
/// Checks only the containers that the user may see, so that a hidden one takes as long as a
/// missing one.
async fn wait_for_new_container(State(state): State<AppState>, request: Request, next: Next) -> Response<Body> {
    let path = request.uri().path().split_once("/containers/");
    let id = path.and_then(|(_, rest)| rest.split('/').next()?.parse::<ContainerId>().ok());
    let Some(id) = id else { return next.run(request).await };
    let (parts, body) = request.into_parts();
    let feed = Caller::of(&state, &parts).feed;
    let exists = |state: &ContainersState| state.with_id(id).next().is_some();
    if !exists(&feed.state()) {
        let _ = tokio::time::timeout(NEW_CONTAINER_TIMEOUT, feed.wait_until(exists)).await;
    }
    next.run(Request::from_parts(parts, body)).await
}

fn default_view(request: &Request) -> Option<String> {
    let cookies = request.headers().get(header::COOKIE)?.to_str().ok()?;
    let view = ListQuery::home_of(&PageRequest::from_headers(None, Some(cookies)).list)?;
    // The default view is the list as it is.
    view.contains('?').then_some(view)
}

/// Redirects a page's URL with a trailing slash to the one without, so that each page has one URL.
async fn without_slash(request: Request) -> Response {
    let path = request.uri().path().trim_end_matches('/');
    match request.uri().query() {
        Some(query) => redirect::permanent(&format!("{path}?{query}")),
        None => redirect::permanent(path),
    }
}

fn page_contexts(state: AppState) -> impl Fn() + Clone + Send + Sync + 'static {
    move || {
        let parts = use_context::<axum::http::request::Parts>();
        // A page shows what its user may see; without a request, nothing.
        let caller = parts.as_ref().map(|parts| Caller::of(&state, parts));
        let actions_allowed = caller.as_ref().is_some_and(Caller::is_operator);
        // Clients that are not signed in see no swarm either.
        let sees_swarm = caller.as_ref().is_some_and(|caller| caller.identity.scope != Scope::Nothing);
        let engines = &state.engines;
        let has_swarm = sees_swarm && (engines.all.has_swarm_manager() || !engines.swarm.picture().clusters.is_empty());
        let stats_interval_millis = state.process.stats_interval.as_millis() as u64;
        provide_context(state.pages.site.page_files());
        // Clients that are not signed in see nothing, not even the engine.
        let visible = caller.as_ref().filter(|Caller { identity, .. }| identity.scope != Scope::Nothing);
        let feed = visible.map(|caller| caller.feed.clone());
        provide_context(PageDataSource(Arc::new(move || PageData {
            snapshot: feed.as_ref().map_or_else(|| PageData::unknown().snapshot, |feed| feed.state().snapshot(now())),
            settings: PageSettings { actions_allowed, stats_interval_millis, has_swarm },
        })));
        let response = use_context::<ResponseOptions>();
        if let Some(caller) = caller {
            provide_context(signed_in(&caller));
        }
        if let Some(parts) = parts {
            let text = |name| parts.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
            provide_context(PageRequest::from_headers(text(header::HOST), text(header::COOKIE)));
        }
        if let Some(response) = response {
            policy(&response);
            provide_context(RespondNotFound(Arc::new(move || response.set_status(StatusCode::NOT_FOUND))));
        }
    }
}

/// Name of the signed-in user, for the page's header.
fn signed_in(Caller { identity, .. }: &Caller) -> SignedIn {
    let (name, role) = (identity.name.to_string(), identity.role.as_str());
    let is_shown = !matches!(identity.method, AuthMethod::None);
    SignedIn(is_shown.then(|| (name, role, identity.method == AuthMethod::Session)))
}

/// Sets the content security policy of a page: only scripts of this server may run, and only this
/// server may be called.
fn policy(response: &ResponseOptions) {
    let Some(nonce) = use_nonce() else { return };
    let reload = if cfg!(debug_assertions) { " ws://127.0.0.1:3001 ws://localhost:3001" } else { "" };
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; \
         connect-src 'self'{reload}; worker-src 'self'; img-src 'self' data:; manifest-src 'self'; form-action 'self'; base-uri 'none'; \
         object-src 'none'; frame-ancestors 'none'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// Sets the caching headers: files with a hash in their name never change; pages are rendered for
/// each request.
async fn cache_headers(request: Request, next: Next) -> Response<Body> {
    let hashed = request.uri().path().starts_with("/pkg/");
    let mut response = next.run(request).await;
    if response.headers().contains_key(header::CONTENT_ENCODING) || hashed {
        // `ServeDir` does not add `Vary` for precompressed files.
        response.headers_mut().entry(header::VARY).or_insert(HeaderValue::from_static("accept-encoding"));
    }
    if !response.headers().contains_key(header::CACHE_CONTROL) {
        let value = match (hashed && response.status().is_success(), cfg!(debug_assertions)) {
            (true, false) => "public, max-age=31536000, immutable",
            _ => "no-cache",
        };
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(value));
    }
    response
}
