//! Redirects. A target that is not a path of this server becomes the home page, which prevents open
//! redirects.
//!
//! In: targets from requests, forms, cookies and the code. Out: every redirect of this server; only
//! [`external`] leaves it.

use app::base_path::address;
use axum::response::{IntoResponse as _, Redirect, Response};

/// Home page.
const HOME: &str = "/";

/// `303 See Other` to a path of this server.
pub(in crate::http) fn to(target: &str) -> Response {
    Redirect::to(&address(own_path(target))).into_response()
}

/// `307 Temporary Redirect` to a path of this server.
pub(in crate::http) fn temporary(target: &str) -> Response {
    Redirect::temporary(&address(own_path(target))).into_response()
}

/// `308 Permanent Redirect` to a path of this server.
pub(in crate::http) fn permanent(target: &str) -> Response {
    Redirect::permanent(&address(own_path(target))).into_response()
}

/// `303 See Other` to another server from the settings: the OpenID provider.
pub(in crate::http) fn external(address: &str) -> Response {
    Redirect::to(address).into_response()
}

/// Returns `target` if it is a path of this server, otherwise the home page.
///
/// Browsers read `\` as `/` and drop tabs and line breaks, some proxies decode what is encoded, and
/// a path that begins with `//` names another server. No page of this server has an empty segment
/// or a dot segment.
pub(in crate::http) fn own_path(target: &str) -> &str {
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let is_plain = path.bytes().all(|byte| (0x21..0x7f).contains(&byte))
        && !target.bytes().any(|byte| byte <= b' ' || byte == 0x7f);
    if is_plain && is_own(path.as_bytes()) && is_own(&decoded(path)) { target } else { HOME }
}

fn is_own(path: &[u8]) -> bool {
    let is_segment = |segment: &[u8]| !matches!(segment, b"" | b"." | b"..");
    let is_unclear = |byte: &u8| byte.is_ascii_control() || *byte == b'\\';
    let Some(rest) = path.strip_prefix(b"/").filter(|rest| !rest.starts_with(b"/")) else { return false };
    // A trailing slash leaves an empty segment.
    let segments = rest.strip_suffix(b"/").unwrap_or(rest);
    (segments.is_empty() || segments.split(|byte| *byte == b'/').all(is_segment)) && !path.iter().any(is_unclear)
}

/// Decodes percent-encoding once.
fn decoded(path: &str) -> Vec<u8> {
    let bytes = path.as_bytes();
    let (mut decoded, mut place) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(byte) = bytes.get(place) {
        let digits = (*byte == b'%').then(|| path.get(place + 1..place + 3)).flatten();
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                place += 3;
            }
            None => {
                decoded.push(*byte);
                place += 1;
            }
        }
    }
    decoded
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]
    use super::*;
    use axum::http::header;

    const OWN: [&str; 10] = [
        "/",
        "/containers",
        "/containers/",
        "/containers?q=a%20b",
        "/containers?q=https://other.example//x&view=table#top",
        "/containers/1/logs?tail=5",
        "/events?since=2026-11-23T09:30:00.000%2B01:00",
        "/a%C3%A4",
        "/containers?q=ä",
        "/containers?q=..%2f..",
    ];
    const FOREIGN: [&str; 34] = [
        "",
        "containers",
        "?q=a",
        "#top",
        "//evil.example",
        "//evil.example/path",
        "///evil.example",
        "//",
        "/\\evil.example",
        "\\\\evil.example",
        "\\/evil.example",
        "/\\/evil.example",
        "https:evil.example",
        "https:/evil.example",
        "https://evil.example",
        "HTTPS://evil.example",
        "http:evil",
        "javascript:alert(1)",
        "data:text/html,x",
        "/%2Fevil.example",
        "/%2fevil.example/path",
        "/%5Cevil.example",
        "/%5cevil.example",
        "/%09/evil.example",
        "/%0a/evil.example",
        "/.//evil.example",
        "/..//evil.example",
        "/%2e%2e//evil.example",
        "/containers/../..//evil.example",
        "/containers//evil.example",
        "/a\nb",
        "/\t/evil.example",
        "/a b",
        "/ä",
    ];

    #[test]
    fn every_redirect_is_a_path_of_this_server() {
        let location =
            |response: Response| String::from_utf8(response.headers()[header::LOCATION].as_bytes().to_vec()).unwrap();
        for target in OWN {
            assert_eq!(own_path(target), target);
            assert_eq!(location(to(target)), target);
        }
        for target in FOREIGN {
            for response in [to(target), temporary(target), permanent(target)] {
                assert_eq!(location(response), "/", "{target:?}");
            }
        }
        let statuses = [to("/"), temporary("/"), permanent("/")].map(|response| response.status().as_u16());
        assert_eq!(statuses, [303, 307, 308]);
    }
}
