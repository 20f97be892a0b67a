//! Signing in at an OpenID provider: `/sign-in/oidc` redirects to the provider, which redirects
//! back to `/sign-in/callback`.

use super::sign_in;
use crate::{
    audit::{Entry, Outcome},
    auth::{AuthMethod, Issuer, TooManySessions},
    http::{
        entry::{
            caller::Caller,
            cookies,
            peer::Peer,
            sign_in_paths::{OPENID_BEGIN, OPENID_RETURN, SIGN_IN, page_after_sign_in, sign_in_address},
        },
        state::AccessState,
        wire::{
            problem::{Problem, problems},
            redirect, static_page,
        },
    },
    openid::{OpenId, OpenIdError, Pending, StartedSignIn},
};
use axum::{
    Extension,
    extract::{Query, State, rejection::QueryRejection},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use leptos::prelude::*;
use serde::Deserialize;
use utoipa::IntoParams;

/// Name and subject in the audit log if the provider has not named the user.
const UNKNOWN_USER: (&str, &str) = ("nobody", "");
/// Maximum length of messages from the provider.
const MAX_MESSAGE_CHARS: usize = 200;

problems!(BeginProblems:);

/// Starts signing in at the OpenID provider.
#[utoipa::path(
    get,
    path = OPENID_BEGIN,
    operation_id = "beginOpenIdSignIn",
    tag = "Sign-in",
    security(()),
    params(sign_in::Target),
    responses(
        (status = 303, description = "Redirects to the provider; without one, to /sign-in.", headers(("location" = String))),
        BeginProblems,
        (status = 503, description = "The sign-in page with the error: the provider does not respond.", body = String,
         content_type = "text/html"),
    )
)]
pub(in crate::http) async fn begin(
    caller: Caller,
    State(access): State<AccessState>,
    headers: HeaderMap,
    query: Result<Query<sign_in::Target>, QueryRejection>,
) -> Response {
    let to = query.ok().and_then(|Query(target)| target.to);
    let to = page_after_sign_in(to.as_deref());
    let Some(openid) = &access.openid else { return redirect::to(&sign_in_address(to)) };
    if caller.identity.method != AuthMethod::None {
        return redirect::to(to);
    }
    match openid.begin(to, caller.peer.address).await {
        Ok(StartedSignIn { address, secret }) => {
            let lifetime_secs = OpenId::sign_in_timeout().as_secs();
            let (response, peer) = (redirect::external(&address), caller.peer.clone().at(openid));
            cookies::OPENID.set(response, &headers, secret.expose(), lifetime_secs, &peer, |_| true)
        }
        Err(error) => {
            tracing::error!(reason = error.reason(), "sign-in at the OpenID provider failed");
            let mut response = sign_in::form(&access, to, Some(error.to_string()));
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            response
        }
    }
}

/// The query of the callback.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct CallbackQuery {
    /// Authorization code.
    code: Option<String>,
    /// State, as it was sent to the provider.
    state: Option<String>,
    /// Issuer of the response.
    iss: Option<String>,
    /// Error from the provider.
    error: Option<String>,
    /// Description of the error.
    error_description: Option<String>,
}

/// Return from the OpenID provider: starts a session.
#[utoipa::path(
    get,
    path = OPENID_RETURN,
    operation_id = "finishOpenIdSignIn",
    tag = "Sign-in",
    security(()),
    params(CallbackQuery),
    responses(
        (status = 200, description = "Signed in. A page that opens the requested page.", body = String, content_type = "text/html",
         headers(("set-cookie" = String))),
        (status = 303, description = "No provider is configured; redirects to /sign-in.", headers(("location" = String))),
        (status = 400, description = "This browser did not start the sign-in, or started it too long ago.", body = String,
         content_type = "text/html"),
        BeginProblems,
        (status = 403, description = "The provider or this server refused, or `cross_site`.", content(
            (Problem = "application/problem+json"),
            (String = "text/html"),
        )),
        (status = 502, description = "The provider did not respond correctly.", body = String, content_type = "text/html"),
        (status = 503, description = "Too many sessions.", body = String, content_type = "text/html"),
    )
)]
pub(in crate::http) async fn callback(
    State(access): State<AccessState>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    returned: Result<Query<CallbackQuery>, QueryRejection>,
) -> Response {
    let Some(openid) = &access.openid else { return redirect::to(SIGN_IN) };
    let CallbackQuery { code, state: proof, iss, error, error_description } =
        returned.map(|Query(returned)| returned).unwrap_or_default();
    let peer = peer.at(openid);
    let secrets = cookies::OPENID.values(&headers, &peer);
    let pending = proof.and_then(|proof| secrets.into_iter().find_map(|secret| openid.returning(secret, &proof)));
    // The query is neither shown nor logged unless this browser started the sign-in.
    let Some(pending) = pending else { return not_started(&peer) };
    let refused = error.map(|error| provider_message(&error, error_description.as_deref()));
    let is_other = iss.is_some_and(|issuer| issuer != openid.issuer());
    let response = match (refused, code) {
        _ if is_other => denied(&access, &peer, "The response comes from another OpenID provider."),
        (Some(refused), _) => denied(&access, &peer, &format!("The OpenID provider refused: {refused}")),
        (None, None) => denied(&access, &peer, "The response of the OpenID provider is incomplete."),
        (None, Some(code)) => finish(&access, openid, (&peer, &headers), pending, code).await,
    };
    cookies::OPENID.clear(response, &headers, &peer, |_| true)
}

async fn finish(
    access: &AccessState,
    openid: &OpenId,
    (peer, headers): (&Peer, &HeaderMap),
    pending: Pending,
    code: String,
) -> Response {
    let target = pending.target().to_owned();
    let person = match openid.finish(pending, code).await {
        Ok(person) => person,
        Err(error) => return failed(access, peer, &error),
    };
    let user = Issuer::openid(openid.issuer(), &person.subject);
    let entry = Entry::new("signIn", &person.name, "session", peer.address).of(&user);
    let (auth, provider, from) = (access.auth.clone(), openid.clone(), peer.address);
    // Writes a file.
    let begun = tokio::task::spawn_blocking(move || {
        auth.sign_in_person(&person, (provider.fingerprint(), provider.issuer()), from)
    });
    let secret = match begun.await.unwrap_or(Err(TooManySessions)) {
        Ok(secret) => secret,
        Err(error) => {
            access.audit.record(entry.ended(Outcome::Failed, Some(&error.to_string())));
            return error_page(StatusCode::SERVICE_UNAVAILABLE, error.to_string());
        }
    };
    access.audit.record(entry.because("OpenID"));
    // Not a redirect: after a redirect from the provider's site, a browser does not send the new
    // session cookie.
    sign_in::with_session(static_page::reload(&target), access, headers, secret.expose(), peer)
}

/// The callback was used twice, came too late, in another browser, or was forged by another site.
fn not_started(peer: &Peer) -> Response {
    tracing::warn!(from = %peer.address, "refused: the browser returned from the OpenID provider without a started sign-in, or too late");
    let detail = "This sign-in was not started in this browser, took too long, or was completed already.";
    error_page(StatusCode::BAD_REQUEST, detail.to_owned())
}

fn denied(access: &AccessState, peer: &Peer, detail: &str) -> Response {
    record(access, peer, UNKNOWN_USER, Outcome::Denied, detail);
    error_page(StatusCode::FORBIDDEN, detail.to_owned())
}

fn failed(access: &AccessState, peer: &Peer, error: &OpenIdError) -> Response {
    let (user, outcome, status) = match error {
        OpenIdError::NoRole { name, subject } => {
            ((name.as_str(), subject.as_str()), Outcome::Denied, StatusCode::FORBIDDEN)
        }
        OpenIdError::Token(_) => (UNKNOWN_USER, Outcome::Denied, StatusCode::FORBIDDEN),
        OpenIdError::Provider(_) => (UNKNOWN_USER, Outcome::Failed, StatusCode::BAD_GATEWAY),
    };
    record(access, peer, user, outcome, &format!("OpenID: {}", error.reason()));
    error_page(status, error.to_string())
}

fn record(access: &AccessState, peer: &Peer, (name, subject): (&str, &str), outcome: Outcome, detail: &str) {
    let issuer = Issuer::openid(access.openid.as_ref().map_or("openid", OpenId::issuer), subject);
    let entry = Entry::new("signIn", name, "session", peer.address).of(&issuer);
    access.audit.record(entry.ended(outcome, Some(detail)));
}

/// The provider's message, shortened to one line.
fn provider_message(error: &str, description: Option<&str>) -> String {
    let text = description.map_or_else(|| error.to_owned(), |description| format!("{error}: {description}"));
    text.chars().filter(|letter| !letter.is_control()).take(MAX_MESSAGE_CHARS).collect()
}

fn error_page(status: StatusCode, detail: String) -> Response {
    let body = view! {
        <h1>"Not signed in"</h1>
        <p class="wrong" role="alert">{detail}</p>
        <a class="button" href=app::base_path::address(SIGN_IN)>"Sign in again"</a>
    };
    let mut response = static_page::page("Not signed in", (), body);
    *response.status_mut() = status;
    response
}

impl Peer {
    /// The peer of a browser that returns from the provider, which uses https according to the
    /// settings.
    fn at(self, openid: &OpenId) -> Self {
        Self { keeps_secure: self.keeps_secure || openid.is_secure(), ..self }
    }
}
