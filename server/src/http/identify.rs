//! Who asks: a token, a session, or what a trusted proxy says. Where sign-in is needed, nobody else gets behind this.
//!
//! Out: the request with its [`Identity`]. Next: [`super::caller`].

mod proxy;

use super::{
    AppState, Problem, ProblemCode, cookies, guard::refused, openid, peer::Peer, redirect, sign_in, still_page,
    unreadable,
};
use crate::auth::{Auth, GroupRole, Identity};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, header, request::Parts},
    middleware::Next,
    response::Response,
};
use proxy::Vouched;
use std::sync::Arc;

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
    let peer = parts.extensions.get::<Peer>();
    let vouched = match bearer(&parts.headers) {
        // A token that is wrong is not made good by a session.
        Bearer::Token(token) => state.auth.of_token(token).map_or(Vouched::Nothing, Vouched::For),
        Bearer::Unreadable => {
            if let Some(peer) = peer {
                unreadable::refused_secret("authorization", "the token is not ASCII", peer.address);
            }
            Vouched::Nothing
        }
        Bearer::Nothing => proxy::vouched(state, parts, peer).or_session(|| of_session(&state.auth, parts, peer)),
    };
    match vouched {
        Vouched::For(identity) => Ok(identity),
        _ if is_public(parts) => Ok(Identity::nobody(&state.stop)),
        Vouched::WithoutRole(name) => Err(Box::new(proxy::without_role(state, parts, peer, &name))),
        Vouched::Nothing => Err(Box::new(asked_to_sign_in(parts))),
    }
}

/// A token in a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Bearer<'a> {
    /// None, or another scheme, as a proxy may pass on its own.
    Nothing,
    Token(&'a str),
    Unreadable,
}

pub(super) fn bearer(headers: &HeaderMap) -> Bearer<'_> {
    let Some(value) = headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes) else { return Bearer::Nothing };
    let place = value.iter().position(|byte| *byte == b' ').unwrap_or(value.len());
    let (scheme, token) = value.split_at(place);
    if !scheme.eq_ignore_ascii_case(b"bearer") {
        return Bearer::Nothing;
    }
    str::from_utf8(token)
        .ok()
        .filter(|token| token.is_ascii())
        .map_or(Bearer::Unreadable, |token| Bearer::Token(token.trim()))
}

fn of_session(auth: &Auth, parts: &Parts, peer: Option<&Peer>) -> Option<Identity> {
    cookies::SESSION.values(&parts.headers, peer?).into_iter().find_map(|secret| auth.of_session(secret))
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
        return redirect::to(&sign_in::address(target));
    }
    let hint = "Sign in at /sign-in, or send a token as Authorization: Bearer TOKEN (on the server: quaylight token add NAME).";
    let problem = Problem::new(ProblemCode::SignInNeeded, "Nobody is signed in here.", hint);
    let mut response = refused(problem, &HeaderMap::new());
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"Quaylight\""));
    response
}
