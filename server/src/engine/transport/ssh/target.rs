//! An address `ssh://[user@]host[:port][/path/of/socket]`.

use crate::engine::EngineAddress;
use std::path::PathBuf;

/// Files for ssh in the settings of an engine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct SshFiles {
    /// Private key; if not set, those in `~/.ssh/config` or the default ones.
    pub identity: Option<PathBuf>,
    /// Known hosts file; if not set, the user's.
    pub known_hosts: Option<PathBuf>,
}

/// The host of an address, before `~/.ssh/config` is applied.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct TargetHost {
    pub(super) user: Option<String>,
    /// Name of the host, or its alias in `~/.ssh/config`.
    pub(super) host: String,
    pub(super) port: Option<u16>,
    pub(super) files: SshFiles,
}

/// A parsed address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) host: TargetHost,
    /// Path of the engine's socket, if the address has one.
    pub(super) socket: Option<String>,
}

impl Target {
    pub(super) fn of(address: &EngineAddress) -> Result<Self, String> {
        let Target { host, socket } = parse(&address.url)?;
        Ok(Self { host: TargetHost { files: address.ssh.clone(), ..host }, socket })
    }
}

/// True if the address is valid.
pub(in crate::engine) fn is_valid(url: &str) -> bool {
    parse(url).is_ok()
}

fn parse(url: &str) -> Result<Target, String> {
    let expected = || "expected ssh://[USER@]HOST[:PORT][/PATH/OF/SOCKET]".to_owned();
    let rest = url.strip_prefix("ssh://").ok_or_else(expected)?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = host(authority).ok_or_else(expected)?;
    Ok(Target { host, socket: Some(path.to_owned()).filter(|path| path.len() > 1) })
}

/// Parses `[user@]host[:port]`, as in an address and in `ProxyJump`.
pub(super) fn host(text: &str) -> Option<TargetHost> {
    let (user, rest) = match text.rsplit_once('@') {
        Some((user, rest)) => (Some(user.to_owned()), rest),
        None => (None, text),
    };
    let (host, port) = match rest.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']')?;
            (host, if port.is_empty() { None } else { Some(port.strip_prefix(':')?) })
        }
        None => match rest.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (rest, None),
        },
    };
    let port = port.map(|port| port.parse().ok().filter(|port: &u16| *port > 0).ok_or(())).transpose().ok()?;
    // A password has no place in an address.
    let is_plain = |name: &str| !name.is_empty() && !name.starts_with('-') && !name.contains(char::is_whitespace);
    let user_is_valid = user.as_deref().is_none_or(|user| is_plain(user) && !user.contains(':'));
    (is_plain(host) && user_is_valid).then(|| TargetHost {
        user,
        host: host.to_owned(),
        port,
        files: SshFiles::default(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]
    use super::*;

    #[test]
    fn addresses_have_a_host_and_maybe_a_user_a_port_and_a_socket() {
        for (url, user, host, port, socket) in [
            ("ssh://web-3", None, "web-3", None, None),
            ("ssh://web-3/", None, "web-3", None, None),
            ("ssh://deploy@web-3:2222", Some("deploy"), "web-3", Some(2222), None),
            (
                "ssh://me@[::1]:22/run/user/1000/docker.sock",
                Some("me"),
                "::1",
                Some(22),
                Some("/run/user/1000/docker.sock"),
            ),
            ("ssh://me@corp@web/x.sock", Some("me@corp"), "web", None, Some("/x.sock")),
        ] {
            let target = parse(url).unwrap();
            let found = (target.host.user.as_deref(), &*target.host.host, target.host.port, target.socket.as_deref());
            assert_eq!(found, (user, host, port, socket), "{url}");
        }
        for bad in
            ["ssh://", "ssh://@web", "ssh://web:", "ssh://web:0", "ssh://a:secret@web", "ssh://-oX", "ssh://[::1", "x"]
        {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
