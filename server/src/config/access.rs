//! Settings of who may ask for what.

use super::values::{header, host, issuer, lifetime, origin};
use crate::auth::GroupRole;
use axum::http::{HeaderName, Uri};
use clap::{Args, builder::BoolishValueParser};
use ipnet::IpNet;
use std::{net::IpAddr, path::PathBuf, time::Duration};

/// Who may ask for what.
#[derive(Debug, Clone, Args)]
pub struct AccessConfig {
    /// A host name this server answers to besides localhost and its own address; may be given more than once.
    #[arg(long, env = "QUAYLIGHT_ALLOWED_HOSTS", value_name = "HOST", value_delimiter = ',', value_parser = host)]
    pub allowed_hosts: Vec<String>,

    /// An origin whose pages may ask, besides this server's own, such as `https://quay.example.org`; may be given more than once.
    ///
    /// Needed behind a proxy that passes another Host on than the browser asked for.
    #[arg(long, env = "QUAYLIGHT_ALLOWED_ORIGINS", value_name = "ORIGIN", value_delimiter = ',', value_parser = origin)]
    pub allowed_origins: Vec<String>,

    /// A proxy whose X-Forwarded-For, -Proto and -Host are believed: an address or a network such as 10.0.0.0/8; may be given more than
    /// once.
    #[arg(long, env = "QUAYLIGHT_TRUSTED_PROXY", value_name = "ADDRESS", value_delimiter = ',', value_parser = network)]
    pub trusted_proxy: Vec<IpNet>,

    /// Listen on an address of a network although nobody has to sign in: everyone who reaches it reads every container, and with
    /// --allow-actions is root on this machine.
    #[arg(long, env = "QUAYLIGHT_INSECURE_NO_AUTH", value_parser = BoolishValueParser::new())]
    pub insecure_no_auth: bool,

    /// How long a session lasts (1m to 366days).
    #[arg(long, env = "QUAYLIGHT_SESSION_LIFETIME", default_value = "7days", value_name = "TIME", value_parser = lifetime)]
    pub session_lifetime: Duration,

    /// The header in which a trusted proxy names who has signed in at it, such as Remote-User (Authelia) or X-Forwarded-User
    /// (oauth2-proxy).
    #[arg(long, env = "QUAYLIGHT_PROXY_USER_HEADER", value_name = "HEADER", value_parser = header, requires = "trusted_proxy")]
    pub proxy_user_header: Option<HeaderName>,

    /// The header in which it names their groups, joined by commas, such as Remote-Groups.
    #[arg(long, env = "QUAYLIGHT_PROXY_GROUPS_HEADER", value_name = "HEADER", value_parser = header, requires = "proxy_user_header")]
    pub proxy_groups_header: Option<HeaderName>,

    /// What a group of a proxy or an OpenID provider may do: GROUP=ROLE or GROUP=ROLE:LABEL, such as ops=operator:team=web; may be
    /// given more than once. Who is in none of them may do nothing.
    #[arg(long, env = "QUAYLIGHT_GROUP_ROLE", value_name = "GROUP=ROLE", value_delimiter = ',')]
    pub group_role: Vec<GroupRole>,

    /// Sign in with this OpenID provider: its issuer, such as `https://auth.example.org/realms/main`.
    #[arg(long, env = "QUAYLIGHT_OIDC_ISSUER", value_name = "URL", value_parser = issuer, requires_all = ["oidc_client_id", "public_url"])]
    pub oidc_issuer: Option<String>,

    /// What this server is called there.
    #[arg(long, env = "QUAYLIGHT_OIDC_CLIENT_ID", value_name = "ID")]
    pub oidc_client_id: Option<String>,

    /// A file with this server's secret there; not needed for a public client.
    #[arg(long, env = "QUAYLIGHT_OIDC_CLIENT_SECRET_FILE", value_name = "FILE")]
    pub oidc_client_secret_file: Option<PathBuf>,

    /// The claim that lists a person's groups.
    #[arg(long, env = "QUAYLIGHT_OIDC_GROUPS_CLAIM", value_name = "CLAIM", default_value = "groups")]
    pub oidc_groups_claim: String,

    /// Where browsers reach this server, such as `https://quay.example.org`: the provider leads back there.
    #[arg(long, env = "QUAYLIGHT_PUBLIC_URL", value_name = "URL", value_parser = origin)]
    pub public_url: Option<String>,
}

impl AccessConfig {
    /// The hosts to answer to: those named, and the one that browsers are told of.
    pub fn hosts(&self) -> Vec<String> {
        let public = self.public_url.as_deref().and_then(|url| url.parse::<Uri>().ok());
        let host = public.as_ref().and_then(Uri::host).map(ToOwned::to_owned);
        self.allowed_hosts.iter().cloned().chain(host).collect()
    }

    /// The origins whose pages may ask: those named, and the one that browsers are told of.
    pub fn origins(&self) -> Vec<String> {
        self.allowed_origins.iter().chain(&self.public_url).cloned().collect()
    }

    /// Whether a proxy or a provider says who asks.
    pub fn vouches(&self) -> bool {
        self.proxy_user_header.is_some() || self.oidc_issuer.is_some()
    }
}

/// One address is a network of one.
fn network(text: &str) -> Result<IpNet, String> {
    let address = || text.trim().parse::<IpAddr>().map(IpNet::from);
    let expected = "expected an address or a network such as 10.0.0.0/8";
    text.trim().parse().or_else(|_| address()).map_err(|_| expected.to_owned())
}
