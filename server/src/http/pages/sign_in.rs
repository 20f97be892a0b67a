//! The pages `/sign-in` and `/sign-out`.

use crate::{
    audit::{Entry, Outcome},
    auth::{AuthMethod, Issuer, Password, SignInError, SignInOrigin, SignedIn},
    http::{
        entry::{
            caller::Caller,
            cookies,
            peer::Peer,
            sign_in_paths::{SIGN_IN, SIGN_OUT, openid_address, page_after_sign_in},
        },
        state::AccessState,
        wire::{
            problem::{Problem, ProblemCode, problems},
            redirect, static_page,
        },
    },
};
use app::base_path;
use axum::{
    Form,
    extract::{
        Query, State,
        rejection::{FormRejection, QueryRejection},
    },
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use leptos::prelude::*;
use serde::Deserialize;
use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};
use utoipa::{IntoParams, ToSchema};

/// Lifetime of the device cookie in seconds: a browser is remembered for a year after a sign-in.
const DEVICE_LIFETIME_SECS: u64 = 366 * 24 * 3_600;

/// The query of the page.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct Target {
    /// Page of this server to open after the sign-in.
    pub(in crate::http) to: Option<String>,
}

/// Credentials of a user, as the page sends them.
#[derive(Deserialize, ToSchema)]
pub(in crate::http) struct Credentials {
    /// Name of the user.
    name: String,
    /// Password of the user.
    #[schema(format = Password)]
    password: String,
    /// Page of this server to open after the sign-in.
    to: Option<String>,
}

problems!(PageProblems:);
problems!(SignInProblems: Malformed);

/// Page for signing in.
#[utoipa::path(
    get,
    path = SIGN_IN,
    operation_id = "showSignIn",
    tag = "Sign-in",
    security(()),
    params(Target),
    responses(
        (status = 200, description = "The page.", body = String, content_type = "text/html"),
        (status = 303, description = "Already signed in, or sign-in is not required.", headers(("location" = String))),
        PageProblems,
    )
)]
pub(in crate::http) async fn show(
    caller: Caller,
    State(access): State<AccessState>,
    query: Result<Query<Target>, QueryRejection>,
) -> Response {
    let Target { to } = query.map(|Query(query)| query).unwrap_or_default();
    let to = page_after_sign_in(to.as_deref());
    if !access.auth.is_required() || caller.identity.method != AuthMethod::None {
        return redirect::to(to);
    }
    form(&access, to, None)
}

/// The page, with the error of the last attempt.
pub(in crate::http) fn form(access: &AccessState, to: &str, wrong: Option<String>) -> Response {
    let wrong = wrong.map(|error| view! { <p class="wrong" role="alert">{error}</p> });
    let has_users = !access.auth.accounts().users().is_empty();
    let link = access.openid.as_ref().map(|_| {
        view! { <a class="button" href=base_path::address(&openid_address(to))>"Sign in with OpenID"</a> }
    });
    let to = to.to_owned();
    let fields = has_users.then(|| {
        view! {
            <form method="post" action=base_path::address(SIGN_IN)>
                <input type="hidden" name="to" value=to />
                <label for="name">"Name"</label>
                <input id="name" name="name" autocomplete="username" autocapitalize="none" required autofocus />
                <label for="password">"Password"</label>
                <input id="password" name="password" type="password" autocomplete="current-password" required />
                <button type="submit">"Sign in"</button>
            </form>
        }
    });
    let no_users = (!has_users && link.is_none()).then(|| {
        view! { <p class="hint">"No users exist yet. On the server, run: quaylight user add NAME --role admin"</p> }
    });
    static_page::page("Sign in", (), view! { <h1>"Sign in"</h1> {wrong} {fields} {link} {no_users} })
}

/// Signs in: starts a session.
#[utoipa::path(
    post,
    path = SIGN_IN,
    operation_id = "signIn",
    tag = "Sign-in",
    security(()),
    request_body(content = Credentials, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 303, description = "Signed in; the cookie is the session.",
         headers(("location" = String), ("set-cookie" = String))),
        (status = 401, description = "The sign-in page with the error: wrong name or password.", body = String, content_type = "text/html"),
        (status = 429, description = "The sign-in page with the error: too many wrong passwords.", body = String,
         content_type = "text/html", headers(("retry-after" = u64, description = "Seconds to wait."))),
        SignInProblems,
    )
)]
pub(in crate::http) async fn sign_in(
    State(access): State<AccessState>,
    axum::Extension(peer): axum::Extension<Peer>,
    headers: HeaderMap,
    credentials: Result<Form<Credentials>, FormRejection>,
) -> Response {
    let Ok(Form(Credentials { name, password, to })) = credentials else {
        let hint = "Send name and password as a form, as the page at /sign-in does.";
        return Problem::new(ProblemCode::Malformed, "The body is not a sign-in form.", hint).into_response();
    };
    let to = page_after_sign_in(to.as_deref());
    let entry = Entry::new("signIn", &name, "session", peer.address).of(&Issuer::Local);
    let is_known = |secret: &str| access.auth.is_known_device(secret);
    let device = cookies::DEVICE.values(&headers, &peer).into_iter().find(|secret| is_known(secret));
    match access.auth.sign_in(&name, Password::new(password), SignInOrigin { from: peer.address, device }).await {
        Ok(SignedIn { session, device }) => {
            access.audit.record(entry);
            let response = with_session(redirect::to(to), &access, &headers, session.expose(), &peer);
            match device {
                Some(device) => {
                    cookies::DEVICE.set(response, &headers, device.expose(), DEVICE_LIFETIME_SECS, &peer, is_known)
                }
                None => response,
            }
        }
        Err(error) => {
            access.audit.record(entry.ended(Outcome::Denied, Some(&error.to_string())));
            if let SignInError::TooMany(wait) = error {
                warn_of_undeclared_proxy(&headers, &peer, wait);
            }
            not_signed_in(&access, to, &error)
        }
    }
}

/// The page with the error, and a header with the time to wait.
fn not_signed_in(access: &AccessState, to: &str, error: &SignInError) -> Response {
    let mut response = form(access, to, Some(error.to_string()));
    *response.status_mut() = match error {
        SignInError::Wrong => StatusCode::UNAUTHORIZED,
        SignInError::TooMany(_) | SignInError::TooBusy => StatusCode::TOO_MANY_REQUESTS,
    };
    if let Some(wait) = error.retry_after() {
        let seconds = wait.as_millis().div_ceil(1_000).try_into().unwrap_or(u64::MAX);
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// Warns that all clients of a proxy that is not trusted share its address, and so its limit of
/// wrong passwords.
fn warn_of_undeclared_proxy(headers: &HeaderMap, peer: &Peer, wait: Duration) {
    static WARNED: Mutex<Option<Instant>> = Mutex::new(None);
    let is_forwarded =
        ["x-forwarded-for", "forwarded", "x-real-ip", "via"].iter().any(|name| headers.contains_key(*name));
    if peer.is_proxied || !is_forwarded {
        return;
    }
    let mut warned = WARNED.lock().unwrap_or_else(PoisonError::into_inner);
    if warned.is_some_and(|at| at.elapsed() < wait) {
        return;
    }
    *warned = Some(Instant::now());
    let address = peer.address;
    tracing::warn!(
        from = %address,
        "sign-ins from this address are refused after wrong passwords, and it looks like a proxy: with --trusted-proxy {address} \
         (QUAYLIGHT_TRUSTED_PROXY) each of its clients is counted separately"
    );
}

/// Signs out: ends the session.
#[utoipa::path(
    post,
    path = SIGN_OUT,
    operation_id = "signOut",
    tag = "Sign-in",
    security(()),
    responses(
        (status = 303, description = "Signed out; redirects to /sign-in.",
         headers(("location" = String), ("set-cookie" = String))),
        PageProblems,
    )
)]
pub(in crate::http) async fn sign_out(
    caller: Caller,
    State(access): State<AccessState>,
    headers: HeaderMap,
) -> Response {
    let peer = &caller.peer;
    let is_own = |secret: &str| access.auth.of_session(secret).is_some();
    // Ended sessions no longer show which cookies are this server's own, so cookies are cleared
    // first.
    let response = cookies::SESSION.clear(redirect::to(SIGN_IN), &headers, peer, is_own);
    let ending = cookies::SESSION.values(&headers, peer).into_iter().filter(|secret| is_own(secret));
    let ending: Vec<_> = ending.map(ToOwned::to_owned).collect();
    for secret in ending.clone() {
        let auth = access.auth.clone();
        // Writes a file.
        let _ = tokio::task::spawn_blocking(move || auth.sessions().end(&secret)).await;
    }
    if !ending.is_empty() {
        access.audit.record(caller.entry("signOut"));
    }
    let mut response = response;
    // Cached responses may contain container data.
    response.headers_mut().insert("clear-site-data", HeaderValue::from_static("\"cache\""));
    response
}

/// Sets the session cookie.
pub(in crate::http) fn with_session(
    response: Response,
    access: &AccessState,
    headers: &HeaderMap,
    secret: &str,
    peer: &Peer,
) -> Response {
    let lifetime_secs = access.auth.sessions().lifetime().as_secs();
    let is_own = |secret: &str| access.auth.of_session(secret).is_some();
    cookies::SESSION.set(response, headers, secret, lifetime_secs, peer, is_own)
}
