//! Authenticates a request: by its connection, a token, a session, or a trusted proxy. Refuses it if
//! sign-in is required.
//!
//! Out: the request with its [`Identity`]. Next: [`super::caller`].

mod proxy;

use super::{cookies, guard::refused, header_warnings, peer::Peer, sign_in_paths};
use crate::{
    auth::{Auth, Identity},
    http::{
        state::AppState,
        wire::{
            problem::{Problem, ProblemCode},
            redirect, static_page,
            turned::Turned,
        },
    },
};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, header, request::Parts},
    middleware::Next,
    response::Response,
};
use proxy::ProxySignIn;

pub(in crate::http) async fn identify(State(state): State<AppState>, request: Request, next: Next) -> Response {
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
    // No header and no setting for other clients can change what this connection may do.
    if let Some(Turned(identity)) = parts.extensions.get() {
        return Ok(identity.clone());
    }
    let auth = &state.access.auth;
    if !auth.is_required() {
        return Ok(auth.anonymous(state.engines.allow_actions));
    }
    let peer = parts.extensions.get::<Peer>();
    let claimed = match bearer(&parts.headers) {
        // With an invalid token, the session is not tried.
        Bearer::Token(token) => auth.of_token(token).map_or(ProxySignIn::Nothing, ProxySignIn::For),
        Bearer::Unreadable => {
            if let Some(peer) = peer {
                header_warnings::warn_refused_secret("authorization", "the token is not ASCII", peer.address);
            }
            ProxySignIn::Nothing
        }
        Bearer::Nothing => {
            proxy::proxy_sign_in(&state.access, parts, peer).or_session(|| session_identity(auth, parts, peer))
        }
    };
    match claimed {
        ProxySignIn::For(identity) => Ok(identity),
        _ if sign_in_paths::is_public(parts) => Ok(Identity::signed_out(&state.streams.stop)),
        ProxySignIn::WithoutRole(name) => Err(Box::new(proxy::without_role(&state.access, parts, peer, &name))),
        ProxySignIn::Nothing => Err(Box::new(sign_in_required(parts))),
    }
}

/// Token of a request.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::http) enum Bearer<'a> {
    /// None, or another scheme, which a proxy may use for itself.
    Nothing,
    Token(&'a str),
    Unreadable,
}

pub(in crate::http) fn bearer(headers: &HeaderMap) -> Bearer<'_> {
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

fn session_identity(auth: &Auth, parts: &Parts, peer: Option<&Peer>) -> Option<Identity> {
    cookies::SESSION.values(&parts.headers, peer?).into_iter().find_map(|secret| auth.of_session(secret))
}

fn sign_in_required(parts: &Parts) -> Response {
    let has = |name: &str, wanted: &str| parts.headers.get(name).is_some_and(|value| value == wanted);
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    let accepts = parts.headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let is_page = !target.starts_with("/api") && accepts.contains("text/html") && parts.method == Method::GET;
    if is_page && has("sec-fetch-site", "cross-site") {
        return static_page::reload(target);
    }
    if is_page {
        return redirect::to(&sign_in_paths::sign_in_address(target));
    }
    let hint = "Sign in at /sign-in, or send a token as Authorization: Bearer TOKEN (on the server: quaylight token add NAME).";
    let problem = Problem::new(ProblemCode::SignInNeeded, "The request is not signed in.", hint);
    let mut response = refused(problem, &HeaderMap::new());
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"Quaylight\""));
    response
}
