//! Client of a request: the browser itself, or the one that a trusted proxy reports.

mod forwarded;

use super::header_warnings;
use crate::http::wire::serve::ConnectedFrom;
use axum::http::request::Parts;
use forwarded::Forwarded;
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr};

/// Client of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::http) struct Peer {
    /// Address of the client, as reported by the trusted proxies, if there are any.
    pub(in crate::http) address: IpAddr,
    /// True if the request comes through a trusted proxy.
    pub(in crate::http) is_proxied: bool,
    /// True if that proxy passes on a client's request. The proxy's own health checks have no
    /// forwarding headers.
    pub(in crate::http) is_forwarded: bool,
    /// True if the browser uses https: from the proxy, or from `Origin`, which [`super::guard`]
    /// reads.
    pub(in crate::http) is_secure: bool,
    /// True if cookies for the client should be `Secure`: the browser uses https, or should
    /// according to the settings, which nothing contradicts.
    pub(in crate::http) keeps_secure: bool,
    /// Host in the browser's address bar, with its port: from the proxy, otherwise from `Host`.
    /// Empty if unclear.
    pub(in crate::http) host: String,
    /// Host reported by the proxy.
    pub(in crate::http) forwarded_host: Option<Vec<u8>>,
}

impl Peer {
    /// Reads the forwarding headers if the connection comes from one of `proxies`.
    pub(in crate::http) fn of(parts: &Parts, proxies: &[IpNet]) -> Self {
        let connected = parts.extensions.get::<ConnectedFrom>();
        // Only tests have no connection.
        let near = connected.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |ConnectedFrom(from)| from.ip().to_canonical());
        let is_trusted = |address: IpAddr| proxies.iter().any(|network| network.contains(&address));
        let direct = Self {
            address: near,
            is_proxied: false,
            is_forwarded: false,
            is_secure: false,
            keeps_secure: false,
            host: String::new(),
            forwarded_host: None,
        };
        if !is_trusted(near) {
            return direct;
        }
        let forwarded = Forwarded::of(&parts.headers);
        let mut address = near;
        // Each proxy appends its client, so anything before the first untrusted address may be
        // forged.
        for hop in forwarded.hops() {
            let Some(hop) = forwarded::address(hop) else {
                header_warnings::warn_ignored(
                    forwarded.name(),
                    hop,
                    "not an address; the proxy's address is used",
                    near,
                );
                break;
            };
            address = hop.to_canonical();
            if !is_trusted(address) {
                break;
            }
        }
        let is_secure = forwarded.scheme().is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"https"));
        Self {
            address,
            is_proxied: true,
            is_forwarded: forwarded.is_given(),
            is_secure,
            keeps_secure: is_secure,
            forwarded_host: forwarded.host().map(<[u8]>::to_vec),
            ..direct
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot write a request has failed")]
    use super::*;
    use axum::http::{HeaderValue, Request};
    use std::net::SocketAddr;

    fn peer(from: &str, headers: &[(&str, &[u8])]) -> Peer {
        let mut request = Request::builder().extension(ConnectedFrom(SocketAddr::new(from.parse().unwrap(), 1)));
        for (name, value) in headers {
            request = request.header(*name, HeaderValue::from_bytes(value).unwrap());
        }
        Peer::of(
            &request.body(()).unwrap().into_parts().0,
            &["10.0.0.0/8".parse().unwrap(), "127.0.0.1/32".parse().unwrap(), "fd00::/8".parse().unwrap()],
        )
    }

    #[test]
    fn forwarding_headers_are_read_only_from_a_trusted_proxy() {
        let forwarded: [(&str, &[u8]); 3] =
            [("x-forwarded-for", b"192.0.2.7"), ("x-forwarded-proto", b"https"), ("x-forwarded-host", b"quay.example")];
        let strange = peer("192.0.2.1", &forwarded);
        assert_eq!(
            (strange.address, strange.is_secure, strange.forwarded_host),
            ("192.0.2.1".parse().unwrap(), false, None)
        );
        let trusted = peer("10.1.1.1", &forwarded);
        assert_eq!((trusted.address, trusted.is_secure), ("192.0.2.7".parse().unwrap(), true));
        assert_eq!(trusted.forwarded_host.as_deref(), Some(b"quay.example".as_slice()));
        assert_eq!(peer("::ffff:10.1.1.1", &forwarded).address, trusted.address);
    }

    #[test]
    fn forwarded_entries_added_by_the_client_are_ignored() {
        let address = |forwarded: &[u8]| peer("10.1.1.1", &[("x-forwarded-for", forwarded)]).address.to_string();
        for (forwarded, client) in [
            (b"1.2.3.4, 192.0.2.7, 10.0.0.2".as_slice(), "192.0.2.7"),
            (b"1.2.3.4, garbage", "10.1.1.1"),
            (b"1.2.3.4, unknown", "10.1.1.1"),
            (b"", "10.1.1.1"),
            (b",,", "10.1.1.1"),
            // Unreadable parts before the proxy's own entry do not hide the client.
            (b"\xff, 192.0.2.7", "192.0.2.7"),
            (b"J\xc3\xbcrgen\t,192.0.2.7", "192.0.2.7"),
            (b"\"unclosed, 192.0.2.7", "192.0.2.7"),
            (b"\xff, 192.0.2.7, \xff", "10.1.1.1"),
            (b"192.0.2.7 , , 10.0.0.2,", "192.0.2.7"),
            (b"192.0.2.7:4711", "192.0.2.7"),
            (b"[2001:db8::7]:4711", "2001:db8::7"),
            (b"[2001:db8::7]", "2001:db8::7"),
            (b"2001:db8::7", "2001:db8::7"),
            (b"\"[2001:db8::7]:80\"", "2001:db8::7"),
            (b"::ffff:192.0.2.7", "192.0.2.7"),
            (b"1.2.3.4, 2001:db8::7, fd00::1, 10.0.0.2:80", "2001:db8::7"),
        ] {
            assert_eq!(address(forwarded), client, "{}", forwarded.escape_ascii());
        }
    }

    #[test]
    fn repeated_header_lines_form_one_list() {
        let lines: [(&str, &[u8]); 3] =
            [("x-forwarded-for", b"\xfe"), ("x-forwarded-for", b"192.0.2.7"), ("x-forwarded-for", b"10.0.0.2, ")];
        assert_eq!(peer("10.1.1.1", &lines).address.to_string(), "192.0.2.7");
    }

    #[test]
    fn the_forwarded_header_is_read_without_x_forwarded_headers() {
        let forwarded = |value: &[u8]| peer("10.1.1.1", &[("forwarded", value)]);
        let one =
            forwarded(b"for=1.2.3.4, For=\"[2001:db8::7]:4711\";proto=https;host=\"quay.example:8443\", for=10.0.0.2");
        assert_eq!(one.address.to_string(), "2001:db8::7");
        assert_eq!((one.is_secure, one.forwarded_host), (false, None), "the nearest proxy does not send them");
        let near = forwarded(b"for=192.0.2.7;proto=HTTPS;host=\"quay.example:8443\"");
        assert_eq!((near.address.to_string(), near.is_secure), ("192.0.2.7".to_owned(), true));
        assert_eq!(near.forwarded_host.as_deref(), Some(b"quay.example:8443".as_slice()));
        assert_eq!(forwarded(b"for=\"\xff, for=192.0.2.7").address.to_string(), "192.0.2.7");
        assert_eq!(forwarded(b"for=_hidden").address.to_string(), "10.1.1.1");
        assert_eq!(forwarded(b"by=10.0.0.1").address.to_string(), "10.1.1.1");
        // A client can send it through a proxy that sets only the usual headers.
        let both = peer("10.1.1.1", &[("forwarded", b"for=1.2.3.4;host=localhost"), ("x-forwarded-for", b"192.0.2.7")]);
        assert_eq!((both.address.to_string(), both.forwarded_host), ("192.0.2.7".to_owned(), None));
    }
}
