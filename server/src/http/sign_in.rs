//! `/sign-in` and `/sign-out`.

use super::{AppState, Problem, ProblemCode, caller::Caller, guard, identify, openid, peer::Peer, still_page};
use crate::{
    audit::{Entry, Outcome},
    auth::{Means, Password, SignInError},
};
use axum::{
    Form,
    extract::{
        Query, State,
        rejection::{FormRejection, QueryRejection},
    },
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Redirect, Response},
};
use leptos::prelude::*;
use serde::Deserialize;

/// Where one signs in.
pub(super) const PATH: &str = "/sign-in";
/// Where one signs out.
pub(super) const OUT: &str = "/sign-out";

/// What has to be open to those who have not signed in.
pub(super) fn is_way_in(path: &str) -> bool {
    matches!(path, PATH | OUT)
}

/// The page that asks for a name and leads on to `target`.
pub(super) fn address(target: &str) -> String {
    leading_to(PATH, target)
}

/// `path`, with the page that one is led on to.
pub(super) fn leading_to(path: &str, target: &str) -> String {
    if target == "/" {
        return path.to_owned();
    }
    let encoded: String = target.bytes().map(encoded).collect();
    format!("{path}?to={encoded}")
}

fn encoded(byte: u8) -> String {
    match byte {
        b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'.' | b'_' | b'~' | b'/' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    }
}

/// A page of this server, or the first.
pub(super) fn own_page(target: Option<&str>) -> &str {
    let is_own = |target: &&str| {
        let second = target.as_bytes().get(1);
        target.starts_with('/')
            && !matches!(second, Some(b'/' | b'\\'))
            && target.bytes().all(|byte| (0x21..0x7f).contains(&byte))
    };
    target.filter(is_own).unwrap_or("/")
}

/// The query of the page.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Target {
    pub(super) to: Option<String>,
}

/// What is sent by the page.
#[derive(Deserialize)]
pub(super) struct Credentials {
    name: String,
    password: String,
    to: Option<String>,
}

pub(super) async fn show(caller: Caller, query: Result<Query<Target>, QueryRejection>) -> Response {
    let Target { to } = query.map(|Query(query)| query).unwrap_or_default();
    let to = own_page(to.as_deref());
    if !caller.state.auth.is_required() || caller.identity.means != Means::Nothing {
        return Redirect::to(to).into_response();
    }
    form(&caller.state, to, None)
}

/// The page, and what went wrong before it.
pub(super) fn form(state: &AppState, to: &str, wrong: Option<String>) -> Response {
    let wrong = wrong.map(|error| view! { <p class="wrong" role="alert">{error}</p> });
    let has_users = !state.auth.accounts().users().is_empty();
    let link = state.openid.as_ref().map(|_| {
        view! { <a class="button" href=openid::address(to)>"Sign in with OpenID"</a> }
    });
    let to = to.to_owned();
    let fields = has_users.then(|| {
        view! {
            <form method="post" action=PATH>
                <input type="hidden" name="to" value=to />
                <label for="name">"Name"</label>
                <input id="name" name="name" autocomplete="username" autocapitalize="none" required autofocus />
                <label for="password">"Password"</label>
                <input id="password" name="password" type="password" autocomplete="current-password" required />
                <button type="submit">"Sign in"</button>
            </form>
        }
    });
    let nobody = (!has_users && link.is_none()).then(|| {
        view! { <p class="hint">"There is nobody who could. On the server, run: quaylight user add NAME --role admin"</p> }
    });
    still_page::page("Sign in", (), view! { <h1>"Sign in"</h1> {wrong} {fields} {link} {nobody} })
}

pub(super) async fn sign_in(
    State(state): State<AppState>,
    axum::Extension(peer): axum::Extension<Peer>,
    credentials: Result<Form<Credentials>, FormRejection>,
) -> Response {
    let Ok(Form(Credentials { name, password, to })) = credentials else {
        let hint = "Send name and password as a form, as the page at /sign-in does.";
        return Problem::new(ProblemCode::Malformed, "That was no form of a sign-in.", hint).into_response();
    };
    let to = own_page(to.as_deref());
    let entry = Entry::new("signIn", &name, "session", peer.address);
    match state.auth.sign_in(&name, Password::new(password), peer.address).await {
        Ok(secret) => {
            state.audit.record(entry);
            with_cookie(
                Redirect::to(to).into_response(),
                secret.expose(),
                state.auth.sessions().lifetime().as_secs(),
                &peer,
            )
        }
        Err(error) => {
            state.audit.record(entry.ended(Outcome::Denied, Some(&error.to_string())));
            let mut response = form(&state, to, Some(error.to_string()));
            *response.status_mut() = StatusCode::UNAUTHORIZED;
            if let SignInError::TooMany(wait) = error {
                *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
            }
            response
        }
    }
}

pub(super) async fn sign_out(caller: Caller, headers: HeaderMap) -> Response {
    if let Some(secret) = identify::cookie(&headers, identify::COOKIE) {
        caller.state.auth.sessions().end(secret);
        caller.state.audit.record(caller.entry("signOut"));
    }
    let mut response = with_cookie(Redirect::to(PATH).into_response(), "", 0, &caller.peer);
    // Whatever this browser kept of what was seen.
    response.headers_mut().insert("clear-site-data", HeaderValue::from_static("\"cache\""));
    response
}

/// Gives the browser its session, or takes it (`lifetime_secs` 0).
pub(super) fn with_cookie(mut response: Response, secret: &str, lifetime_secs: u64, peer: &Peer) -> Response {
    let secure = if peer.is_secure { "; Secure" } else { "" };
    let cookie =
        format!("{}={secret}; HttpOnly; SameSite=Strict; Path=/; Max-Age={lifetime_secs}{secure}", identify::COOKIE);
    match HeaderValue::from_str(&cookie) {
        Ok(cookie) => {
            response.headers_mut().append(header::SET_COOKIE, cookie);
            response
        }
        // A secret is hexadecimal digits.
        Err(_) => guard::refused(Problem::bad_id(), &HeaderMap::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_led_to_pages_of_this_server_alone() {
        for own in ["/", "/containers?q=a%20b", "/containers/1"] {
            assert_eq!(own_page(Some(own)), own);
        }
        for other in
            ["", "//evil.example", "/\\evil.example", "https://evil.example", "/a\nb", "javascript:alert(1)", "/ä"]
        {
            assert_eq!(own_page(Some(other)), "/", "{other}");
        }
        assert_eq!(address("/containers?q=a&b"), "/sign-in?to=/containers%3Fq%3Da%26b");
        assert_eq!(address("/"), "/sign-in");
    }
}
