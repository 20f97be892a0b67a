//! Connections over tcp; [`tls`] is above it.

use super::{LinkError, pool, tls};
use crate::{
    engine::{EngineAddress, EngineError},
    process::metrics::Traffic,
};
use app::model::EngineHop;
use axum::{
    BoxError,
    http::{Uri, uri::Authority},
};
use bollard::Docker;
use hyper_util::client::legacy::connect::HttpConnector;
use std::{io, time::Duration};
use tokio::{net::TcpStream, time::timeout};
use tower::Service as _;

/// Timeout for a connection that only shows whether the host responds.
const PROBE_TIMEOUT: Duration = Duration::from_millis(600);
/// Timeout for a connection, so that a host that drops packets is noticed.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Silence after which the kernel probes a connection, so that a host that is gone is noticed.
const KEEPALIVE_TIME: Duration = Duration::from_secs(10);
/// Docker's port without TLS.
const PLAIN_PORT: u16 = 2375;
const TLS_PORT: u16 = 2376;

pub(super) fn client(address: &EngineAddress, traffic: Traffic) -> Result<Docker, EngineError> {
    let files = address.certificates(|name| std::env::var(name).ok());
    let authority = authority(address, files.is_some());
    match files {
        Some(files) => tls::client(&authority, files, traffic),
        None => {
            let base = format!("http://{authority}");
            let connect = move |uri: Uri| {
                let authority = authority.clone();
                Box::pin(async move {
                    let connected = connector().call(uri).await;
                    connected.map_err(|error| named(error.into(), &authority))
                })
            };
            pool::client(tower::service_fn(connect), &base, traffic)
        }
    }
}

/// Adds the step that failed to an error; refused connections keep their own error.
pub(super) fn named(error: BoxError, authority: &str) -> BoxError {
    let mut cause = error.source();
    let io = loop {
        match cause.map(|found| (found.downcast_ref::<io::Error>(), found.source())) {
            Some((Some(io), _)) => break io,
            Some((None, next)) => cause = next,
            None => return error,
        }
    };
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    if error.to_string().starts_with("dns error") {
        return Box::new(LinkError::dns(host, io));
    }
    if io.kind() == io::ErrorKind::ConnectionRefused {
        return error;
    }
    let (message, hint) = (
        format!("cannot connect to {authority}: {io}"),
        "Check that the host is running, and that no firewall drops the packets.",
    );
    Box::new(LinkError::new(EngineHop::Connect, "unreachable", message, hint))
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
    let files = address.certificates(|name| std::env::var(name).ok());
    let text = authority(address, files.is_some());
    let Ok(authority) = text.parse::<Authority>() else { return EngineHop::Engine };
    let (host, port) = (authority.host().trim_matches(['[', ']']), authority.port_u16().unwrap_or(PLAIN_PORT));
    if !matches!(timeout(PROBE_TIMEOUT, TcpStream::connect((host, port))).await, Ok(Ok(_))) {
        return EngineHop::Connect;
    }
    let Some(files) = files else { return EngineHop::Engine };
    match timeout(PROBE_TIMEOUT, tls::handshake(&text, files)).await {
        Ok(()) => EngineHop::Engine,
        Err(_) => EngineHop::Tls,
    }
}
