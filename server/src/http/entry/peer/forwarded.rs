//! Forwarding headers of proxies: `X-Forwarded-For`, `-Proto` and `-Host`, or if there are none,
//! `Forwarded` (RFC 7239).
//!
//! Read as bytes and from the end: a client may have put anything before the entry of its proxy,
//! and must not be able to hide it.

use axum::http::HeaderMap;
use std::net::{IpAddr, SocketAddr};

const FOR: &str = "x-forwarded-for";
const PROTO: &str = "x-forwarded-proto";
const HOST: &str = "x-forwarded-host";
const STANDARD: &str = "forwarded";

/// Forwarding headers of a request.
#[derive(Debug)]
pub(super) enum Forwarded<'a> {
    Usual(&'a HeaderMap),
    Standard(&'a HeaderMap),
}

impl<'a> Forwarded<'a> {
    pub(super) fn of(headers: &'a HeaderMap) -> Self {
        if [FOR, PROTO, HOST].iter().any(|name| headers.contains_key(*name)) {
            Self::Usual(headers)
        } else {
            Self::Standard(headers)
        }
    }

    /// True if the request has forwarding headers.
    pub(super) fn is_given(&self) -> bool {
        match self {
            Self::Usual(_) => true,
            Self::Standard(headers) => headers.contains_key(STANDARD),
        }
    }

    /// Name of the header with the addresses.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Usual(_) => FOR,
            Self::Standard(_) => STANDARD,
        }
    }

    /// Addresses of the client and the proxies, nearest first.
    pub(super) fn hops(&self) -> Box<dyn Iterator<Item = &'a [u8]> + 'a> {
        match *self {
            Self::Usual(headers) => Box::new(entries(headers, FOR)),
            Self::Standard(headers) => {
                Box::new(entries(headers, STANDARD).filter_map(|entry| parameter(entry, b"for")))
            }
        }
    }

    /// Scheme of the request to the nearest proxy.
    pub(super) fn scheme(&self) -> Option<&'a [u8]> {
        self.nearest(PROTO, b"proto")
    }

    /// Host of the request to the nearest proxy.
    pub(super) fn host(&self) -> Option<&'a [u8]> {
        self.nearest(HOST, b"host")
    }

    fn nearest(&self, usual: &str, standard: &[u8]) -> Option<&'a [u8]> {
        match *self {
            Self::Usual(headers) => entries(headers, usual).next(),
            Self::Standard(headers) => entries(headers, STANDARD).next().and_then(|entry| parameter(entry, standard)),
        }
    }
}

/// The non-empty entries of all headers with this name, last first.
fn entries<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a [u8]> + use<'a> {
    let lines: Vec<_> = headers.get_all(name).into_iter().collect();
    let each = lines.into_iter().rev().flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
    each.map(<[u8]>::trim_ascii).filter(|entry| !entry.is_empty())
}

/// The value of `name` in `name=value;name="value"`.
fn parameter<'a>(entry: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    entry.split(|byte| *byte == b';').find_map(|pair| {
        let place = pair.iter().position(|byte| *byte == b'=')?;
        let (key, value) = pair.split_at(place);
        key.trim_ascii().eq_ignore_ascii_case(name).then(|| unquoted(value[1..].trim_ascii()))
    })
}

fn unquoted(value: &[u8]) -> &[u8] {
    value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")).unwrap_or(value)
}

/// Parses an address, with or without port, brackets and quotes.
pub(super) fn address(entry: &[u8]) -> Option<IpAddr> {
    let text = str::from_utf8(unquoted(entry)).ok()?;
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    bare.parse::<IpAddr>().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}
