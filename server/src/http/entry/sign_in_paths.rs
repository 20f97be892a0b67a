//! Addresses of the sign-in pages, and which paths are open to clients that are not signed in.

use crate::{
    far::link::{ENROL_PATH, JOIN_PATH},
    http::wire::{redirect, static_page},
    openid::RETURN_PATH,
};
use axum::http::{Method, request::Parts};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Characters of a target that are percent-encoded. A slash may stay in a query.
const ENCODED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// Page for signing in.
pub(in crate::http) const SIGN_IN: &str = "/sign-in";
/// Path that ends the session.
pub(in crate::http) const SIGN_OUT: &str = "/sign-out";
/// Path that redirects to the OpenID provider.
pub(in crate::http) const OPENID_BEGIN: &str = "/sign-in/oidc";
/// Redirect target of the OpenID provider.
pub(in crate::http) const OPENID_RETURN: &str = RETURN_PATH;

/// URL of the sign-in page, which redirects to `target` afterwards.
pub(in crate::http) fn sign_in_address(target: &str) -> String {
    with_target(SIGN_IN, target)
}

/// URL that starts signing in at the OpenID provider and redirects to `target` afterwards.
pub(in crate::http) fn openid_address(target: &str) -> String {
    with_target(OPENID_BEGIN, target)
}

/// Returns the page to show after a sign-in: `target` if it is one of this server's pages,
/// otherwise the home page. Other routes may not take GET, or lead back to the sign-in.
pub(in crate::http) fn page_after_sign_in(target: Option<&str>) -> &str {
    const HOME: &str = "/";
    /// First segments of paths that are not pages.
    const OTHERS: [&str; 7] = ["sign-in", "sign-out", "api", "healthz", "readyz", "pkg", "robots.txt"];
    let target = redirect::own_path(target.unwrap_or_default());
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let first = path.split('/').nth(1).unwrap_or_default();
    let is_file = path == static_page::STYLE || path == app::client::exchange_path() || first.starts_with("favicon");
    if is_file || OTHERS.contains(&first) { HOME } else { target }
}

fn with_target(path: &str, target: &str) -> String {
    if target == "/" {
        return path.to_owned();
    }
    format!("{path}?to={}", utf8_percent_encode(target, &ENCODED))
}

/// True if a request needs no sign-in: files of the pages, the sign-in pages, health checks, and
/// what servers that join request.
pub(super) fn is_public(parts: &Parts) -> bool {
    let path = parts.uri.path();
    let reads = matches!(parts.method, Method::GET | Method::HEAD);
    let files = path.starts_with("/pkg/") || path.starts_with("/favicon") || path == app::client::exchange_path();
    let health = matches!(path, "/healthz" | "/readyz" | "/robots.txt") || path == static_page::STYLE;
    // Servers that join have keys of their own.
    let joins = matches!(path, JOIN_PATH | ENROL_PATH);
    (reads && (files || health)) || joins || matches!(path, SIGN_IN | SIGN_OUT | OPENID_BEGIN | OPENID_RETURN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_redirects_only_to_pages() {
        for page in ["/", "/containers?q=a", "/containers/ab/logs", "/events", "/realtime-test", "/sign-outs", "/apis"]
        {
            assert_eq!(page_after_sign_in(Some(page)), page);
        }
        for other in [
            "",
            "/sign-out",
            "/sign-out/",
            "/sign-out?a",
            "/sign-in",
            "/sign-in?to=/sign-out",
            "/sign-in/oidc",
            "/sign-in/callback?code=a",
            "/api/containers/ab/stop",
            "/api",
            "/healthz",
            "/pkg/quaylight.css",
            "/favicon.svg",
            static_page::STYLE,
            "//evil.example",
        ] {
            assert_eq!(page_after_sign_in(Some(other)), "/", "{other}");
        }
        assert_eq!(page_after_sign_in(None), "/");
    }

    #[test]
    fn the_sign_in_address_carries_the_requested_page() {
        assert_eq!(sign_in_address("/containers?q=a&b"), "/sign-in?to=/containers%3Fq%3Da%26b");
        assert_eq!(sign_in_address("/"), "/sign-in");
    }
}
