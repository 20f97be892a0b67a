//! Who is at the other end: the browser itself, or a trusted proxy that tells of one.

use axum::http::{HeaderMap, request::Parts};
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Where a connection comes from; [`super::serve()`] gives it to each of its requests.
#[derive(Debug, Clone, Copy)]
pub(super) struct ConnectedFrom(pub(super) SocketAddr);

/// What is known of who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Peer {
    /// Where they are; as the trusted proxies tell it, if they stand in between.
    pub(super) address: IpAddr,
    /// Whether a trusted proxy stands in between.
    pub(super) is_proxied: bool,
    /// Whether they asked by https.
    pub(super) is_secure: bool,
    /// The host they asked for, if the proxy told.
    pub(super) forwarded_host: Option<String>,
}

impl Peer {
    /// Reads the forwarded headers where they come from one of `proxies`, and nowhere else.
    pub(super) fn of(parts: &Parts, proxies: &[IpNet]) -> Self {
        let connected = parts.extensions.get::<ConnectedFrom>();
        // Only a test has no connection.
        let near = connected.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |ConnectedFrom(from)| from.ip().to_canonical());
        let is_trusted = |address: IpAddr| proxies.iter().any(|network| network.contains(&address));
        if !is_trusted(near) {
            return Self { address: near, is_proxied: false, is_secure: false, forwarded_host: None };
        }
        // Each proxy adds who asked it at the end; what stands before the first that is not trusted, anybody may have written.
        let told: Vec<_> = texts(&parts.headers, "x-forwarded-for");
        let mut address = near;
        for hop in told.iter().rev() {
            let Ok(hop) = hop.parse::<IpAddr>() else { break };
            address = hop.to_canonical();
            if !is_trusted(address) {
                break;
            }
        }
        Self {
            address,
            is_proxied: true,
            is_secure: texts(&parts.headers, "x-forwarded-proto").last().is_some_and(|scheme| *scheme == "https"),
            forwarded_host: texts(&parts.headers, "x-forwarded-host").last().map(|host| (*host).to_owned()),
        }
    }
}

/// The parts of all headers of this name.
fn texts<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a str> {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot write a request has failed")]
    use super::*;
    use axum::http::Request;

    fn peer(from: &str, headers: &[(&str, &str)]) -> Peer {
        let mut request = Request::builder().extension(ConnectedFrom(SocketAddr::new(from.parse().unwrap(), 1)));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Peer::of(
            &request.body(()).unwrap().into_parts().0,
            &["10.0.0.0/8".parse().unwrap(), "127.0.0.1/32".parse().unwrap()],
        )
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let told =
            [("x-forwarded-for", "192.0.2.7"), ("x-forwarded-proto", "https"), ("x-forwarded-host", "quay.example")];
        let strange = peer("192.0.2.1", &told);
        assert_eq!(
            (strange.address, strange.is_secure, strange.forwarded_host),
            ("192.0.2.1".parse().unwrap(), false, None)
        );
        let trusted = peer("10.1.1.1", &told);
        assert_eq!((trusted.address, trusted.is_secure), ("192.0.2.7".parse().unwrap(), true));
        assert_eq!(trusted.forwarded_host.as_deref(), Some("quay.example"));
        assert_eq!(peer("::ffff:10.1.1.1", &told).address, trusted.address);
    }

    #[test]
    fn what_a_client_wrote_before_its_proxy_did_is_passed_over() {
        let address = |told| peer("10.1.1.1", &[("x-forwarded-for", told)]).address.to_string();
        assert_eq!(address("1.2.3.4, 192.0.2.7, 10.0.0.2"), "192.0.2.7");
        assert_eq!(address("1.2.3.4, garbage"), "10.1.1.1");
        assert_eq!(address(""), "10.1.1.1");
    }
}
