//! What stands in front of every route: the allow-lists of hosts (against DNS rebinding) and of origins (against what other sites ask
//! for), and the headers of every answer.
//!
//! Out: the request, and with it who asks ([`Peer`]). Next: [`super::identify`].

use super::{header_warnings, peer::Peer};
use crate::http::wire::{
    problem::{Problem, ProblemCode},
    static_page,
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
    pub(in crate::http) fn allows(&self, host: &str) -> bool {
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
    /// Whether browsers reach this server by https, as the settings say.
    is_secure: bool,
}

impl Guard {
    /// `origins`: whose pages may ask, besides those of `hosts`. `proxies`: whose forwarded headers are believed.
    pub fn new(hosts: AllowedHosts, origins: &[String], proxies: &[IpNet]) -> Self {
        let origins = origins.iter().filter(|origin| !origin.is_empty()).cloned().collect();
        Self { hosts, origins, proxies: proxies.to_vec(), is_secure: false }
    }

    /// The same, where browsers reach this server at `url`, if there is one.
    pub fn at(self, url: Option<&str>) -> Self {
        Self { is_secure: url.is_some_and(|url| url.starts_with("https:")), ..self }
    }

    /// The reason for which a request is refused.
    pub(in crate::http) fn refusal(&self, request: &Parts, peer: &Peer) -> Option<Problem> {
        if let Some(problem) = form(request) {
            return Some(problem);
        }
        if let Some(problem) = self.hosts_refusal(request, peer) {
            return Some(problem);
        }
        let host = peer.host.as_str();
        // A page's own files tell of nobody. Behind a proxy that changes the host, the page then runs, and can say what is refused.
        if is_file(request) {
            return None;
        }
        let mut is_named = false;
        for origin in request.headers.get_all(header::ORIGIN) {
            let Ok(origin) = origin.to_str() else {
                header_warnings::refused("origin", origin, "it is not ASCII", peer.address);
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

    /// Every host that the request names has to be one of this server's: where the browser itself is at a trusted address, the
    /// forwarded one is the word of any page.
    fn hosts_refusal(&self, request: &Parts, peer: &Peer) -> Option<Problem> {
        let forwarded = peer.forwarded_host.as_deref();
        // A proxy may call its upstream by a name of one word, which no page of the Internet can have.
        let allows = |host: &str| self.hosts.allows(host) || (forwarded.is_some() && is_one_word(host));
        let mut named = request.headers.get_all(header::HOST).iter();
        let target = request.uri.authority().map(|authority| authority.as_str());
        match (named.next(), named.next(), target) {
            (Some(_), Some(_), _) => {
                // Whoever stands in between may have read the other one.
                return Some(misdirected("", "it has two Host headers", peer));
            }
            (None, _, None) if forwarded.is_none() => return Some(misdirected("", "it has no Host header", peer)),
            (Some(value), ..) => match value.to_str() {
                Ok(host) if allows(host) => {}
                Ok(host) => return Some(misdirected(host, "", peer)),
                Err(_) => {
                    header_warnings::refused("host", value, "it is not ASCII", peer.address);
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
                    header_warnings::refused("x-forwarded-host", &value, "it is not ASCII", peer.address);
                }
                Some(misdirected("", "its X-Forwarded-Host header is not ASCII", peer))
            }
        }
    }

    /// Whether the browser uses https: by the proxy's word, its own, or, for what it keeps, the settings.
    fn look_at_scheme(&self, request: &Parts, peer: &mut Peer) {
        let origin = request.headers.get(header::ORIGIN).map(HeaderValue::as_bytes);
        peer.is_secure |= origin.is_some_and(|origin| origin.starts_with(b"https://"));
        // Past the proxy, at a plain address, a browser says so when it signs in, and would not keep such a cookie.
        peer.keeps_secure = peer.is_secure || (self.is_secure && origin.is_none());
    }
}

/// Methods that some address takes.
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, DELETE");

/// Requests that are for no address of a server: tunnels, echoes, and targets without a path.
fn form(request: &Parts) -> Option<Problem> {
    let is_path = request.uri.path().starts_with('/');
    let is_http = request.uri.scheme_str().is_none_or(|scheme| matches!(scheme, "http" | "https"));
    let is_method = !matches!(request.method, Method::CONNECT | Method::TRACE);
    if is_method && is_path && is_http {
        return None;
    }
    let is_wrong_method = !is_method || request.method == Method::OPTIONS;
    let (code, detail) = if is_wrong_method {
        (ProblemCode::WrongMethod, "This server is no proxy, and does not take this method.")
    } else {
        (ProblemCode::Malformed, "The target of the request is no path of this server.")
    };
    Some(Problem::new(code, detail, "Ask for a path, such as GET /api/containers."))
}

/// A name without a dot, as services of Docker and upstreams of nginx have it.
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

pub(in crate::http) async fn check(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let mut peer = Peer::of(&parts, &guard.proxies);
    peer.host = host(&parts, &peer);
    if let Some(problem) = guard.refusal(&parts, &peer) {
        let is_method = problem.words().0 == StatusCode::METHOD_NOT_ALLOWED;
        let mut response = refused(problem, &parts.headers);
        if is_method {
            response.headers_mut().insert(header::ALLOW, METHODS);
        }
        return response;
    }
    // The host has been looked at: behind this there are paths alone.
    let target = parts.uri.path_and_query().cloned().map(Uri::from);
    parts.uri = target.unwrap_or_default();
    guard.look_at_scheme(&parts, &mut peer);
    parts.extensions.insert(peer);
    next.run(Request::from_parts(parts, body)).await
}

/// The host in the browser's address bar; empty where that is not clear.
pub(in crate::http) fn host(parts: &Parts, peer: &Peer) -> String {
    let named = parts.headers.get(header::HOST).map(HeaderValue::as_bytes);
    let target = parts.uri.authority().map(|authority| authority.as_str().as_bytes());
    let host = peer.forwarded_host.as_deref().or(named).or(target);
    host.and_then(|host| str::from_utf8(host).ok()).unwrap_or_default().to_owned()
}

/// A person is told on a page, a program as a problem.
pub(in crate::http) fn refused(problem: Problem, headers: &HeaderMap) -> Response {
    let accepts = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    if accepts.is_some_and(|accept| accept.contains("text/html")) {
        static_page::problem(&problem)
    } else {
        problem.into_response()
    }
}

/// `reason`: why there is no host, if there is none.
fn misdirected(host: &str, reason: &str, peer: &Peer) -> Problem {
    let shown: &str = &short(host);
    let name = host_name(shown).filter(|name| !name.is_empty()).unwrap_or_else(|| "NAME".to_owned());
    if let Some(left_out) = header_warnings::turn(&format!("host {shown} {reason}")) {
        let from = peer.address;
        tracing::warn!(host = shown, reason, %from, left_out, "refused: add --allowed-hosts {name} (QUAYLIGHT_ALLOWED_HOSTS) to answer to it");
    }
    let detail = match reason {
        "" => format!("This server does not answer to the host {shown:?}."),
        reason => format!("The request does not say for which host it is: {reason}."),
    };
    let hint = format!("Start it with --allowed-hosts {name} (or QUAYLIGHT_ALLOWED_HOSTS={name}) if that is its name.");
    Problem::new(ProblemCode::HostNotAllowed, detail, hint)
}

/// Of a host in a message: no name is longer.
const MAX_HOST_LEN: usize = 256;

fn short(text: &str) -> String {
    text.chars().take(MAX_HOST_LEN).collect()
}

fn foreign_origin(origin: &str, host: &str) -> Problem {
    let is_plain = origin.len() <= 256 && origin.chars().all(|letter| letter.is_ascii_graphic());
    let name = if is_plain && origin.contains("://") { origin } else { "ORIGIN" };
    let (origin, host): (&str, &str) = (&short(origin), &short(host));
    if let Some(left_out) = header_warnings::turn(&format!("origin {origin} {host}")) {
        tracing::warn!(
            origin,
            host,
            left_out,
            "refused: add --allowed-origins {name} (QUAYLIGHT_ALLOWED_ORIGINS) to take requests of its pages"
        );
    }
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
    fn names_of_one_word_are_a_proxys_own() {
        for word in ["quay", "quay:3000", "quay_light-1"] {
            assert!(is_one_word(word), "{word}");
        }
        for other in ["", "evil.example", "1234", "0x7f000001", "[::1]", "a@b", "quay/", "a b"] {
            assert!(!is_one_word(other), "{other}");
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
