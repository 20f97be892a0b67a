//! Where an engine listens, and a bollard client for it.

use super::EngineError;
use axum::http::uri::Authority;
use bollard::{API_DEFAULT_VERSION, Docker};
use std::{fmt, path::PathBuf};

/// Seconds bollard waits for headers. Calls have shorter limits of their own; those that may take longer raise this one.
const BOLLARD_TIMEOUT_SECS: u64 = 120;

/// An address, as `DOCKER_HOST` writes it, and the certificates of a Docker context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineAddress {
    /// `unix:///…`, `tcp://…`.
    pub url: String,
    /// Folder with `ca.pem`, `cert.pem` and `key.pem`, when a context asks for TLS.
    pub tls: Option<PathBuf>,
    /// Whether this is the embedded simulated engine.
    pub demo: bool,
}

impl EngineAddress {
    /// An address without certificates of its own.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), tls: None, demo: false }
    }

    /// Reads an address as `--engine`, `DOCKER_HOST` and Docker contexts write it.
    ///
    /// # Errors
    /// What was expected instead; ssh is not spoken.
    pub fn parse(url: &str) -> Result<Self, String> {
        let well_formed = match url.split_once("://") {
            Some(("unix", path)) => path.len() > 1 && path.starts_with('/'),
            Some(("tcp" | "http" | "https", rest)) => rest.parse().is_ok_and(|authority| has_port(&authority)),
            _ => false,
        };
        well_formed.then(|| Self::new(url)).ok_or_else(|| "expected unix:///PATH or tcp://HOST:PORT".to_owned())
    }

    /// Whether it is a socket on this machine, so that both clocks are one, as a rule.
    pub fn is_local(&self) -> bool {
        self.url.starts_with("unix://")
    }

    /// Whether its processes may be those of this machine: a socket can still lead to a virtual machine, and the demo's are made
    /// up.
    pub fn may_be_near(&self) -> bool {
        self.is_local() && !self.demo
    }

    /// A client; nothing is sent yet.
    ///
    /// # Errors
    /// When the socket is absent, the scheme unknown or a certificate unreadable.
    pub(super) fn client(&self) -> Result<Docker, EngineError> {
        let docker = match &self.tls {
            Some(folder) => Docker::connect_with_ssl(
                &self.url,
                &folder.join("key.pem"),
                &folder.join("cert.pem"),
                &folder.join("ca.pem"),
                BOLLARD_TIMEOUT_SECS,
                API_DEFAULT_VERSION,
            ),
            None => Docker::connect_with_host(&self.url),
        };
        docker.map_err(EngineError::from)
    }
}

/// A port is there and is one, or is left to the scheme.
fn has_port(authority: &Authority) -> bool {
    let port = authority.as_str().strip_prefix(authority.host()).and_then(|rest| rest.strip_prefix(':'));
    !authority.host().is_empty() && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
}

impl fmt::Display for EngineAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_those_that_can_be_connected_to() {
        for good in [
            "unix:///run/docker.sock",
            "tcp://127.0.0.1:2375",
            "https://engine.lan:2376",
            "tcp://[::1]:2375",
            "tcp://host",
        ] {
            assert_eq!(EngineAddress::parse(good).map(|address| address.url), Ok(good.to_owned()));
        }
        for bad in [
            "",
            "garbage",
            "unix://",
            "unix:///",
            "unix://relative",
            "tcp://",
            "tcp://a:b",
            "tcp://a:99999",
            "ssh://a@b",
        ] {
            assert!(EngineAddress::parse(bad).is_err(), "{bad}");
        }
    }
}
