//! What stands in front of every route: the Host allow-list (against DNS rebinding), and the refusal of changes that another
//! site asks for.

use super::Problem;
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

/// The hosts this server answers to.
#[derive(Debug, Clone)]
pub struct AllowedHosts {
    listen: SocketAddr,
    named: Vec<String>,
}

impl AllowedHosts {
    /// Loopback, the listening address, and `named` (without ports, any case).
    pub fn new(listen: SocketAddr, named: &[String]) -> Self {
        // An empty name comes of a variable that is set to nothing.
        let named = named.iter().map(|host| normal(host)).filter(|host| !host.is_empty());
        Self { listen, named: named.collect() }
    }

    /// Whether a `Host` header's value may be answered; the port does not matter.
    fn allows(&self, host: &str) -> bool {
        let Some(name) = host_name(host) else { return false };
        if name == "localhost" || name.ends_with(".localhost") || self.named.contains(&name) {
            return true;
        }
        match name.parse::<IpAddr>() {
            // An address cannot be rebound, so a server that listens everywhere answers to any.
            Ok(ip) => ip.is_loopback() || ip == self.listen.ip() || self.listen.ip().is_unspecified(),
            Err(_) => false,
        }
    }
}

/// The name in `name`, `name:port` or `[v6]:port`, as [`normal`] writes it.
fn host_name(host: &str) -> Option<String> {
    let authority: axum::http::uri::Authority = host.parse().ok()?;
    if host.contains('@') {
        return None;
    }
    Some(normal(authority.host()))
}

/// In lower case, without the root's dot and an address's brackets.
fn normal(name: &str) -> String {
    name.trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase()
}

pub(super) async fn check(State(hosts): State<Arc<AllowedHosts>>, request: Request, next: Next) -> Response {
    let mut named = request.headers().get_all(header::HOST).iter();
    let host = match (named.next(), named.next()) {
        (Some(host), None) => host.to_str().ok(),
        (None, _) => request.uri().authority().map(|authority| authority.as_str()),
        // Two hosts: whoever stands in between may have read the other one.
        (Some(_), Some(_)) => None,
    };
    let host = host.unwrap_or_default();
    if !hosts.allows(host) {
        return misdirected(host).into_response();
    }
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if !reads && is_cross_site(request.headers(), host) {
        let detail = "Another site asked for this change.";
        let hint = "Changes are taken from this server's own pages and from programs that send no Origin.";
        return Problem::new(StatusCode::FORBIDDEN, "cross_site", detail, hint).into_response();
    }
    next.run(request).await
}

fn misdirected(host: &str) -> Problem {
    let name = host_name(host).unwrap_or_else(|| "NAME".to_owned());
    tracing::warn!(host, "refused: add --allowed-hosts {name} (QUAYLIGHT_ALLOWED_HOSTS) to answer to it");
    let detail = format!("This server does not answer to the host {host:?}.");
    let hint = format!("Start it with --allowed-hosts {name} (or QUAYLIGHT_ALLOWED_HOSTS={name}) if that is its name.");
    Problem::new(StatusCode::MISDIRECTED_REQUEST, "host_not_allowed", detail, hint)
}

/// Programs send neither header; browsers send at least one with every change.
fn is_cross_site(headers: &HeaderMap, host: &str) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let foreign_fetch = text("sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none"));
    let foreign_origin = text("origin").is_some_and(|origin| {
        let origin = origin.parse::<Uri>().ok();
        !origin.as_ref().and_then(Uri::authority).is_some_and(|authority| authority.as_str().eq_ignore_ascii_case(host))
    });
    foreign_fetch || foreign_origin
}

pub(super) async fn security_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_hosts_are_answered() {
        let hosts = AllowedHosts::new(SocketAddr::from(([127, 0, 0, 1], 3000)), &["Quay.example.org".to_owned()]);
        for host in ["localhost:3000", "127.0.0.1", "[::1]:3000", "quay.example.org", "QUAY.example.org.:80"] {
            assert!(hosts.allows(host), "{host}");
        }
        for host in ["", "evil.example", "localhost.evil.example", "192.168.1.5", "a@localhost", "127.0.0.1.nip.io"] {
            assert!(!hosts.allows(host), "{host}");
        }
    }

    #[test]
    fn a_change_another_site_asks_for_is_told_apart() {
        let with = |name: &'static str, value: &'static str| {
            let headers =
                HeaderMap::from_iter([(header::HeaderName::from_static(name), HeaderValue::from_static(value))]);
            is_cross_site(&headers, "127.0.0.1:3000")
        };
        assert!(!is_cross_site(&HeaderMap::new(), "127.0.0.1:3000"));
        assert!(!with("origin", "http://127.0.0.1:3000") && !with("sec-fetch-site", "same-origin"));
        assert!(
            with("origin", "http://127.0.0.1:4000") && with("origin", "null") && with("sec-fetch-site", "cross-site")
        );
    }
}
