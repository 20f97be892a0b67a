//! Cookies of this server: their names and attributes.
//!
//! Browsers send a cookie to every port of a host. If another server on this host uses the same
//! name, this one adds its port to the name. Over https the prefix `__Host-` keeps other hosts of
//! the domain from setting the cookie.

use super::{guard, peer::Peer};
use crate::http::wire::problem::Problem;
use app::base_path;
use axum::{
    http::{HeaderMap, HeaderValue, header, uri::Authority},
    response::Response,
};

/// Maximum number of values of one request that are checked: a browser has one or two.
const MAX_VALUES: usize = 8;
const HOST_PREFIX: &str = "__Host-";
/// Prefix of cookies below a base path, where `__Host-` is not allowed.
const SECURE_PREFIX: &str = "__Secure-";

/// One kind of cookie.
#[derive(Debug)]
pub(in crate::http) struct Cookie {
    stem: &'static str,
    same_site: &'static str,
}

/// The session. Sent to this server's pages only, and not readable by scripts.
pub(in crate::http) const SESSION: Cookie = Cookie { stem: "quaylight-session", same_site: "Strict" };
/// Identifies a browser that has signed in before; grants nothing.
pub(in crate::http) const DEVICE: Cookie = Cookie { stem: "quaylight-device", same_site: "Strict" };
/// Identifies a browser that returns from the OpenID provider. Not `Strict`, because the browser
/// comes from another site.
pub(in crate::http) const OPENID: Cookie = Cookie { stem: "quaylight-openid", same_site: "Lax" };

impl Cookie {
    /// The name, without prefix and port.
    pub(in crate::http) const fn stem(&self) -> &'static str {
        self.stem
    }

    /// The values in a request, the most likely first.
    pub(in crate::http) fn values<'a>(&self, headers: &'a HeaderMap, peer: &Peer) -> Vec<&'a str> {
        let names = self.names(peer);
        let of_name = |name: String| request_cookies(headers).filter(move |(key, _)| *key == name.as_bytes());
        let values = names.into_iter().flat_map(of_name).filter_map(|(_, value)| str::from_utf8(value).ok());
        values.filter(|value| !value.is_empty()).take(MAX_VALUES).collect()
    }

    /// Sets the cookie. `is_own`: whether this server set an existing value.
    pub(in crate::http) fn set(
        &self,
        response: Response,
        headers: &HeaderMap,
        value: &str,
        lifetime_secs: u64,
        peer: &Peer,
        is_own: impl Fn(&str) -> bool,
    ) -> Response {
        let plain = self.name(peer.keeps_secure, None);
        let is_foreign = |value: &[u8]| !value.is_empty() && !str::from_utf8(value).is_ok_and(&is_own);
        let is_taken = request_cookies(headers).any(|(key, value)| key == plain.as_bytes() && is_foreign(value));
        let name = if is_taken { self.name(peer.keeps_secure, Some(peer)) } else { plain };
        self.append(response, &name, value, lifetime_secs, peer.keeps_secure)
    }

    /// Removes every value for which `is_own` is true.
    pub(in crate::http) fn clear(
        &self,
        mut response: Response,
        headers: &HeaderMap,
        peer: &Peer,
        is_own: impl Fn(&str) -> bool,
    ) -> Response {
        for name in self.names(peer) {
            let is_mine = |value: &[u8]| str::from_utf8(value).is_ok_and(&is_own);
            if request_cookies(headers).any(|(key, value)| key == name.as_bytes() && is_mine(value)) {
                response = self.append(response, &name, "", 0, peer.keeps_secure || name.starts_with("__"));
            }
        }
        response
    }

    fn append(&self, mut response: Response, name: &str, value: &str, lifetime_secs: u64, is_secure: bool) -> Response {
        let (same_site, secure) = (self.same_site, if is_secure { "; Secure" } else { "" });
        let path = base_path::address("/");
        let cookie =
            format!("{name}={value}; HttpOnly; SameSite={same_site}; Path={path}; Max-Age={lifetime_secs}{secure}");
        match HeaderValue::from_str(&cookie) {
            Ok(cookie) => {
                response.headers_mut().append(header::SET_COOKIE, cookie);
                response
            }
            // Unreachable: a secret consists of hexadecimal digits.
            Err(_) => guard::refused(Problem::bad_id(), &HeaderMap::new()),
        }
    }

    fn name(&self, is_secure: bool, at: Option<&Peer>) -> String {
        let prefix = match (is_secure, &*base_path::current()) {
            (false, _) => "",
            (true, "") => HOST_PREFIX,
            // `__Host-` requires the path `/`, which would send the cookie to other programs on
            // this host.
            (true, _) => SECURE_PREFIX,
        };
        let port = at.map(|peer| format!("-{}", port(peer, is_secure))).unwrap_or_default();
        format!("{prefix}{}{port}", self.stem)
    }

    /// Names of the cookie, the most likely first. Over https, names that any host of the domain
    /// can set are not read.
    fn names(&self, peer: &Peer) -> Vec<String> {
        let plain = [self.name(false, Some(peer)), self.name(false, None)];
        let secure = [self.name(true, Some(peer)), self.name(true, None)];
        let plain = if peer.is_secure { [].as_slice() } else { plain.as_slice() };
        secure.iter().chain(plain).cloned().collect()
    }
}

/// The port in the browser's address bar.
fn port(peer: &Peer, is_secure: bool) -> u16 {
    let named = peer.host.parse::<Authority>().ok().and_then(|authority| authority.port_u16());
    named.unwrap_or(if is_secure { 443 } else { 80 })
}

/// All cookies of a request, as bytes: those of other programs on this host may contain anything.
fn request_cookies(headers: &HeaderMap) -> impl Iterator<Item = (&[u8], &[u8])> {
    let all = headers.get_all(header::COOKIE).into_iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
    all.filter_map(|cookie| {
        let cookie = cookie.trim_ascii();
        let place = cookie.iter().position(|byte| *byte == b'=')?;
        Some((&cookie[..place], &cookie[place + 1..]))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]
    use super::*;
    use axum::response::IntoResponse as _;
    use std::net::Ipv4Addr;

    fn peer(host: &str, is_secure: bool) -> Peer {
        let address = Ipv4Addr::LOCALHOST.into();
        Peer {
            address,
            is_proxied: false,
            is_forwarded: false,
            is_secure,
            keeps_secure: is_secure,
            host: host.to_owned(),
            forwarded_host: None,
        }
    }

    fn request(cookies: &[&[u8]]) -> HeaderMap {
        cookies.iter().map(|line| (header::COOKIE, HeaderValue::from_bytes(line).unwrap())).collect()
    }

    fn set(headers: &HeaderMap, peer: &Peer) -> String {
        let response = SESSION.set(().into_response(), headers, "new", 9, peer, |value| value == "own");
        response.headers()[header::SET_COOKIE].to_str().unwrap().to_owned()
    }

    #[test]
    fn https_cookies_are_secure_and_host_only() {
        let none = HeaderMap::new();
        let plain = "quaylight-session=new; HttpOnly; SameSite=Strict; Path=/; Max-Age=9";
        assert_eq!(set(&none, &peer("localhost:3000", false)), plain);
        assert_eq!(set(&none, &peer("quay.example", true)), format!("__Host-{plain}; Secure"));
        let planted = request(&[b"quaylight-session=planted; __Host-quaylight-session=own"]);
        assert_eq!(SESSION.values(&planted, &peer("quay.example", true)), ["own"]);
        assert_eq!(SESSION.values(&planted, &peer("quay.example", false)), ["own", "planted"]);
    }

    #[test]
    fn cookies_are_limited_to_the_base_path() {
        base_path::with_base_path(&"/quay".into(), || {
            let none = HeaderMap::new();
            let plain = "quaylight-session=new; HttpOnly; SameSite=Strict; Path=/quay/; Max-Age=9";
            assert_eq!(set(&none, &peer("quay.example", false)), plain);
            assert_eq!(set(&none, &peer("quay.example", true)), format!("__Secure-{plain}; Secure"));
        });
    }

    #[test]
    fn servers_on_two_ports_have_separate_cookies() {
        let (first, second) = (peer("host:3000", false), peer("host:4000", false));
        assert!(set(&request(&[b"quaylight-session=own"]), &first).starts_with("quaylight-session=new"));
        let of_first = request(&[b"quaylight-session=foreign"]);
        assert!(set(&of_first, &second).starts_with("quaylight-session-4000=new"));
        let both = request(&[b"quaylight-session=foreign; quaylight-session-4000=own"]);
        assert_eq!(SESSION.values(&both, &second), ["own", "foreign"]);
        assert_eq!(SESSION.values(&both, &first), ["foreign"]);
        let cleared = SESSION.clear(().into_response(), &both, &second, |value| value == "own");
        let cleared: Vec<_> = cleared.headers().get_all(header::SET_COOKIE).into_iter().collect();
        assert_eq!(cleared, ["quaylight-session-4000=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0"]);
    }

    #[test]
    fn an_unreadable_foreign_cookie_hides_no_other() {
        let lines: [&[u8]; 3] =
            [b"name=J\xc3\xbcrgen; quaylight-session=a", b"other=\xff;quaylight-session=b;c", b"=;;"];
        assert_eq!(SESSION.values(&request(&lines), &peer("host", false)), ["a", "b"]);
        let many: Vec<String> = (0..100).map(|place| format!("quaylight-session={place}")).collect();
        assert_eq!(SESSION.values(&request(&[many.join("; ").as_bytes()]), &peer("host", false)).len(), MAX_VALUES);
    }
}
