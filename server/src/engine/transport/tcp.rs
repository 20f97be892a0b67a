//! Connections over tcp, without TLS.

use super::{BOLLARD_TIMEOUT_SECS, pool};
use crate::engine::{EngineAddress, EngineError, TlsFiles};
use app::model::EngineHop;
use axum::http::uri::Authority;
use bollard::{API_DEFAULT_VERSION, Docker};
use hyper_util::client::legacy::connect::HttpConnector;
use std::time::Duration;
use tokio::{net::TcpStream, time::timeout};

/// Timeout for a connection that only shows whether the host responds.
const PROBE_TIMEOUT: Duration = Duration::from_secs(1);
/// Timeout for a connection, so that a host that drops packets is noticed.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Silence after which the kernel checks a connection, so that a host that is gone is noticed.
const KEEPALIVE_TIME: Duration = Duration::from_secs(10);
/// Docker's port without TLS.
const DEFAULT_PORT: u16 = 2375;

pub(super) fn client(address: &EngineAddress) -> Result<Docker, EngineError> {
    if let Some(TlsFiles { ca, cert, key }) = address.certificates(|name| std::env::var(name).ok()) {
        let docker =
            Docker::connect_with_ssl(&address.url, &key, &cert, &ca, BOLLARD_TIMEOUT_SECS, API_DEFAULT_VERSION);
        return docker.map_err(EngineError::from);
    }
    pool::client(connector(), &format!("http://{}", with_port(address.authority(), DEFAULT_PORT)))
}

/// The authority with its port, or the usual one.
pub(super) fn with_port(authority: &str, usual: u16) -> String {
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
pub(super) async fn hop_of_timeout(authority: &str) -> EngineHop {
    let Ok(authority) = authority.parse::<Authority>() else { return EngineHop::Engine };
    let port = authority.port_u16().unwrap_or(DEFAULT_PORT);
    let host = authority.host().trim_matches(['[', ']']);
    match timeout(PROBE_TIMEOUT, TcpStream::connect((host, port))).await {
        Ok(Ok(_)) => EngineHop::Engine,
        _ => EngineHop::Connect,
    }
}
