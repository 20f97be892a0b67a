//! Settings for access control.

use super::values::{base_path, header, host, issuer, lifetime, origin, public_url};
use crate::{audit::AuditLog, auth::GroupRole};
use axum::http::{HeaderName, Uri};
use clap::{Args, builder::BoolishValueParser};
use ipnet::IpNet;
use std::{fmt, net::IpAddr, path::PathBuf, time::Duration};

/// Access control.
#[derive(Debug, Clone, Args)]
pub struct AccessConfig {
    /// Host name to serve, besides localhost and the server's own address; may be given more than
    /// once.
    #[arg(long, env = "QUAYLIGHT_ALLOWED_HOSTS", value_name = "HOST", value_delimiter = ',', value_parser = host)]
    pub allowed_hosts: Vec<String>,

    /// Origin whose pages may send requests, besides the server's own, such as
    /// `https://quay.example.org`; may be given more than once.
    ///
    /// Needed behind a proxy that changes the Host header.
    #[arg(long, env = "QUAYLIGHT_ALLOWED_ORIGINS", value_name = "ORIGIN", value_delimiter = ',', value_parser = origin)]
    pub allowed_origins: Vec<String>,

    /// Proxy whose X-Forwarded-For, -Proto and -Host are trusted: an address or a network such as
    /// 10.0.0.0/8; may be given more than once.
    #[arg(long, env = "QUAYLIGHT_TRUSTED_PROXY", value_name = "ADDRESS", value_delimiter = ',', value_parser = network)]
    pub trusted_proxy: Vec<IpNet>,

    /// Start without sign-in even if the server can be reached from a network or through a proxy:
    /// everyone who reaches it can see every container, and with --allow-actions is root on this
    /// machine.
    #[arg(long, env = "QUAYLIGHT_INSECURE_NO_AUTH", value_parser = BoolishValueParser::new())]
    pub insecure_no_auth: bool,

    /// Lifetime of a session (1m to 366days).
    #[arg(long, env = "QUAYLIGHT_SESSION_LIFETIME", default_value = "7days", value_name = "TIME", value_parser = lifetime)]
    pub session_lifetime: Duration,

    /// File for the audit log, one JSON object per line, or off to disable it. Default: audit.jsonl
    /// in the data folder.
    ///
    /// Only its owner can read it, and it is limited to five files of 4 MiB. Failed sign-ins are in
    /// a file of the same kind beside it, whose name ends in -sign-ins.
    #[arg(long, env = "QUAYLIGHT_AUDIT_LOG", value_name = "FILE|off")]
    pub audit_log: Option<AuditLog>,

    /// Header in which a trusted proxy names the signed-in user, such as Remote-User (Authelia) or
    /// X-Forwarded-User (oauth2-proxy).
    #[arg(long, env = "QUAYLIGHT_PROXY_USER_HEADER", value_name = "HEADER", value_parser = header)]
    pub proxy_user_header: Option<HeaderName>,

    /// Header with which a trusted proxy sends the user's groups, separated by commas, such as
    /// Remote-Groups.
    #[arg(long, env = "QUAYLIGHT_PROXY_GROUPS_HEADER", value_name = "HEADER", value_parser = header)]
    pub proxy_groups_header: Option<HeaderName>,

    /// Role of a group of a proxy or an OpenID provider: GROUP=ROLE or GROUP=ROLE:LABEL, such as
    /// ops=operator:team=web; may be given more than once. Users in none of the groups have no
    /// access.
    #[arg(long, env = "QUAYLIGHT_GROUP_ROLE", value_name = "GROUP=ROLE", value_delimiter = ',')]
    pub group_role: Vec<GroupRole>,

    /// Issuer of the OpenID provider to sign in with, such as
    /// `https://auth.example.org/realms/main`.
    #[arg(long, env = "QUAYLIGHT_OIDC_ISSUER", value_name = "URL", value_parser = issuer)]
    pub oidc_issuer: Option<String>,

    /// Client id of this server at the provider.
    #[arg(long, env = "QUAYLIGHT_OIDC_CLIENT_ID", value_name = "ID")]
    pub oidc_client_id: Option<String>,

    /// File with the client secret; not needed for a public client.
    #[arg(long, env = "QUAYLIGHT_OIDC_CLIENT_SECRET_FILE", value_name = "FILE")]
    pub oidc_client_secret_file: Option<PathBuf>,

    /// Claim with the user's groups.
    #[arg(long, env = "QUAYLIGHT_OIDC_GROUPS_CLAIM", value_name = "CLAIM", default_value = "groups")]
    pub oidc_groups_claim: String,

    /// Path below which everything is served, such as `/quaylight/`, where a proxy serves other
    /// programs under the same name. The proxy must pass the path on unchanged. Default: the path
    /// of --public-url, or none.
    #[arg(long, env = "QUAYLIGHT_BASE_PATH", value_name = "PATH", value_parser = base_path)]
    pub base_path: Option<String>,

    /// Address of this server in browsers, such as `https://quay.example.org`: the provider
    /// redirects there.
    #[arg(long, env = "QUAYLIGHT_PUBLIC_URL", value_name = "URL", value_parser = public_url)]
    pub public_url: Option<String>,
}

impl AccessConfig {
    /// Allowed hosts: those in the settings, and the one of the public address.
    pub fn hosts(&self) -> Vec<String> {
        let public = self.public_url.as_deref().and_then(|url| url.parse::<Uri>().ok());
        let host = public.as_ref().and_then(Uri::host).map(ToOwned::to_owned);
        self.allowed_hosts.iter().cloned().chain(host).collect()
    }

    /// Allowed origins: those in the settings, and the one of the public address.
    pub fn origins(&self) -> Vec<String> {
        let public = self.public_parts().map(|(origin, _)| origin.to_owned());
        self.allowed_origins.iter().cloned().chain(public).collect()
    }

    /// Path below which everything is served, without a trailing slash; empty for the root.
    pub fn base(&self) -> &str {
        let of_url = self.public_parts().map(|(_, path)| path).unwrap_or_default();
        self.base_path.as_deref().unwrap_or(of_url)
    }

    /// Address of this server in browsers, with the path.
    pub fn public_address(&self) -> Option<String> {
        self.public_parts().map(|(origin, _)| format!("{origin}{}", self.base()))
    }

    /// Origin and path of the public address.
    fn public_parts(&self) -> Option<(&str, &str)> {
        let url = self.public_url.as_deref().filter(|url| !url.is_empty())?;
        let path = url.find("://").and_then(|scheme| url[scheme + 3..].find('/').map(|path| scheme + 3 + path));
        Some(url.split_at(path.unwrap_or(url.len())))
    }

    /// Settings that suggest that the server can be reached from a network, through a proxy on this
    /// machine.
    pub fn exposing_settings(&self) -> Vec<&'static str> {
        let has_host = self.allowed_hosts.iter().any(|host| !host.is_empty());
        let has_url = self.public_url.as_deref().is_some_and(|url| !url.is_empty());
        let given = [
            (!self.trusted_proxy.is_empty(), "--trusted-proxy"),
            (has_url, "--public-url"),
            (has_host, "--allowed-hosts"),
        ];
        given.into_iter().filter(|(is_given, _)| *is_given).map(|(_, flag)| flag).collect()
    }

    /// Trusted networks so wide that they include unrelated clients.
    pub fn wide_proxies(&self) -> Vec<IpNet> {
        self.trusted_proxy.iter().copied().filter(is_wide).collect()
    }

    /// Checks that all required settings are set.
    ///
    /// # Errors
    /// When a setting requires another one that is missing.
    pub fn complete(&self) -> Result<(), Incomplete> {
        let has = |value: &Option<String>| value.as_deref().is_some_and(|value| !value.is_empty());
        let missing = |needs: &[(bool, &'static Needed)]| -> Vec<&'static Needed> {
            needs.iter().filter(|(is_there, _)| !is_there).map(|(_, needed)| *needed).collect()
        };
        let found = [
            (
                "proxy-user-header",
                self.proxy_user_header.is_some(),
                missing(&[(!self.trusted_proxy.is_empty(), &PROXY)]),
            ),
            (
                "proxy-groups-header",
                self.proxy_groups_header.is_some(),
                missing(&[(self.proxy_user_header.is_some(), &USER_HEADER)]),
            ),
            (
                "oidc-issuer",
                self.oidc_issuer.is_some(),
                missing(&[(has(&self.oidc_client_id), &CLIENT_ID), (has(&self.public_url), &PUBLIC_URL)]),
            ),
        ];
        let of_url = self.public_parts().map(|(_, path)| path).filter(|path| !path.is_empty());
        if let (Some(base), Some(path)) = (&self.base_path, of_url)
            && base != path
        {
            return Err(Incomplete { setting: "base-path", missing: vec![&SAME_PATH] });
        }
        let incomplete = found.into_iter().find(|(_, is_given, missing)| *is_given && !missing.is_empty());
        incomplete.map_or(Ok(()), |(setting, _, missing)| Err(Incomplete { setting, missing }))
    }

    /// True if a proxy or a provider authenticates users.
    pub fn has_external_sign_in(&self) -> bool {
        self.proxy_user_header.is_some() || self.oidc_issuer.is_some()
    }
}

/// A required setting: its name and value.
pub(super) type Needed = (&'static str, &'static str);

const PROXY: Needed = ("trusted-proxy", "the address from which the proxy sends requests");
const USER_HEADER: Needed = ("proxy-user-header", "the header with the user's name");
const CLIENT_ID: Needed = ("oidc-client-id", "the client id of this server at the provider");
const SAME_PATH: Needed = ("public-url", "with the same path or none");
const PUBLIC_URL: Needed = ("public-url", "the address of this server in browsers, to which the provider redirects");

/// A setting whose required settings are missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incomplete {
    /// Name of the setting in the settings file.
    pub setting: &'static str,
    missing: Vec<&'static Needed>,
}

impl Incomplete {
    /// A setting without another one that it needs.
    pub(super) fn new(setting: &'static str, missing: &'static Needed) -> Self {
        Self { setting, missing: vec![missing] }
    }
}

impl fmt::Display for Incomplete {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let variable = |name: &str| format!("QUAYLIGHT_{}", name.replace('-', "_").to_uppercase());
        write!(f, "--{} ({}) needs ", self.setting, variable(self.setting))?;
        for (place, (name, meaning)) in self.missing.iter().enumerate() {
            let joined = if place == 0 { "" } else { ", and " };
            write!(f, "{joined}--{name} ({}), {meaning}", variable(name))?;
        }
        Ok(())
    }
}

impl std::error::Error for Incomplete {}

/// True if the network is wider than any private one; private networks are `/7` (`fc00::`), `/8`
/// (`10.0.0.0`, `127.0.0.0`) or narrower.
fn is_wide(network: &IpNet) -> bool {
    match network {
        IpNet::V4(network) => network.prefix_len() < 8,
        IpNet::V6(network) => {
            let is_private = network.network().is_unique_local() && network.prefix_len() >= 7;
            network.prefix_len() < 16 && !is_private
        }
    }
}

/// Parses a network; a single address is a network of one.
fn network(text: &str) -> Result<IpNet, String> {
    let address = || text.trim().parse::<IpAddr>().map(IpNet::from);
    let expected = "expected an address or a network such as 10.0.0.0/8";
    text.trim().parse().or_else(|_| address()).map_err(|_| expected.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_wider_than_private_ones_are_wide() {
        for wide in ["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/7", "::/0", "2000::/3", "::/1", "fc00::/6"] {
            assert!(network(wide).is_ok_and(|network| is_wide(&network)), "{wide}");
        }
        for own in
            ["127.0.0.1", "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "fc00::/7", "fd00::/8", "::1", "fe80::/16"]
        {
            assert!(network(own).is_ok_and(|network| !is_wide(&network)), "{own}");
        }
    }
}
