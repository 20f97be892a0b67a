//! The address of an engine, and a bollard client for it.

use super::{EngineError, SshFiles, transport};
use crate::process::metrics::Traffic;
use app::model::{EngineHop, EngineName, Labels};
use axum::http::uri::Authority;
use bollard::Docker;
use std::{
    fmt,
    path::{Path, PathBuf},
};

/// An engine address in the format of `DOCKER_HOST`, and the certificates of a Docker context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineAddress {
    /// Name of the engine in the configuration.
    pub name: EngineName,
    /// True if the configuration gives the name, so that it is shown instead of the host's.
    pub is_named: bool,
    /// Labels in the configuration.
    pub labels: Labels,
    /// `unix:///…`, `tcp://…`, `ssh://…`.
    pub url: String,
    /// Files for TLS, if its settings or its context have them.
    pub tls: Option<TlsFiles>,
    /// Files for ssh, if its settings have them.
    pub ssh: SshFiles,
    /// True for the embedded simulated engine.
    pub demo: bool,
}

impl EngineAddress {
    /// Creates the address of the `local` engine, without certificates.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            name: EngineName::LOCAL,
            is_named: false,
            labels: Labels::new(),
            url: url.into(),
            tls: None,
            ssh: SshFiles::default(),
            demo: false,
        }
    }

    /// Parses an address from `--engine`, `DOCKER_HOST` or a Docker context.
    ///
    /// # Errors
    /// A description of the expected format.
    pub fn parse(url: &str) -> Result<Self, String> {
        let well_formed = match url.split_once("://") {
            Some(("unix", path)) => path.len() > 1 && path.starts_with('/'),
            Some(("tcp" | "http" | "https", rest)) => {
                !rest.contains('@') && rest.parse().is_ok_and(|authority| has_port(&authority))
            }
            Some(("ssh", _)) => transport::ssh::target::is_valid(url),
            _ => false,
        };
        well_formed.then(|| Self::new(url)).ok_or_else(|| {
            "expected unix:///PATH, tcp://HOST:PORT, https://HOST:PORT or ssh://[USER@]HOST[:PORT][/SOCKET]".to_owned()
        })
    }

    /// True for a Unix socket on this machine; engine and server then usually share one clock.
    pub fn is_local(&self) -> bool {
        self.url.starts_with("unix://")
    }

    /// True for an engine over ssh.
    pub fn is_ssh(&self) -> bool {
        self.url.starts_with("ssh://")
    }

    /// The part after the scheme: a host, and a port if there is one.
    pub(super) fn authority(&self) -> &str {
        self.url.split_once("://").map_or(&*self.url, |(_, rest)| rest)
    }

    /// True if the containers may be processes of this host. A socket can still lead to a virtual
    /// machine; the demo has no real processes.
    pub fn may_be_this_host(&self) -> bool {
        self.is_local() && !self.demo
    }

    /// Files for TLS; `None` if the engine is called without TLS. As for bollard and the docker
    /// command, `https` and, with `DOCKER_TLS_VERIFY`, `tcp` use `DOCKER_CERT_PATH`.
    pub fn certificates(&self, variable: impl Fn(&str) -> Option<String>) -> Option<TlsFiles> {
        let is_plain = self.is_local() || self.is_ssh();
        let is_tls = self.url.starts_with("https://") || !is_plain && variable("DOCKER_TLS_VERIFY").is_some();
        let usual = || {
            let folder = variable("DOCKER_CERT_PATH").or_else(|| variable("DOCKER_CONFIG"));
            folder.map(PathBuf::from).or_else(|| Some(PathBuf::from(variable("HOME")?).join(".docker")))
        };
        let usual = || usual().map(|folder| TlsFiles::in_folder(&folder));
        self.tls.clone().or_else(|| is_tls.then(usual).flatten())
    }

    /// The step that failed if no response came in time: a frozen engine still accepts connections.
    pub async fn hop_of_timeout(&self) -> EngineHop {
        transport::hop_of_timeout(self).await
    }

    /// Creates a bollard client without sending a request.
    ///
    /// # Errors
    /// If the socket does not exist, the scheme is unknown or a certificate cannot be read.
    pub(super) fn client(&self, traffic: Traffic) -> Result<Docker, EngineError> {
        transport::client(self, traffic)
    }
}

/// Files for TLS in PEM format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// Certificates of the authorities, one of which must have signed the engine's certificate.
    pub ca: PathBuf,
    /// Certificate of this server.
    pub cert: PathBuf,
    /// Private key of this server.
    pub key: PathBuf,
}

impl TlsFiles {
    /// `ca.pem`, `cert.pem` and `key.pem` in a folder.
    pub fn in_folder(folder: &Path) -> Self {
        Self { ca: folder.join("ca.pem"), cert: folder.join("cert.pem"), key: folder.join("key.pem") }
    }
}

/// `ca.pem, cert.pem and key.pem in FOLDER`, or the paths if they are elsewhere.
impl fmt::Display for TlsFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ca, cert, key } = self;
        match ca.parent() {
            Some(folder) if *self == Self::in_folder(folder) => {
                write!(f, "ca.pem, cert.pem and key.pem in {}", folder.display())
            }
            _ => write!(f, "{}, {} and {}", ca.display(), cert.display(), key.display()),
        }
    }
}

/// True if the port is valid, or is absent and the scheme has a default.
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
    fn tls_files_are_found_as_bollard_does() {
        let folder = |url: &str, variables: &[(&str, &str)]| {
            let value =
                |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
            EngineAddress::new(url).certificates(value).map(|files| files.ca.with_file_name(""))
        };
        let (home, path) = (("HOME", "/root"), ("DOCKER_CERT_PATH", "/certs"));
        assert_eq!(folder("https://a:1", &[home]), Some("/root/.docker/".into()));
        assert_eq!(folder("https://a:1", &[home, path]), Some("/certs/".into()));
        assert_eq!(folder("tcp://a:1", &[home, path]), None);
        assert_eq!(folder("tcp://a:1", &[home, path, ("DOCKER_TLS_VERIFY", "1")]), Some("/certs/".into()));
        assert_eq!(folder("unix:///a", &[home, path, ("DOCKER_TLS_VERIFY", "1")]), None);
    }

    #[test]
    fn only_supported_addresses_are_accepted() {
        for good in [
            "unix:///run/docker.sock",
            "tcp://127.0.0.1:2375",
            "https://engine.lan:2376",
            "tcp://[::1]:2375",
            "tcp://host",
            "ssh://deploy@web:2222/run/x.sock",
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
            "tcp://user:secret@a:1",
            "ssh://a@",
        ] {
            assert!(EngineAddress::parse(bad).is_err(), "{bad}");
        }
    }
}
