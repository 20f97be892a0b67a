//! Who asks: a token, a session, or what a trusted proxy says. Where sign-in is needed, nobody else gets behind this.
//!
//! Out: the request with its [`Identity`]. Next: [`super::caller`].

use super::{AppState, Problem, ProblemCode, guard::refused, openid, peer::Peer, sign_in, still_page};
use crate::auth::{Auth, GroupRole, Identity};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, header, request::Parts},
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use std::sync::Arc;

/// The session's cookie. A browser sends it to this server's pages alone, and shows it to no script.
pub(super) const COOKIE: &str = "quaylight-session";

/// How a trusted proxy tells who has signed in at it.
#[derive(Debug, Clone, Default)]
pub struct ProxyHeaders {
    /// Names them.
    pub user: Option<HeaderName>,
    /// Names their groups.
    pub groups: Option<HeaderName>,
    /// What groups may.
    pub roles: Arc<[GroupRole]>,
}

pub(super) async fn identify(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match identity(&state, &parts) {
        Ok(identity) => {
            parts.extensions.insert(identity);
            next.run(Request::from_parts(parts, body)).await
        }
        Err(response) => *response,
    }
}

fn identity(state: &AppState, parts: &Parts) -> Result<Identity, Box<Response>> {
    if !state.auth.is_required() {
        return Ok(state.auth.anybody(state.allow_actions.0));
    }
    let told = match bearer(&parts.headers) {
        // A token that is wrong is not made good by a session.
        Some(token) => state.auth.of_token(token),
        None => of_proxy(state, parts).or_else(|| of_session(&state.auth, &parts.headers)),
    };
    if let Some(identity) = told {
        return Ok(identity);
    }
    if is_public(parts) {
        return Ok(Identity::nobody(&state.stop));
    }
    Err(Box::new(asked_to_sign_in(parts)))
}

pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn of_session(auth: &Auth, headers: &HeaderMap) -> Option<Identity> {
    auth.of_session(cookie(headers, COOKIE)?)
}

/// The value of a cookie.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).into_iter().filter_map(|cookies| cookies.to_str().ok());
    let each = all.flat_map(|cookies| cookies.split(';')).filter_map(|cookie| cookie.trim().split_once('='));
    each.filter(|(key, _)| *key == name).map(|(_, value)| value).next()
}

fn of_proxy(state: &AppState, parts: &Parts) -> Option<Identity> {
    let ProxyHeaders { user, groups, roles } = &state.proxy_headers;
    if !parts.extensions.get::<Peer>()?.is_proxied {
        return None;
    }
    let text = |name: &HeaderName| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let name = text(user.as_ref()?)?.trim();
    let groups = groups.as_ref().and_then(text).unwrap_or_default();
    let groups: Vec<_> = groups.split(',').map(|group| group.trim().to_owned()).collect();
    let (role, scope) = GroupRole::of(&groups, roles)?;
    (!name.is_empty()).then(|| state.auth.of_proxy(name, role, scope))
}

/// What anybody may have: the files that a page is made of, the way in, and whether this server is well.
fn is_public(parts: &Parts) -> bool {
    let path = parts.uri.path();
    let reads = matches!(parts.method, Method::GET | Method::HEAD);
    let files = path.starts_with("/pkg/") || path.starts_with("/favicon") || path == app::client::exchange_path();
    let health = matches!(path, "/healthz" | "/readyz" | "/robots.txt") || path == still_page::STYLE;
    (reads && (files || health)) || sign_in::is_way_in(path) || openid::is_way_in(path)
}

fn asked_to_sign_in(parts: &Parts) -> Response {
    let says = |name: &str, wanted: &str| parts.headers.get(name).is_some_and(|value| value == wanted);
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    let accepts = parts.headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let is_page = !target.starts_with("/api") && accepts.contains("text/html") && parts.method == Method::GET;
    if is_page && says("sec-fetch-site", "cross-site") {
        return still_page::again(target);
    }
    if is_page {
        return Redirect::to(&sign_in::address(target)).into_response();
    }
    let hint = "Sign in at /sign-in, or send a token as Authorization: Bearer TOKEN (quaylight token add).";
    let problem = Problem::new(ProblemCode::SignInNeeded, "Nobody is signed in here.", hint);
    let mut response = refused(problem, &HeaderMap::new());
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"Quaylight\""));
    response
}
