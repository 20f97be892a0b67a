//! `quaylight healthcheck`: checks the server on this machine, for an image's HEALTHCHECK without
//! curl.
//!
//! In: the server's listening address. Out: success, or an error.

use crate::config::Config;
use anyhow::Context as _;
use bytes::Bytes;
use http_body_util::Empty;
use hyper::{Request, StatusCode, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};
use tokio::{net::TcpStream, time::timeout};

/// Timeout of the check. The server responds in less than a millisecond, and the image's own
/// timeout is 5 s.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(4);

/// Requests `/healthz`.
///
/// # Errors
/// When there is no response in time, or its status is not 200.
pub(super) async fn check(config: &Config) -> anyhow::Result<()> {
    let address = reachable(config.listen);
    let status =
        timeout(RESPONSE_TIMEOUT, request(address)).await.with_context(|| format!("no response from {address}"))??;
    anyhow::ensure!(status == StatusCode::OK, "{address} responded with {status}");
    Ok(())
}

async fn request(address: SocketAddr) -> anyhow::Result<StatusCode> {
    let stream = TcpStream::connect(address).await.with_context(|| format!("cannot connect to {address}"))?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    // Every server allows this host.
    let message = Request::get("/healthz").header(header::HOST, "localhost").body(Empty::<Bytes>::new())?;
    Ok(sender.send_request(message).await?.status())
}

/// Address to request: loopback for a server that listens on all addresses.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]
    use super::*;

    #[test]
    fn wildcard_addresses_are_checked_on_loopback() {
        for (listen, requested) in [
            ("0.0.0.0:3000", "127.0.0.1:3000"),
            ("[::]:80", "[::1]:80"),
            ("192.0.2.7:3000", "192.0.2.7:3000"),
            ("127.0.0.1:1", "127.0.0.1:1"),
        ] {
            assert_eq!(reachable(listen.parse().unwrap()), requested.parse().unwrap());
        }
    }
}
