//! Connections over tcp; [`tls`] is above it.

use super::{pool, tls};
use crate::engine::{EngineAddress, EngineError};
use app::model::EngineHop;
use axum::http::uri::Authority;
use bollard::Docker;
use hyper_util::client::legacy::connect::HttpConnector;
use std::time::Duration;
use tokio::{net::TcpStream, time::timeout};

/// Timeout for a connection that only shows whether the host responds.
const PROBE_TIMEOUT: Duration = Duration::from_secs(1);
/// Timeout for a connection, so that a host that drops packets is noticed.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Silence after which the kernel checks a connection, so that a host that is gone is noticed.
const KEEPALIVE_TIME: Duration = Duration::from_secs(10);
/// Docker's ports without and with TLS.
const PLAIN_PORT: u16 = 2375;
const TLS_PORT: u16 = 2376;

pub(super) fn client(address: &EngineAddress) -> Result<Docker, EngineError> {
    let files = address.certificates(|name| std::env::var(name).ok());
    let authority = authority(address, files.is_some());
    match files {
        Some(files) => tls::client(&authority, files),
        None => pool::client(connector(), &format!("http://{authority}")),
    }
}

/// The engine's `host:port`.
pub(super) fn authority(address: &EngineAddress, is_tls: bool) -> String {
    let authority = address.authority().trim_end_matches('/');
    let usual = match address.url.split_once("://") {
        Some(("http", _)) => 80,
        Some(("https", _)) => 443,
        _ if is_tls => TLS_PORT,
        _ => PLAIN_PORT,
    };
    match authority.parse::<Authority>() {
        Ok(parsed) if parsed.port_u16().is_none() => format!("{}:{usual}", parsed.host()),
        _ => authority.to_owned(),
    }
}

pub(super) fn connector() -> HttpConnector {
    let mut connector = HttpConnector::new();
    connector.enforce_http(false);
    connector.set_nodelay(true);
    connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
    connector.set_keepalive(Some(KEEPALIVE_TIME));
    connector
}

/// The step that failed if no response came in time.
pub(super) async fn hop_of_timeout(address: &EngineAddress) -> EngineHop {
    let is_tls = address.certificates(|name| std::env::var(name).ok()).is_some();
    let Ok(authority) = authority(address, is_tls).parse::<Authority>() else { return EngineHop::Engine };
    let (host, port) = (authority.host().trim_matches(['[', ']']), authority.port_u16().unwrap_or(PLAIN_PORT));
    match timeout(PROBE_TIMEOUT, TcpStream::connect((host, port))).await {
        Ok(Ok(_)) => EngineHop::Engine,
        _ => EngineHop::Connect,
    }
}
