//! `/sign-in/oidc`, which leads to the OpenID provider, and `/sign-in/callback`, to which the provider leads back.

use super::sign_in;
use crate::{
    audit::{Entry, Outcome},
    auth::{Issuer, Means, TooManySessions},
    http::{
        entry::{
            caller::Caller,
            cookies,
            peer::Peer,
            sign_in_paths::{OPENID_BEGIN, OPENID_RETURN, SIGN_IN, sign_in_address},
        },
        state::AccessState,
        wire::{
            problem::{Problem, problems},
            redirect, static_page,
        },
    },
    openid::{Departure, OpenId, OpenIdError, Pending},
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

/// Name and subject of a user whom the provider has not named.
const UNKNOWN_USER: (&str, &str) = ("nobody", "");
/// Of what a provider says: enough for a sentence.
const LONGEST_TEXT: usize = 200;

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
        (status = 303, description = "Leads to the provider; without one, to /sign-in.", headers(("location" = String))),
        BeginProblems,
        (status = 503, description = "The provider does not respond. The page for signing in.", body = String,
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
    let to = redirect::own_path(to.as_deref().unwrap_or_default());
    let Some(openid) = &access.openid else { return redirect::to(&sign_in_address(to)) };
    if caller.identity.means != Means::Nothing {
        return redirect::to(to);
    }
    match openid.begin(to, caller.peer.address).await {
        Ok(Departure { address, secret }) => {
            let lifetime_secs = OpenId::longest_absence().as_secs();
            let (response, peer) = (redirect::abroad(&address), caller.peer.clone().at(openid));
            cookies::OPENID.set(response, &headers, secret.expose(), lifetime_secs, &peer, |_| true)
        }
        Err(error) => {
            tracing::error!(reason = error.reason(), "nobody can sign in at the OpenID provider");
            let mut response = sign_in::form(&access, to, Some(error.to_string()));
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            response
        }
    }
}

/// What a browser brings back.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct Returned {
    /// Authorization code.
    code: Option<String>,
    /// State, as it was sent to the provider.
    state: Option<String>,
    /// Issuer.
    iss: Option<String>,
    /// Error of the provider.
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
    params(Returned),
    responses(
        (status = 200, description = "Signed in. A page that leads on.", body = String, content_type = "text/html",
         headers(("set-cookie" = String))),
        (status = 303, description = "No provider is configured; leads to /sign-in.", headers(("location" = String))),
        (status = 400, description = "This browser did not start signing in, or too long ago.", body = String,
         content_type = "text/html"),
        BeginProblems,
        (status = 403, description = "The provider or this server refused, or `cross_site`.", content(
            (Problem = "application/problem+json"),
            (String = "text/html"),
        )),
        (status = 502, description = "The provider gave no valid response.", body = String, content_type = "text/html"),
        (status = 503, description = "Too many sessions.", body = String, content_type = "text/html"),
    )
)]
pub(in crate::http) async fn arrive(
    State(access): State<AccessState>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    returned: Result<Query<Returned>, QueryRejection>,
) -> Response {
    let Some(openid) = &access.openid else { return redirect::to(SIGN_IN) };
    let Returned { code, state: proof, iss, error, error_description } =
        returned.map(|Query(returned)| returned).unwrap_or_default();
    let peer = peer.at(openid);
    let secrets = cookies::OPENID.values(&headers, &peer);
    let pending = proof.and_then(|proof| secrets.into_iter().find_map(|secret| openid.returning(secret, &proof)));
    // Nothing of what the address says is shown or written down unless this browser began it.
    let Some(pending) = pending else { return not_begun(&peer) };
    let refused = error.map(|error| said(&error, error_description.as_deref()));
    let is_other = iss.is_some_and(|issuer| issuer != openid.issuer());
    let response = match (refused, code) {
        _ if is_other => denied(&access, &peer, "Another OpenID provider answered than was asked."),
        (Some(refused), _) => denied(&access, &peer, &format!("The OpenID provider refused: {refused}")),
        (None, None) => denied(&access, &peer, "The OpenID provider answered neither yes nor no."),
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
    // A file is written.
    let begun = tokio::task::spawn_blocking(move || {
        auth.sign_in_person(&person, (provider.fingerprint(), provider.issuer()), from)
    });
    let secret = match begun.await.unwrap_or(Err(TooManySessions)) {
        Ok(secret) => secret,
        Err(error) => {
            access.audit.record(entry.ended(Outcome::Failed, Some(&error.to_string())));
            return told(StatusCode::SERVICE_UNAVAILABLE, error.to_string());
        }
    };
    access.audit.record(entry.because("OpenID"));
    // Not a redirect: a browser that follows one from the provider's site keeps the new session from this server.
    sign_in::with_session(static_page::again(&target), access, headers, secret.expose(), peer)
}

/// One that comes back twice, too late, to another browser, or on the word of another site.
fn not_begun(peer: &Peer) -> Response {
    tracing::warn!(from = %peer.address, "refused: came back from the OpenID provider and had not left, or too long ago");
    let detail = "This sign-in was not begun in this browser, took too long, or has been used already.";
    told(StatusCode::BAD_REQUEST, detail.to_owned())
}

fn denied(access: &AccessState, peer: &Peer, detail: &str) -> Response {
    write_down(access, peer, UNKNOWN_USER, Outcome::Denied, detail);
    told(StatusCode::FORBIDDEN, detail.to_owned())
}

fn failed(access: &AccessState, peer: &Peer, error: &OpenIdError) -> Response {
    let (user, outcome, status) = match error {
        OpenIdError::NoRole { name, subject } => {
            ((name.as_str(), subject.as_str()), Outcome::Denied, StatusCode::FORBIDDEN)
        }
        OpenIdError::Token(_) => (UNKNOWN_USER, Outcome::Denied, StatusCode::FORBIDDEN),
        OpenIdError::Provider(_) => (UNKNOWN_USER, Outcome::Failed, StatusCode::BAD_GATEWAY),
    };
    write_down(access, peer, user, outcome, &format!("OpenID: {}", error.reason()));
    told(status, error.to_string())
}

fn write_down(access: &AccessState, peer: &Peer, (name, subject): (&str, &str), outcome: Outcome, detail: &str) {
    let issuer = Issuer::openid(access.openid.as_ref().map_or("openid", OpenId::issuer), subject);
    let entry = Entry::new("signIn", name, "session", peer.address).of(&issuer);
    access.audit.record(entry.ended(outcome, Some(detail)));
}

/// What a provider says, in one short line.
fn said(error: &str, description: Option<&str>) -> String {
    let text = description.map_or_else(|| error.to_owned(), |description| format!("{error}: {description}"));
    text.chars().filter(|letter| !letter.is_control()).take(LONGEST_TEXT).collect()
}

fn told(status: StatusCode, detail: String) -> Response {
    let body = view! {
        <h1>"Not signed in"</h1>
        <p class="wrong" role="alert">{detail}</p>
        <a class="button" href=app::base::address(SIGN_IN).into_owned()>"Sign in again"</a>
    };
    let mut response = static_page::page("Not signed in", (), body);
    *response.status_mut() = status;
    response
}

impl Peer {
    /// Of a browser that the provider leads back: by https, if the settings say so.
    fn at(self, openid: &OpenId) -> Self {
        Self { keeps_secure: self.keeps_secure || openid.is_secure(), ..self }
    }
}
