//! Settings for joining another Quaylight.

use super::access::{Incomplete, Needed};
use crate::{
    auth::{Role, Scope, Selector},
    far::link::FarAddress,
};
use clap::Parser;
use std::path::PathBuf;

/// Settings for joining another Quaylight.
#[derive(Debug, Clone, Parser)]
pub struct JoinConfig {
    /// Join the Quaylight at this address: this server connects to it, and is shown there. For a
    /// host that cannot be reached from there, such as behind NAT.
    #[arg(long, env = "QUAYLIGHT_JOIN", value_name = "URL", value_parser = address)]
    pub join: Option<FarAddress>,

    /// File with the one-time token that `quaylight engine invite` has printed on the other server.
    /// Needed for the first connection only.
    #[arg(long, env = "QUAYLIGHT_JOIN_TOKEN_FILE", value_name = "FILE")]
    pub join_token_file: Option<PathBuf>,

    /// File with the certificates of the authorities that may have signed the other server's, in PEM
    /// format. Default: those of the system.
    #[arg(long, env = "QUAYLIGHT_JOIN_CA", value_name = "FILE")]
    pub join_ca: Option<PathBuf>,

    /// Role of the other server on this one, for all its users: viewer, operator or admin.
    ///
    /// viewer: see containers, logs and events. operator: also start, stop, restart, pause, kill and
    /// remove containers, and see secrets. admin: also read the audit log.
    #[arg(long, env = "QUAYLIGHT_JOIN_ROLE", default_value = "viewer", value_name = "ROLE")]
    pub join_role: Role,

    /// Show the other server only containers with this label, such as team=web; may be given more
    /// than once (any of them). Default: every container.
    #[arg(long, env = "QUAYLIGHT_JOIN_SCOPE", value_name = "LABEL", value_delimiter = ',')]
    pub join_scope: Vec<Selector>,
}

const JOIN: Needed = ("join", "the address of the other server");

impl JoinConfig {
    /// Containers that the other server may see.
    pub fn scope(&self) -> Scope {
        Scope::new(self.join_scope.clone())
    }

    /// Checks that all required settings are set.
    ///
    /// # Errors
    /// When a setting has no effect because there is no server to join.
    pub fn complete(&self) -> Result<(), Incomplete> {
        let given = [
            ("join-token-file", self.join_token_file.is_some()),
            ("join-ca", self.join_ca.is_some()),
            ("join-role", self.join_role != Role::Viewer),
            ("join-scope", !self.join_scope.is_empty()),
        ];
        let first = given.into_iter().find(|(_, is_given)| *is_given && self.join.is_none());
        first.map_or(Ok(()), |(setting, _)| Err(Incomplete::new(setting, &JOIN)))
    }
}

/// The address of a server to join.
fn address(text: &str) -> Result<FarAddress, String> {
    let address = FarAddress::parse(text)?;
    if address.engine().is_some() || address.token_file().is_some() {
        return Err("expected https://HOST[:PORT][/PATH]; the other server chooses the engine".to_owned());
    }
    Ok(address)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]
    use super::*;

    fn read(arguments: &[&str]) -> Result<JoinConfig, String> {
        let all = std::iter::once(&"quaylight").chain(arguments);
        JoinConfig::try_parse_from(all).map_err(|error| error.to_string())
    }

    #[test]
    fn rights_are_those_of_a_viewer_unless_given() {
        let config = read(&["--join", "https://quay.example.org/below"]).unwrap();
        assert_eq!((config.join_role, config.scope().is_all()), (Role::Viewer, true));
        let config =
            read(&["--join", "https://a", "--join-role", "operator", "--join-scope", "team=web,tier"]).unwrap();
        assert_eq!((config.join_role, config.join_scope.len(), config.complete().is_ok()), (Role::Operator, 2, true));
    }

    #[test]
    fn wrong_settings_are_refused() {
        for (address, words) in [
            ("http://quay.example.org", "unencrypted"),
            ("https://a?engine=b", "server chooses the engine"),
            ("quay.example.org", "expected https://"),
        ] {
            assert!(read(&["--join", address]).unwrap_err().contains(words), "{address}");
        }
        let error = read(&["--join-role", "admin"]).unwrap().complete().unwrap_err();
        assert!(error.to_string().contains("--join-role (QUAYLIGHT_JOIN_ROLE) needs --join"), "{error}");
    }
}
