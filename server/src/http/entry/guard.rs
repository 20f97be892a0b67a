//! Checks every request before its route: allowed hosts (against DNS rebinding) and allowed origins
//! (against requests from other sites). Adds the security headers to every response.
//!
//! Out: the request with its [`Peer`]. Next: [`super::identify`].

use super::{base_path::AtRoot, header_warnings, peer::Peer};
use crate::http::wire::{
    problem::{Problem, ProblemCode},
    static_page,
    turned::Turned,
};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header, request::Parts},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use ipnet::IpNet;
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

/// Hosts that this server serves.
#[derive(Debug, Clone)]
pub struct AllowedHosts {
    listen: SocketAddr,
    named: Vec<String>,
}

impl AllowedHosts {
    /// Loopback addresses, the listening address, and `named` (without ports, in any case).
    pub fn new(listen: SocketAddr, named: &[String]) -> Self {
        // An environment variable may be set to nothing.
        let named = named.iter().map(|host| normal(host)).filter(|host| !host.is_empty());
        Self { listen, named: named.collect() }
    }

    /// True if a `Host` header is allowed; the port does not matter.
    pub(in crate::http) fn allows(&self, host: &str) -> bool {
        let Some(name) = host_name(host) else { return false };
        if name == "localhost" || name.ends_with(".localhost") || self.named.contains(&name) {
            return true;
        }
        match name.parse::<IpAddr>() {
            // DNS rebinding needs a name, so a server that listens on every address allows any
            // address.
            Ok(ip) => ip.is_loopback() || ip == self.listen.ip() || self.listen.ip().is_unspecified(),
            Err(_) => false,
        }
    }
}

/// The name in `name`, `name:port` or `[v6]:port`, normalized by [`normal`].
fn host_name(host: &str) -> Option<String> {
    let authority: axum::http::uri::Authority = host.parse().ok()?;
    if host.contains('@') {
        return None;
    }
    Some(normal(authority.host()))
}

/// Converts a host name to lower case, and removes the trailing dot and the brackets of an address.
fn normal(name: &str) -> String {
    let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    bare.trim_end_matches('.').to_ascii_lowercase()
}

/// Rules for allowed requests.
#[derive(Debug)]
pub struct Guard {
    hosts: AllowedHosts,
    /// Allowed origins besides those of the hosts themselves, as browsers write them.
    origins: Vec<String>,
    proxies: Vec<IpNet>,
    /// True if browsers use https according to the settings.
    is_secure: bool,
}

impl Guard {
    /// Creates a guard. `origins` are allowed in addition to those of `hosts`. `proxies` are
    /// proxies whose forwarding headers are trusted.
    pub fn new(hosts: AllowedHosts, origins: &[String], proxies: &[IpNet]) -> Self {
        let origins = origins.iter().filter(|origin| !origin.is_empty()).cloned().collect();
        Self { hosts, origins, proxies: proxies.to_vec(), is_secure: false }
    }

    /// Returns the guard for a server whose public address is `url`.
    pub fn at(self, url: Option<&str>) -> Self {
        Self { is_secure: url.is_some_and(|url| url.starts_with("https:")), ..self }
    }

    /// The reason to refuse a request, if there is one.
    pub(in crate::http) fn refusal(&self, request: &Parts, peer: &Peer) -> Option<Problem> {
        if let Some(problem) = form_refusal(request) {
            return Some(problem);
        }
        if let Some(problem) = self.hosts_refusal(request, peer) {
            return Some(problem);
        }
        if let Some(root) = request.extensions.get::<AtRoot>().filter(|_| peer.is_forwarded) {
            return Some(root.refusal());
        }
        let host = peer.host.as_str();
        // Files of the pages hold no data. Behind a proxy that changes the host, the page then runs
        // and can name what is refused.
        if is_file(request) {
            return None;
        }
        let mut is_named = false;
        for origin in request.headers.get_all(header::ORIGIN) {
            let Ok(origin) = origin.to_str() else {
                header_warnings::warn_refused("origin", origin, "it is not ASCII", peer.address);
                return Some(cross_site());
            };
            let is_own = is_own(origin, host);
            if !is_own && !self.origins.contains(&origin.to_ascii_lowercase()) {
                return Some(foreign_origin(origin, host));
            }
            is_named |= !is_own;
        }
        let site = request.headers.get("sec-fetch-site")?;
        let is_foreign = !matches!(site.as_bytes(), b"same-origin" | b"none");
        (is_foreign && !is_named && !is_followed_link(request)).then(cross_site)
    }

    /// Checks every host that the request names. If the browser itself has a trusted address, any
    /// page can set the forwarded host.
    fn hosts_refusal(&self, request: &Parts, peer: &Peer) -> Option<Problem> {
        let forwarded = peer.forwarded_host.as_deref();
        // A proxy may use a single-label name for its upstream, which is never a name on the
        // Internet.
        let allows = |host: &str| self.hosts.allows(host) || (forwarded.is_some() && is_one_word(host));
        let mut named = request.headers.get_all(header::HOST).iter();
        let target = request.uri.authority().map(|authority| authority.as_str());
        match (named.next(), named.next(), target) {
            (Some(_), Some(_), _) => {
                // A proxy in between may have read the other one.
                return Some(misdirected("", "it has two Host headers", peer));
            }
            (None, _, None) if forwarded.is_none() => return Some(misdirected("", "it has no Host header", peer)),
            (Some(value), ..) => match value.to_str() {
                Ok(host) if allows(host) => {}
                Ok(host) => return Some(misdirected(host, "", peer)),
                Err(_) => {
                    header_warnings::warn_refused("host", value, "it is not ASCII", peer.address);
                    return Some(misdirected("", "its Host header is not ASCII", peer));
                }
            },
            (None, ..) => {}
        }
        if let Some(target) = target.filter(|target| !allows(target)) {
            return Some(misdirected(target, "", peer));
        }
        let forwarded = forwarded?;
        match str::from_utf8(forwarded) {
            Ok(host) if self.hosts.allows(host) => None,
            Ok(host) => Some(misdirected(host, "", peer)),
            Err(_) => {
                if let Ok(value) = HeaderValue::from_bytes(forwarded) {
                    header_warnings::warn_refused("x-forwarded-host", &value, "it is not ASCII", peer.address);
                }
                Some(misdirected("", "its X-Forwarded-Host header is not ASCII", peer))
            }
        }
    }

    /// Detects whether the browser uses https: from the proxy, from the browser's `Origin`, or, for
    /// cookies, from the settings.
    fn detect_scheme(&self, request: &Parts, peer: &mut Peer) {
        let origin = request.headers.get(header::ORIGIN).map(HeaderValue::as_bytes);
        peer.is_secure |= origin.is_some_and(|origin| origin.starts_with(b"https://"));
        // A browser that bypasses the proxy over http sends its origin when it signs in, and would
        // not keep a secure cookie.
        peer.keeps_secure = peer.is_secure || (self.is_secure && origin.is_none());
    }
}

/// Methods that any route supports.
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, DELETE");

/// Refuses requests that are meant for a forward proxy: CONNECT, TRACE, and targets without a path.
fn form_refusal(request: &Parts) -> Option<Problem> {
    let is_path = request.uri.path().starts_with('/');
    let is_http = request.uri.scheme_str().is_none_or(|scheme| matches!(scheme, "http" | "https"));
    let is_method = !matches!(request.method, Method::CONNECT | Method::TRACE);
    if is_method && is_path && is_http {
        return None;
    }
    let is_wrong_method = !is_method || request.method == Method::OPTIONS;
    let (code, detail) = if is_wrong_method {
        (ProblemCode::WrongMethod, "This server is not a proxy and does not support this method.")
    } else {
        (ProblemCode::Malformed, "The target of the request is not a path.")
    };
    Some(Problem::new(code, detail, "Request a path, such as GET /api/containers."))
}

/// True for a name without a dot, such as those of Docker services and nginx upstreams.
fn is_one_word(host: &str) -> bool {
    host_name(host).is_some_and(|name| {
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        name.bytes().all(is_letter) && name.bytes().any(|byte| byte.is_ascii_alphabetic()) && !name.starts_with("0x")
    })
}

fn is_file(request: &Parts) -> bool {
    let path = request.uri.path();
    matches!(request.method, Method::GET | Method::HEAD) && (path.starts_with("/pkg/") || path.starts_with("/favicon"))
}

/// True for a followed link from another site to a page: the response goes to a new document, which
/// the other site cannot read.
fn is_followed_link(request: &Parts) -> bool {
    let has = |name: &str, wanted: &str| request.headers.get(name).is_some_and(|value| value == wanted);
    let path = request.uri.path();
    let is_page = !path.starts_with("/api") && path != "/metrics";
    matches!(request.method, Method::GET | Method::HEAD)
        && is_page
        && has("sec-fetch-mode", "navigate")
        && has("sec-fetch-dest", "document")
}

/// True if the origin is the host's own. Only the authority is compared, because behind a proxy
/// with TLS the scheme differs.
fn is_own(origin: &str, host: &str) -> bool {
    let origin = origin.parse::<Uri>().ok();
    origin.as_ref().and_then(Uri::authority).is_some_and(|authority| authority.as_str().eq_ignore_ascii_case(host))
}

pub(in crate::http) async fn check(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let is_turned = parts.extensions.get::<Turned>().is_some();
    let mut peer = Peer::of(&parts, if is_turned { &[] } else { &guard.proxies });
    peer.host = host(&parts, &peer);
    if let Some(problem) = guard.refusal(&parts, &peer) {
        let is_method = problem.words().0 == StatusCode::METHOD_NOT_ALLOWED;
        let mut response = refused(problem, &parts.headers);
        if is_method {
            response.headers_mut().insert(header::ALLOW, METHODS);
        }
        return response;
    }
    // The host is checked. From here on, only the path matters.
    let target = parts.uri.path_and_query().cloned().map(Uri::from);
    parts.uri = target.unwrap_or_default();
    guard.detect_scheme(&parts, &mut peer);
    parts.extensions.insert(peer);
    next.run(Request::from_parts(parts, body)).await
}

/// Host in the browser's address bar; empty if unclear.
pub(in crate::http) fn host(parts: &Parts, peer: &Peer) -> String {
    let named = parts.headers.get(header::HOST).map(HeaderValue::as_bytes);
    let target = parts.uri.authority().map(|authority| authority.as_str().as_bytes());
    let host = peer.forwarded_host.as_deref().or(named).or(target);
    host.and_then(|host| str::from_utf8(host).ok()).unwrap_or_default().to_owned()
}

/// A refusal: an HTML page for browsers, a problem for other clients.
pub(in crate::http) fn refused(problem: Problem, headers: &HeaderMap) -> Response {
    let accepts = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    if accepts.is_some_and(|accept| accept.contains("text/html")) {
        static_page::problem(&problem)
    } else {
        problem.into_response()
    }
}

/// The refusal for an unknown host. `reason` says why there is no host, if there is none.
fn misdirected(host: &str, reason: &str, peer: &Peer) -> Problem {
    let shown: &str = &short(host);
    let name = host_name(shown).filter(|name| !name.is_empty()).unwrap_or_else(|| "NAME".to_owned());
    if let Some(suppressed) = header_warnings::next_line(&format!("host {shown} {reason}")) {
        let from = peer.address;
        tracing::warn!(host = shown, reason, %from, suppressed, "refused: add --allowed-hosts {name} (QUAYLIGHT_ALLOWED_HOSTS) to serve this host");
    }
    let detail = match reason {
        "" => format!("This server does not serve the host {shown:?}."),
        reason => format!("The request has no valid host: {reason}."),
    };
    let hint = format!("Start it with --allowed-hosts {name} (or QUAYLIGHT_ALLOWED_HOSTS={name}) if that is its name.");
    Problem::new(ProblemCode::HostNotAllowed, detail, hint)
}

/// Maximum length of hosts in messages: longer than any valid name.
const MAX_HOST_LEN: usize = 256;

fn short(text: &str) -> String {
    text.chars().take(MAX_HOST_LEN).collect()
}

fn foreign_origin(origin: &str, host: &str) -> Problem {
    let is_plain = origin.len() <= 256 && origin.chars().all(|letter| letter.is_ascii_graphic());
    let name = if is_plain && origin.contains("://") { origin } else { "ORIGIN" };
    let (origin, host): (&str, &str) = (&short(origin), &short(host));
    if let Some(suppressed) = header_warnings::next_line(&format!("origin {origin} {host}")) {
        tracing::warn!(
            origin,
            host,
            suppressed,
            "refused: add --allowed-origins {name} (QUAYLIGHT_ALLOWED_ORIGINS) to allow requests from its pages"
        );
    }
    let detail = format!("The request comes from a page of {origin:?}, but this server was requested as {host:?}.");
    let hint = format!(
        "If {name} is how this server is reached through a proxy, start it with --allowed-origins {name} (or \
         QUAYLIGHT_ALLOWED_ORIGINS={name}), or let the proxy pass the Host header on."
    );
    Problem::new(ProblemCode::CrossSite, detail, hint)
}

fn cross_site() -> Problem {
    let hint = "Only this server's own pages, links to them, and programs are allowed. Allow the pages of another site with \
                --allowed-origins.";
    Problem::new(ProblemCode::CrossSite, "Another site sent this request.", hint)
}

/// Headers of every response.
const HEADERS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
];

/// Content security policy of responses that are not pages: allows nothing.
const POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

pub(in crate::http) async fn security_headers(request: Request, next: Next) -> Response {
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
    fn only_allowed_hosts_are_served() {
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
    fn single_label_host_names_are_detected() {
        for word in ["quay", "quay:3000", "quay_light-1"] {
            assert!(is_one_word(word), "{word}");
        }
        for other in ["", "evil.example", "1234", "0x7f000001", "[::1]", "a@b", "quay/", "a b"] {
            assert!(!is_one_word(other), "{other}");
        }
    }

    #[test]
    fn an_origin_is_allowed_if_same_host_or_configured() {
        for own in ["http://127.0.0.1:3000", "https://127.0.0.1:3000"] {
            assert!(is_own(own, "127.0.0.1:3000"), "{own}");
        }
        for other in ["http://127.0.0.1:4000", "null", "", "http://127.0.0.1:3000@evil.example"] {
            assert!(!is_own(other, "127.0.0.1:3000"), "{other}");
        }
    }
}
