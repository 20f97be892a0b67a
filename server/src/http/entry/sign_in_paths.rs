//! Addresses of the sign-in pages, and which paths are open to clients that are not signed in.

use crate::{http::wire::static_page, openid::RETURN_PATH};
use axum::http::{Method, request::Parts};

/// Page for signing in.
pub(in crate::http) const SIGN_IN: &str = "/sign-in";
/// Ends the session.
pub(in crate::http) const SIGN_OUT: &str = "/sign-out";
/// Redirects to the OpenID provider.
pub(in crate::http) const OPENID_BEGIN: &str = "/sign-in/oidc";
/// Where the OpenID provider redirects to.
pub(in crate::http) const OPENID_RETURN: &str = RETURN_PATH;

/// Address of the sign-in page, which redirects to `target` afterwards.
pub(in crate::http) fn sign_in_address(target: &str) -> String {
    with_target(SIGN_IN, target)
}

/// Address that starts signing in at the OpenID provider and redirects to `target` afterwards.
pub(in crate::http) fn openid_address(target: &str) -> String {
    with_target(OPENID_BEGIN, target)
}

fn with_target(path: &str, target: &str) -> String {
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

/// True if a request needs no sign-in: files of the pages, the sign-in pages, and health checks.
pub(super) fn is_public(parts: &Parts) -> bool {
    let path = parts.uri.path();
    let reads = matches!(parts.method, Method::GET | Method::HEAD);
    let files = path.starts_with("/pkg/") || path.starts_with("/favicon") || path == app::client::exchange_path();
    let health = matches!(path, "/healthz" | "/readyz" | "/robots.txt") || path == static_page::STYLE;
    (reads && (files || health)) || matches!(path, SIGN_IN | SIGN_OUT | OPENID_BEGIN | OPENID_RETURN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sign_in_address_carries_the_requested_page() {
        assert_eq!(sign_in_address("/containers?q=a&b"), "/sign-in?to=/containers%3Fq%3Da%26b");
        assert_eq!(sign_in_address("/"), "/sign-in");
    }
}
