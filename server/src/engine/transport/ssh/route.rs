//! The hosts on the way to an engine: jump hosts and the engine's own, from the address and
//! `~/.ssh/config`.

use super::{
    config_file::{self, Options},
    home,
    target::{self, TargetHost},
};
use crate::engine::transport::LinkError;
use app::model::EngineHop;
use std::path::{Path, PathBuf};

/// Maximum number of hops, in case jump hosts form a circle.
const MAX_HOPS: usize = 8;
const DEFAULT_PORT: u16 = 22;
/// Names of keys that are tried if the configuration names none, as in OpenSSH.
const DEFAULT_KEYS: [&str; 3] = ["id_ed25519", "id_ecdsa", "id_rsa"];
/// File with known hosts of all users.
const GLOBAL_KNOWN_HOSTS: &str = "/etc/ssh/ssh_known_hosts";

/// One host on the way to the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hop {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) user: String,
    /// Private keys, in the order in which they are tried.
    pub(super) identities: Vec<PathBuf>,
    /// True if the settings name the key; the keys of an agent are then not tried.
    pub(super) identity_is_set: bool,
    /// Files with the keys of known hosts; new ones are added to the first.
    pub(super) known_hosts: Vec<PathBuf>,
}

impl Hop {
    /// Name of the host in `known_hosts`: with the port unless that is 22.
    pub(super) fn known_name(&self) -> String {
        let host = self.host.to_ascii_lowercase();
        if self.port == DEFAULT_PORT { host } else { format!("[{host}]:{}", self.port) }
    }
}

/// Finds the hops to a host; the last one is the host itself.
///
/// # Errors
/// If a jump host is invalid, or no user is known.
pub(super) fn find(target: &TargetHost) -> Result<Vec<Hop>, LinkError> {
    let folder = home::folder().map(|home| home.join(".ssh")).unwrap_or_default();
    let mut hops = Vec::new();
    add(target, &folder, &mut hops, 0)?;
    Ok(hops)
}

fn add(target: &TargetHost, folder: &Path, hops: &mut Vec<Hop>, depth: usize) -> Result<(), LinkError> {
    if depth > MAX_HOPS || hops.len() > MAX_HOPS {
        return Err(error(format!("there are more than {MAX_HOPS} jump hosts on the way to {}", target.host)));
    }
    let options = config_file::options(&folder.join("config"), &target.host);
    let jumps = options.proxy_jump.as_deref().filter(|jump| !jump.eq_ignore_ascii_case("none")).unwrap_or_default();
    let mut is_first = true;
    for jump in jumps.split(',').map(str::trim).filter(|jump| !jump.is_empty()) {
        let invalid = || error(format!("ProxyJump {jumps} of {} is not valid", target.host));
        let jump = target::host(jump.strip_prefix("ssh://").unwrap_or(jump)).ok_or_else(invalid)?;
        // `ProxyJump` below `Host *` is also that of the jump host.
        if jump.host.eq_ignore_ascii_case(&target.host) {
            continue;
        }
        let jump = TargetHost { files: target.files.clone(), ..jump };
        if is_first {
            // Its own jump hosts come first.
            add(&jump, folder, hops, depth + 1)?;
        } else {
            let options = config_file::options(&folder.join("config"), &jump.host);
            hops.push(hop(&jump, options, folder)?);
        }
        is_first = false;
    }
    hops.push(hop(target, options, folder)?);
    Ok(())
}

fn error(message: String) -> LinkError {
    LinkError::new(EngineHop::Ssh, "ssh_failed", message, "Check ProxyJump in ~/.ssh/config.")
}

fn hop(target: &TargetHost, options: Options, folder: &Path) -> Result<Hop, LinkError> {
    let host = options.host_name.map_or_else(|| target.host.clone(), |name| name.replace("%h", &target.host));
    let user = target.user.clone().or(options.user).or_else(home::user);
    let Some(user) = user else {
        let message = format!("no user is known for {host}");
        return Err(LinkError::new(EngineHop::Auth, "no_key", message, "Name the user: ssh://USER@HOST."));
    };
    let place = |path: &String| home::expand(&path.replace("%h", &host).replace("%r", &user).replace("%%", "%"));
    let identities = match (&target.files.identity, &options.identity_files[..]) {
        (Some(file), _) => vec![file.clone()],
        (None, []) => DEFAULT_KEYS.iter().map(|name| folder.join(name)).collect(),
        (None, files) => files.iter().map(place).collect(),
    };
    let known_hosts = match (&target.files.known_hosts, &options.known_hosts) {
        (Some(file), _) => vec![file.clone()],
        (None, Some(files)) => files.iter().map(place).chain([GLOBAL_KNOWN_HOSTS.into()]).collect(),
        (None, None) => vec![folder.join("known_hosts"), GLOBAL_KNOWN_HOSTS.into()],
    };
    let port = target.port.or(options.port).unwrap_or(DEFAULT_PORT);
    let identity_is_set = target.files.identity.is_some();
    Ok(Hop { host, port, user, identities, identity_is_set, known_hosts })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot write its files has failed")]
    use super::*;

    fn hops(config: &str, target: &str) -> Result<Vec<(String, u16, String)>, LinkError> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config"), config).unwrap();
        let mut hops = Vec::new();
        add(&target::host(target).unwrap(), folder.path(), &mut hops, 0)?;
        Ok(hops.into_iter().map(|hop| (hop.host, hop.port, hop.user)).collect())
    }

    fn hop_of(host: &str, port: u16, user: &str) -> (String, u16, String) {
        (host.to_owned(), port, user.to_owned())
    }

    #[test]
    fn jump_hosts_come_first() {
        let config = "Host web\nProxyJump ada@one:2222,two\nHost one\nProxyJump zero\n\
                      Host two\nHostName two.example.org\nHost *\nUser ops\n";
        let expected = [
            hop_of("zero", 22, "ops"),
            hop_of("one", 2222, "ada"),
            hop_of("two.example.org", 22, "ops"),
            hop_of("web", 22, "me"),
        ];
        assert_eq!(hops(config, "me@web").unwrap(), expected);
        assert_eq!(hops("Host *\nProxyJump none\n", "me@web").unwrap(), [hop_of("web", 22, "me")]);
        let everywhere = [hop_of("one", 22, "ops"), hop_of("web", 22, "ops")];
        assert_eq!(hops("Host *\nUser ops\nProxyJump one\n", "web").unwrap(), everywhere);
    }

    #[test]
    fn circles_and_invalid_jump_hosts_are_errors() {
        for config in ["Host web\nProxyJump b\nHost b\nProxyJump web\n", "Host *\nProxyJump a:b\n"] {
            assert_eq!(hops(config, "web").unwrap_err().code, "ssh_failed", "{config}");
        }
    }
}
