//! Feeds arbitrary bytes to the code that reads request headers.

use super::{
    entry::{cookies, guard, identify, peer::Peer},
    wire::compress,
};
use crate::{logs::LogPosition, timeline};
use app::protocol::FrameId;
use axum::http::{HeaderName, HeaderValue, Request, header};
use std::net::{IpAddr, SocketAddr};

/// Names of headers: one per line of the input, in this order.
const NAMES: [HeaderName; 9] = [
    header::HOST,
    header::ORIGIN,
    header::ACCEPT_ENCODING,
    header::COOKIE,
    HeaderName::from_static("last-event-id"),
    HeaderName::from_static("sec-fetch-site"),
    header::AUTHORIZATION,
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-host"),
];

pub(crate) fn headers(bytes: &[u8]) {
    let (mut parts, ()) = Request::new(()).into_parts();
    for (name, line) in NAMES.into_iter().zip(bytes.split(|byte| *byte == b'\n')) {
        parts.headers.extend(HeaderValue::from_bytes(line).ok().map(|value| (name, value)));
    }
    let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let hosts = guard::AllowedHosts::new(SocketAddr::from(([127, 0, 0, 1], 3000)), &["quay.example".to_owned()]);
    let host = text("host");
    if hosts.allows(host) {
        assert!(is_ours(host), "{host:?} is served");
    }
    // Without a connection the peer is this machine, which is a trusted proxy here.
    let here: Vec<ipnet::IpNet> = "127.0.0.0/8".parse().into_iter().collect();
    let mut peer = Peer::of(&parts, &here);
    peer.host = guard::host(&parts, &peer);
    let requested = peer.host.as_str();
    let guard = guard::Guard::new(hosts, &[], &[]);
    if guard.refusal(&parts, &peer).is_none() {
        assert!(is_ours(requested), "{requested:?} is served");
        let foreign = parts.headers.contains_key("origin")
            && !text("origin").to_ascii_lowercase().contains(&requested.to_ascii_lowercase());
        assert!(!foreign, "a page of {:?} is served at {requested:?}", text("origin"));
    }
    let _ = (
        compress::accepts(&parts.headers, "gzip"),
        cookies::SESSION.values(&parts.headers, &peer),
        identify::bearer(&parts.headers),
    );
    let id = text("last-event-id");
    if let Ok(place) = id.parse::<LogPosition>() {
        assert_eq!(place.to_string().parse::<LogPosition>().ok(), Some(place));
    }
    let _ = (id.parse::<FrameId>(), timeline::is_id(id));
}

/// Independent check of an allowed host.
fn is_ours(host: &str) -> bool {
    let name = if let Some(rest) = host.strip_prefix('[') {
        rest.split(']').next().unwrap_or_default()
    } else {
        host.split(':').next().unwrap_or_default()
    };
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let is_named = name == "localhost" || name.ends_with(".localhost") || name == "quay.example";
    is_named || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}
