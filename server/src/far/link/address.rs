//! The address of another Quaylight server.

use axum::http::{Uri, uri::Authority};
use std::{
    fmt,
    net::IpAddr,
    path::{Path, PathBuf},
};

/// Address of another Quaylight server: `https://HOST[:PORT][/PATH][?engine=NAME&token-file=FILE]`, or
/// `http://` for this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FarAddress {
    text: String,
    /// Scheme, host, port and the path below which everything is served.
    base: String,
    authority: Authority,
    is_encrypted: bool,
    /// Name of the engine on the other server; needed only if it has several.
    engine: Option<String>,
    /// File with an API token of the server.
    token_file: Option<PathBuf>,
}

impl FarAddress {
    /// Parses an address from the settings.
    ///
    /// # Errors
    /// A description of the expected format.
    pub fn parse(text: &str) -> Result<Self, String> {
        let expected =
            || "expected https://HOST[:PORT][/PATH][?engine=NAME&token-file=FILE], another Quaylight".to_owned();
        let uri: Uri = text.parse().map_err(|_| expected())?;
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@')).ok_or_else(expected)?;
        let is_encrypted = match uri.scheme_str() {
            Some("https") => true,
            Some("http") if is_loopback(authority.host()) => false,
            Some("http") => {
                return Err("http:// is another Quaylight on this machine only, because a token would be sent \
                            unencrypted; use https://HOST, or tcp://HOST:PORT for a Docker Engine"
                    .to_owned());
            }
            _ => return Err(expected()),
        };
        let (mut engine, mut token_file) = (None, None);
        for pair in uri.query().iter().flat_map(|query| query.split('&')) {
            match pair.split_once('=') {
                Some(("engine", name)) if !name.is_empty() && engine.is_none() => engine = Some(name.to_owned()),
                Some(("token-file", file)) if !file.is_empty() && token_file.is_none() => {
                    token_file = Some(PathBuf::from(file));
                }
                _ => return Err(expected()),
            }
        }
        let scheme = if is_encrypted { "https" } else { "http" };
        Ok(Self {
            // Users who see the address do not need the path of the token.
            text: match (&engine, text.split_once('?')) {
                (Some(engine), Some((address, _))) => format!("{address}?engine={engine}"),
                (None, Some((address, _))) => address.to_owned(),
                (_, None) => text.to_owned(),
            },
            base: format!("{scheme}://{authority}{}", uri.path().trim_end_matches('/')),
            authority: authority.clone(),
            is_encrypted,
            engine,
            token_file,
        })
    }

    /// True if `text` has the scheme of another Quaylight server.
    pub fn is_meant(text: &str) -> bool {
        text.starts_with("https://") || text.starts_with("http://")
    }

    /// Absolute URL of a path with its query.
    pub(super) fn at(&self, target: &str) -> String {
        format!("{}{target}", self.base)
    }

    /// Name of the engine on the other server, if the address has one.
    pub fn engine(&self) -> Option<&str> {
        self.engine.as_deref()
    }

    /// File with an API token of the server, if the address has one.
    pub fn token_file(&self) -> Option<&Path> {
        self.token_file.as_deref()
    }

    /// Host, with the port if there is one.
    pub fn name(&self) -> &str {
        self.authority.as_str()
    }

    /// Host and port.
    pub(super) fn host(&self) -> (&str, u16) {
        let port = self.authority.port_u16().unwrap_or(if self.is_encrypted { 443 } else { 80 });
        (self.authority.host().trim_matches(['[', ']']), port)
    }
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl fmt::Display for FarAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]
    use super::*;

    #[test]
    fn addresses_are_read_with_path_and_engine() {
        for (text, target, host, engine) in [
            ("https://quay.example.org", "https://quay.example.org/x", ("quay.example.org", 443), None),
            ("https://[::1]:3000/", "https://[::1]:3000/x", ("::1", 3000), None),
            ("https://a/quay/?engine=web-1", "https://a/quay/x", ("a", 443), Some("web-1")),
            ("http://127.0.0.1:3000", "http://127.0.0.1:3000/x", ("127.0.0.1", 3000), None),
            ("http://localhost", "http://localhost/x", ("localhost", 80), None),
        ] {
            let address = FarAddress::parse(text).unwrap();
            assert_eq!((&*address.at("/x"), address.host(), address.engine()), (target, host, engine));
            assert_eq!(address.to_string(), text);
        }
    }

    #[test]
    fn the_file_of_a_token_is_not_shown() {
        let address = FarAddress::parse("https://a/quay?token-file=/etc/a.token&engine=web").unwrap();
        assert_eq!((address.token_file(), address.engine()), (Some(Path::new("/etc/a.token")), Some("web")));
        assert_eq!(address.to_string(), "https://a/quay?engine=web");
        let address = FarAddress::parse("https://a?token-file=a.token").unwrap();
        assert_eq!((address.to_string().as_str(), address.at("/x").as_str()), ("https://a", "https://a/x"));
    }

    #[test]
    fn unsafe_and_malformed_addresses_are_refused() {
        for text in [
            "https://",
            "https://a?b=c",
            "https://a?engine=",
            "https://a?token-file=",
            "https://a?engine=a&engine=b",
            "https://token@a",
            "tcp://a:1",
            "a",
            "https:// a",
        ] {
            assert!(FarAddress::parse(text).unwrap_err().contains("expected https://"), "{text}");
        }
        assert!(FarAddress::parse("http://quay.example.org").unwrap_err().contains("unencrypted"));
    }
}
