//! `quaylight healthcheck`: asks the server that runs here whether it lives, for an image's HEALTHCHECK, where there is no curl.
//!
//! In: the address that the server was told to listen on. Out: nothing, or why not.

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

/// It answers in less than a millisecond; an image's own limit is 5 s.
const ANSWERS_WITHIN: Duration = Duration::from_secs(4);

/// Asks for `/healthz`.
///
/// # Errors
/// When nobody answers in time, or with another status than 200.
pub(super) async fn check(config: &Config) -> anyhow::Result<()> {
    let address = reachable(config.listen);
    let status = timeout(ANSWERS_WITHIN, ask(address)).await.with_context(|| format!("no answer from {address}"))??;
    anyhow::ensure!(status == StatusCode::OK, "{address} answered {status}");
    Ok(())
}

async fn ask(address: SocketAddr) -> anyhow::Result<StatusCode> {
    let stream = TcpStream::connect(address).await.with_context(|| format!("nobody listens on {address}"))?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    // A name that every server answers to.
    let request = Request::get("/healthz").header(header::HOST, "localhost").body(Empty::<Bytes>::new())?;
    Ok(sender.send_request(request).await?.status())
}

/// Who listens on all addresses listens on this machine's own.
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
    fn all_addresses_are_asked_on_this_machine() {
        for (listen, asked) in [
            ("0.0.0.0:3000", "127.0.0.1:3000"),
            ("[::]:80", "[::1]:80"),
            ("192.0.2.7:3000", "192.0.2.7:3000"),
            ("127.0.0.1:1", "127.0.0.1:1"),
        ] {
            assert_eq!(reachable(listen.parse().unwrap()), asked.parse().unwrap());
        }
    }
}
