//! What stands in front of every route: the allow-lists of hosts (against DNS rebinding) and of origins (against what other sites ask
//! for), and the headers of every answer.
//!
//! Out: the request, and with it who asks ([`Peer`]). Next: [`super::identify`].

use super::{Problem, ProblemCode, peer::Peer, still_page};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header, request::Parts},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use ipnet::IpNet;
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
    pub(super) fn allows(&self, host: &str) -> bool {
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
    let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    bare.trim_end_matches('.').to_ascii_lowercase()
}

/// What is let through.
#[derive(Debug)]
pub struct Guard {
    hosts: AllowedHosts,
    /// Besides those of the hosts themselves, as browsers write them.
    origins: Vec<String>,
    proxies: Vec<IpNet>,
}

impl Guard {
    /// `origins`: whose pages may ask, besides those of `hosts`. `proxies`: whose forwarded headers are believed.
    pub fn new(hosts: AllowedHosts, origins: &[String], proxies: &[IpNet]) -> Self {
        let origins = origins.iter().filter(|origin| !origin.is_empty()).cloned().collect();
        Self { hosts, origins, proxies: proxies.to_vec() }
    }

    /// Why a request is not answered.
    pub(super) fn refusal(&self, request: &Parts, host: &str) -> Option<Problem> {
        if !self.hosts.allows(host) {
            return Some(misdirected(host));
        }
        // A page's own files tell of nobody. Behind a proxy that changes the host, the page then runs, and can say what is refused.
        if is_file(request) {
            return None;
        }
        let text = |name: &str| request.headers.get(name).map(|value| value.to_str().unwrap_or("?"));
        let origin = text("origin");
        if let Some(origin) = origin
            && !is_own(origin, host)
            && !self.origins.contains(&origin.to_ascii_lowercase())
        {
            return Some(foreign_origin(origin, host));
        }
        let is_named = origin.is_some_and(|origin| !is_own(origin, host));
        let is_foreign = text("sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none"));
        (is_foreign && !is_named && !is_followed_link(request)).then(cross_site)
    }
}

fn is_file(request: &Parts) -> bool {
    let path = request.uri.path();
    matches!(request.method, Method::GET | Method::HEAD) && (path.starts_with("/pkg/") || path.starts_with("/favicon"))
}

/// A link to a page that was followed from elsewhere: the page is shown to a person, and to nobody else.
fn is_followed_link(request: &Parts) -> bool {
    let says = |name: &str, wanted: &str| request.headers.get(name).is_some_and(|value| value == wanted);
    let path = request.uri.path();
    let is_page = !path.starts_with("/api") && path != "/metrics";
    matches!(request.method, Method::GET | Method::HEAD)
        && is_page
        && says("sec-fetch-mode", "navigate")
        && says("sec-fetch-dest", "document")
}

/// Behind a proxy that speaks TLS the scheme is another one.
fn is_own(origin: &str, host: &str) -> bool {
    let origin = origin.parse::<Uri>().ok();
    origin.as_ref().and_then(Uri::authority).is_some_and(|authority| authority.as_str().eq_ignore_ascii_case(host))
}

pub(super) async fn check(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let peer = Peer::of(&parts, &guard.proxies);
    let host = host(&parts, &peer);
    if let Some(problem) = guard.refusal(&parts, &host) {
        return refused(problem, &parts.headers);
    }
    parts.extensions.insert(peer);
    next.run(Request::from_parts(parts, body)).await
}

/// The host that was asked for; empty where that is not clear.
fn host(parts: &Parts, peer: &Peer) -> String {
    let mut named = parts.headers.get_all(header::HOST).iter();
    let host = match (named.next(), named.next()) {
        (Some(host), None) => host.to_str().ok(),
        (None, _) => parts.uri.authority().map(|authority| authority.as_str()),
        // Two hosts: whoever stands in between may have read the other one.
        (Some(_), Some(_)) => None,
    };
    peer.forwarded_host.clone().unwrap_or_else(|| host.unwrap_or_default().to_owned())
}

/// A person is told on a page, a program as a problem.
pub(super) fn refused(problem: Problem, headers: &HeaderMap) -> Response {
    let accepts = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    if accepts.is_some_and(|accept| accept.contains("text/html")) {
        still_page::problem(&problem)
    } else {
        problem.into_response()
    }
}

fn misdirected(host: &str) -> Problem {
    let name = host_name(host).unwrap_or_else(|| "NAME".to_owned());
    tracing::warn!(host, "refused: add --allowed-hosts {name} (QUAYLIGHT_ALLOWED_HOSTS) to answer to it");
    let detail = format!("This server does not answer to the host {host:?}.");
    let hint = format!("Start it with --allowed-hosts {name} (or QUAYLIGHT_ALLOWED_HOSTS={name}) if that is its name.");
    Problem::new(ProblemCode::HostNotAllowed, detail, hint)
}

fn foreign_origin(origin: &str, host: &str) -> Problem {
    let is_plain = origin.len() <= 256 && origin.chars().all(|letter| letter.is_ascii_graphic());
    let name = if is_plain && origin.contains("://") { origin } else { "ORIGIN" };
    tracing::warn!(
        origin,
        host,
        "refused: add --allowed-origins {name} (QUAYLIGHT_ALLOWED_ORIGINS) to take requests of its pages"
    );
    let detail = format!("A page of {origin:?} asked, and this server was asked for as {host:?}.");
    let hint = format!(
        "If {name} is how this server is reached through a proxy, start it with --allowed-origins {name} (or \
         QUAYLIGHT_ALLOWED_ORIGINS={name}), or let the proxy pass the Host header on."
    );
    Problem::new(ProblemCode::CrossSite, detail, hint)
}

fn cross_site() -> Problem {
    let hint = "This server answers its own pages, links that are followed to them, and programs. The pages of another site are named \
                with --allowed-origins.";
    Problem::new(ProblemCode::CrossSite, "Another site asked for this.", hint)
}

/// What every answer says to browsers.
const HEADERS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
];

/// Of what is no page: nothing in it is to run.
const POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

pub(super) async fn security_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(POLICY);
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
        for host in [
            "",
            "evil.example",
            "localhost.evil.example",
            "192.168.1.5",
            "a@localhost",
            "127.0.0.1.nip.io",
            "localhost[::1]:80",
        ] {
            assert!(!hosts.allows(host), "{host}");
        }
    }

    #[test]
    fn an_origin_is_the_hosts_own_or_named() {
        for own in ["http://127.0.0.1:3000", "https://127.0.0.1:3000"] {
            assert!(is_own(own, "127.0.0.1:3000"), "{own}");
        }
        for other in ["http://127.0.0.1:4000", "null", "", "http://127.0.0.1:3000@evil.example"] {
            assert!(!is_own(other, "127.0.0.1:3000"), "{other}");
        }
    }
}
